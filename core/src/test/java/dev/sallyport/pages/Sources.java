// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What there is in the repository's sources that a page can name: types, nested ones included, and their members. */
final class Sources {
    private final Map<String, Set<String>> membersByType = new HashMap<>();
    private final Set<String> members = new HashSet<>();

    /** Reads main and test sources of every module. */
    Sources(Path root) {
        List<Path> files = TestSources.modulesBelow(root).stream()
                .flatMap(module -> Stream.of(module.resolve("src/main/java"), module.resolve("src/test/java")))
                .filter(Files::isDirectory)
                .flatMap(folder -> TestSources.javaFilesIn(folder).stream())
                .toList();
        for (CompilationUnitTree unit : TestSources.parse(files)) {
            unit.getTypeDecls().forEach(this::add);
        }
    }

    private void add(Tree tree) {
        if (!(tree instanceof ClassTree type)) {
            return;
        }
        Set<String> inside = membersByType.computeIfAbsent(type.getSimpleName().toString(), name -> new HashSet<>());
        for (Tree member : type.getMembers()) {
            if (member instanceof MethodTree method) {
                inside.add(method.getName().toString());
            } else if (member instanceof VariableTree field) {
                inside.add(field.getName().toString());
            } else if (member instanceof ClassTree nested) {
                inside.add(nested.getSimpleName().toString());
                add(nested);
            }
        }
        members.addAll(inside);
    }

    /** Whether there is such a type, or such a member of one: {@code Type}, {@code Outer.Inner}, {@code Type.member}. */
    boolean haveType(String dotted) {
        String[] parts = dotted.split("\\.", -1);
        Set<String> inside = membersByType.get(parts[0]);
        for (int i = 1; i < parts.length && inside != null; i++) {
            if (!inside.contains(parts[i])) {
                return false;
            }
            inside = membersByType.getOrDefault(parts[i], Set.of());
        }
        return inside != null;
    }

    boolean haveMember(String name) {
        return members.contains(name);
    }

    static String read(Path file) {
        try {
            return Files.readString(file, UTF_8).replace("\r", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
