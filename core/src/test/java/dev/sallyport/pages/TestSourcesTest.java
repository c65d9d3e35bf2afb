// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.pages.TestSources.TestMethod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestSourcesTest {
    @TempDir
    Path root;

    private TestSources reading(String source) throws IOException {
        return reading("core/src/test/java/SomeTest.java", source);
    }

    private TestSources reading(String file, String source) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, source);
        return TestSources.below(root);
    }

    @Test
    void below_eachKindOfTest_isListedInOrder() throws IOException {
        TestSources sources = reading("""
                class SomeTest {
                    @Test void a() {}
                    @ParameterizedTest @ValueSource(ints = 1) void b(int n) {}
                    @RepeatedTest(2) void c() {}
                    @Property(tries = 3) void d() {}
                    @Example void e() {}
                    @TestFactory List<DynamicTest> f() { return List.of(); }
                    @com.code_intelligence.jazzer.junit.FuzzTest void g(byte[] input) {}
                    @BeforeEach void before() {}
                    void helper() {}
                }
                """);

        assertThat(sources.all()).extracting(TestMethod::method).containsExactly("a", "b", "c", "d", "e", "f", "g");
    }

    @Test
    void below_annotationOfOursThatMakesATest_isKnown() throws IOException {
        Files.createDirectories(root.resolve("core/src/test/java"));
        Files.writeString(root.resolve("core/src/test/java/Twice.java"), "@ParameterizedTest @interface Twice {}");

        assertThat(reading("class SomeTest { @Twice void a(int n) {} }").all()).hasSize(1);
    }

    @Test
    void below_annotationOfOursThatMakesNone_isNone() throws IOException {
        Files.createDirectories(root.resolve("core/src/test/java"));
        Files.writeString(root.resolve("core/src/test/java/Slow.java"), "@Tag(\"slow\") @interface Slow {}");

        assertThat(reading("class SomeTest { @Slow void a() {} }").all()).isEmpty();
    }

    @Test
    void below_nestedClass_isNamedFromTheOutside() throws IOException {
        TestSources sources = reading("class SomeTest { class Verify { class Twice { @Test void a() {} } } }");

        assertThat(sources.all()).extracting(TestMethod::qualifiedName).containsExactly("SomeTest.Verify.Twice.a");
    }

    @Test
    void below_titles_areReadWholeOrAbsent() throws IOException {
        TestSources sources = reading("""
                class SomeTest {
                    @Test @DisplayName("one") void a() {}
                    @Test @DisplayName("one, " + ("two" + ", three")) void b() {}
                    @Property @Label(value = "four") void c() {}
                    @Test void d() {}
                }
                """);

        assertThat(sources.all())
                .extracting(TestMethod::title)
                .containsExactly(
                        Optional.of("one"), Optional.of("one, two, three"), Optional.of("four"), Optional.empty());
    }

    @Test
    void below_titleThatIsNoLiteral_isRefused() {
        assertThatThrownBy(() -> reading("class SomeTest { @Test @DisplayName(NAME) void a() {} }"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("NAME");
    }

    @Test
    void below_disabledOnMethodOrAnyClassAround_isDisabled() throws IOException {
        TestSources sources = reading("""
                class SomeTest {
                    @Test void runs() {}
                    @Test @Disabled void off() {}
                    @Disabled("why") class Off { class Inside { @Test void offToo() {} } }
                    class On { @Test void runsToo() {} }
                }
                """);

        assertThat(sources.all())
                .filteredOn(TestMethod::disabled)
                .extracting(TestMethod::method)
                .containsExactly("off", "offToo");
    }

    @Test
    void below_sourceThatDoesNotParse_isRefused() {
        assertThatThrownBy(() -> reading("class SomeTest { @Test void a( }"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("SomeTest.java");
    }

    @Test
    void below_everyModule_isRead() throws IOException {
        List<String> folders = List.of(
                "core/src/test/java",
                "core/testing/src/test/java",
                "core/spring-boot-starter/src/test/java",
                "qr/src/test/java",
                "storage-spi/any/src/test/java",
                "examples/any/src/test/java",
                "storage-spi/conformance/src/main/java");
        for (String folder : folders) {
            reading(folder + "/SomeTest.java", "class SomeTest { @Test void a() {} }");
        }
        reading("core/src/main/java/Other.java", "class Other { @Test void notHere() {} }");
        reading("core/target/generated/Other.java", "class Other { @Test void norHere() {} }");

        assertThat(TestSources.below(root).all())
                .extracting(TestMethod::file)
                .containsExactlyInAnyOrderElementsOf(folders.stream()
                        .map(folder -> root.resolve(folder).resolve("SomeTest.java"))
                        .toList());
    }

    @Test
    void below_nothing_isEmpty() {
        assertThat(TestSources.below(root).all()).isEmpty();
    }

    @Nested
    class Called {
        private static final String TWO_PLACES = """
                class SomeTest {
                    class Verify { @Test void once() {} @Test void both() {} @Test void both(int again) {} }
                    class Enroll { @Test void both() {} }
                }
                """;

        @Test
        void called_withoutTheNestedClass_isFound() throws IOException {
            assertThat(reading(TWO_PLACES).called("SomeTest.once"))
                    .extracting(TestMethod::qualifiedName)
                    .containsExactly("SomeTest.Verify.once");
        }

        @Test
        @DisplayName("A name that two tests share is found twice; with the nested class it is found once")
        void called_nameInTwoNestedClasses_isDistinguishedByTheClass() throws IOException {
            assertThat(reading(TWO_PLACES).called("SomeTest.both")).hasSize(2);
            assertThat(reading(TWO_PLACES).called("SomeTest.Enroll.both")).hasSize(1);
            assertThat(reading(TWO_PLACES).called("SomeTest.Verify.both")).hasSize(1);
        }

        @Test
        void called_sameClassNameInTwoModules_isFoundTwice() throws IOException {
            reading(TWO_PLACES);

            assertThat(reading("qr/src/test/java/SomeTest.java", TWO_PLACES).called("SomeTest.once"))
                    .hasSize(2);
        }

        @Test
        void called_unknown_isNotFound() throws IOException {
            assertThat(reading(TWO_PLACES).called("SomeTest.never")).isEmpty();
            assertThat(reading(TWO_PLACES).called("once")).isEmpty();
            assertThat(reading(TWO_PLACES).called("Verify.once")).isEmpty();
        }
    }

    @Nested
    @DisplayName("This repository")
    class Repository {
        @Test
        void ofRepository_thisVeryTest_isFoundWithWhatItSays() {
            List<TestMethod> found = TestSources.ofRepository()
                    .called("TestSourcesTest.ofRepository_thisVeryTest_isFoundWithWhatItSays");

            assertThat(found).hasSize(1);
            assertThat(found.get(0).className()).isEqualTo("TestSourcesTest.Repository");
            assertThat(found.get(0).disabled()).isFalse();
            assertThat(found.get(0).file()).hasFileName("TestSourcesTest.java");
        }

        @Test
        void ofRepository_everyModuleThatHasTests_isThere() {
            assertThat(TestSources.ofRepository().all())
                    .extracting(method -> TestSources.root()
                            .relativize(method.file())
                            .toString()
                            .replaceFirst("/src/.*", "")
                            .replaceFirst("^storage-spi/conformance$", "kit"))
                    .contains("core", "qr", "storage-spi/spi", "storage-spi/jdbc", "kit")
                    .contains("examples/terminal", "examples/web", "examples/jakarta", "examples/cluster");
        }
    }
}
