// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ParenthesizedTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The test methods of every module, read from their sources by the JDK's own parser, so that a page can name a test.
 *
 * <p>A page names one as {@code Outer.method}; the classes between are left out, unless needed to tell two apart:
 * {@code Outer.Inner.method}. What is inherited counts where it is written. A test that runs only under a condition
 * counts as one that runs.
 */
public final class TestSources {
    private static final Set<String> TESTS = Set.of(
            "Test",
            "ParameterizedTest",
            "RepeatedTest",
            "TestFactory",
            "TestTemplate",
            "Property",
            "Example",
            "FuzzTest");

    /**
     * A test method.
     *
     * @param className from the top-level class inwards, as {@code Outer.Inner}
     * @param method its name
     * @param title its display name or label, if it has one
     * @param file where it is written
     * @param disabled whether it, or a class around it, is switched off
     */
    public record TestMethod(String className, String method, Optional<String> title, Path file, boolean disabled) {
        /** {@code Outer.Inner.method}. */
        public String qualifiedName() {
            return className + "." + method;
        }

        boolean isCalled(String name) {
            String outer = className.split("\\.", 2)[0];
            return name.equals(qualifiedName()) || name.equals(outer + "." + method);
        }
    }

    private final List<TestMethod> methods;

    private TestSources(List<TestMethod> methods) {
        this.methods = List.copyOf(methods);
    }

    /** Reads all modules of the repository that the working directory is in. */
    public static TestSources ofRepository() {
        return below(root());
    }

    /** Reads all modules below a repository's root. */
    public static TestSources below(Path root) {
        List<CompilationUnitTree> units = parse(sourcesBelow(root));
        Set<String> tests = new HashSet<>(TESTS);
        units.forEach(unit -> unit.getTypeDecls().forEach(type -> addComposed(type, tests)));
        List<TestMethod> found = new ArrayList<>();
        for (CompilationUnitTree unit : units) {
            Path file = Path.of(unit.getSourceFile().toUri());
            for (Tree type : unit.getTypeDecls()) {
                if (type instanceof ClassTree declared) {
                    read(declared, "", false, file, tests, found);
                }
            }
        }
        return new TestSources(found);
    }

    /** The root of the repository that the working directory is in. */
    public static Path root() {
        Path start = Path.of("").toAbsolutePath();
        for (Path at = start; at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("storage-spi")) && Files.isRegularFile(at.resolve("core/pom.xml"))) {
                return at;
            }
        }
        throw new IllegalStateException("no repository around " + start);
    }

    /** All of them, by file and in the order in which they are written. */
    public List<TestMethod> all() {
        return methods;
    }

    /**
     * Those that a name on a page can mean, one of each qualified name and file: none is a mistake, and so are several.
     *
     * @param name {@code Outer.method} or {@code Outer.Inner.method}
     */
    public List<TestMethod> called(String name) {
        List<TestMethod> found = new ArrayList<>();
        for (TestMethod method : methods) {
            boolean overload = found.stream()
                    .anyMatch(other -> other.file().equals(method.file())
                            && other.qualifiedName().equals(method.qualifiedName()));
            if (method.isCalled(name) && !overload) {
                found.add(method);
            }
        }
        return found;
    }

    private static List<Path> sourcesBelow(Path root) {
        List<Path> folders = new ArrayList<>();
        modulesBelow(root).forEach(module -> folders.add(module.resolve("src/test/java")));
        // The conformance kit is published, and its class is full of tests all the same.
        folders.add(root.resolve("storage-spi/conformance/src/main/java"));
        return folders.stream()
                .filter(Files::isDirectory)
                .flatMap(folder -> javaFilesIn(folder).stream())
                .sorted()
                .toList();
    }

    static List<Path> modulesBelow(Path root) {
        List<Path> modules = new ArrayList<>(Stream.of("core", "core/testing", "core/spring-boot-starter", "qr")
                .map(root::resolve)
                .toList());
        modules.addAll(foldersIn(root.resolve("storage-spi")));
        modules.addAll(foldersIn(root.resolve("examples")));
        return modules;
    }

    private static List<Path> foldersIn(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(Files::isDirectory).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> javaFilesIn(Path folder) {
        try (Stream<Path> inside = Files.walk(folder)) {
            return inside.filter(file -> file.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<CompilationUnitTree> parse(List<Path> files) {
        if (files.isEmpty()) {
            return List.of();
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> complaints = new DiagnosticCollector<>();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(complaints, Locale.ROOT, UTF_8)) {
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, complaints, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
            List<CompilationUnitTree> units = new ArrayList<>();
            task.parse().forEach(units::add);
            if (!complaints.getDiagnostics().isEmpty()) {
                throw new IllegalStateException(complaints.getDiagnostics().toString());
            }
            return units;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An annotation of ours that carries a test annotation makes a test too. */
    private static void addComposed(Tree type, Set<String> tests) {
        if (type.getKind() == Tree.Kind.ANNOTATION_TYPE
                && type instanceof ClassTree declared
                && annotated(declared.getModifiers().getAnnotations(), tests)) {
            tests.add(declared.getSimpleName().toString());
        }
    }

    private static void read(
            ClassTree type, String around, boolean disabled, Path file, Set<String> tests, List<TestMethod> found) {
        String className = around + type.getSimpleName();
        boolean off = disabled || isDisabled(type.getModifiers().getAnnotations());
        for (Tree member : type.getMembers()) {
            if (member instanceof ClassTree nested) {
                read(nested, className + ".", off, file, tests, found);
            } else if (member instanceof MethodTree method) {
                List<? extends AnnotationTree> annotations =
                        method.getModifiers().getAnnotations();
                if (annotated(annotations, tests)) {
                    found.add(new TestMethod(
                            className,
                            method.getName().toString(),
                            title(annotations),
                            file,
                            off || isDisabled(annotations)));
                }
            }
        }
    }

    private static boolean isDisabled(List<? extends AnnotationTree> annotations) {
        return annotated(annotations, Set.of("Disabled"));
    }

    private static boolean annotated(List<? extends AnnotationTree> annotations, Set<String> names) {
        return annotations.stream().anyMatch(annotation -> names.contains(simpleName(annotation)));
    }

    private static String simpleName(AnnotationTree annotation) {
        String name = annotation.getAnnotationType().toString();
        return name.substring(name.lastIndexOf('.') + 1);
    }

    private static Optional<String> title(List<? extends AnnotationTree> annotations) {
        return annotations.stream()
                .filter(annotation -> Set.of("DisplayName", "Label").contains(simpleName(annotation)))
                .findFirst()
                .map(annotation -> text(annotation.getArguments().get(0)));
    }

    private static String text(ExpressionTree expression) {
        if (expression instanceof AssignmentTree assignment) {
            return text(assignment.getExpression());
        }
        if (expression instanceof ParenthesizedTree parentheses) {
            return text(parentheses.getExpression());
        }
        if (expression instanceof BinaryTree sum && sum.getKind() == Tree.Kind.PLUS) {
            return text(sum.getLeftOperand()) + text(sum.getRightOperand());
        }
        if (expression instanceof LiteralTree literal) {
            return String.valueOf(literal.getValue());
        }
        throw new IllegalStateException("a test's title is made of literals, and not of " + expression);
    }
}
