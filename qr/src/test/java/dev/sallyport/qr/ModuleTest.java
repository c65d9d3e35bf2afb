// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.qrcode.encoder.Encoder;
import java.awt.Color;
import java.io.File;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** The module stands on java.base and ZXing core: it runs in an image that was built without java.desktop. */
class ModuleTest {
    @Nested
    class Descriptor {
        @Test
        void requires_nothingButZxing() throws Exception {
            try (InputStream in = Files.newInputStream(placeOf(QrCode.class).resolve("module-info.class"))) {
                ModuleDescriptor module = ModuleDescriptor.read(in);

                assertThat(module.requires())
                        .extracting(ModuleDescriptor.Requires::name)
                        .containsExactlyInAnyOrder("java.base", "com.google.zxing", "org.jspecify");
                assertThat(module.exports())
                        .extracting(ModuleDescriptor.Exports::source)
                        .containsExactly("dev.sallyport.qr");
            }
        }
    }

    @Test
    @DisplayName("[53] GoogleAuth: the secret goes to no third party, because no class here can open a connection")
    void classes_ofTheModule_nameNothingOfTheNetwork() throws Exception {
        assertThat(classesThatNameTheNetworkBesides(QrCode.class)).isEmpty();

        assertThat(classesThatNameTheNetworkBesides(ModuleTest.class))
                .as("this one names java.net.URISyntaxException, and is found")
                .anyMatch(file -> file.endsWith("ModuleTest.class"));
    }

    /** A class file names the classes that it uses in plain letters. */
    private static List<Path> classesThatNameTheNetworkBesides(Class<?> one) throws Exception {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(placeOf(one))) {
            for (Path file :
                    files.filter(any -> any.toString().endsWith(".class")).toList()) {
                String names = new String(Files.readAllBytes(file), ISO_8859_1);
                if (Stream.of("java/net/", "javax/net/", "java/nio/channels/").anyMatch(names::contains)) {
                    found.add(file);
                }
            }
        }
        return found;
    }

    @Nested
    class JavaBaseAlone {
        @Test
        void everyForm_isDrawn() throws Exception {
            assertThat(run(DrawEveryForm.class)).endsWith("all drawn\n");
        }

        @Test
        void javaDesktop_isMissing() throws Exception {
            assertThat(run(UseJavaDesktop.class)).contains("NoClassDefFoundError: java/awt/Color");
        }

        private static String run(Class<?> main) throws Exception {
            List<String> classPath = new ArrayList<>();
            for (Class<?> type : List.of(QrCode.class, ModuleTest.class, Encoder.class)) {
                classPath.add(placeOf(type).toString());
            }
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--limit-modules=java.base",
                            "--class-path=" + String.join(File.pathSeparator, classPath),
                            main.getName())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), UTF_8);
            process.waitFor();
            return output;
        }
    }

    static final class DrawEveryForm {
        private DrawEveryForm() {}

        public static void main(String[] arguments) {
            QrCode code = QrCode.of("a text");
            boolean drawn = code.toSvg().length() > 0
                    && code.toPng(4).length > 0
                    && code.toDataUri().length() > 0
                    && code.toText().length() > 0;
            System.out.print(drawn ? "all drawn\n" : "nothing\n");
        }
    }

    static final class UseJavaDesktop {
        private UseJavaDesktop() {}

        public static void main(String[] arguments) {
            System.out.print(new Color(0) + "\n");
        }
    }

    private static Path placeOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }
}
