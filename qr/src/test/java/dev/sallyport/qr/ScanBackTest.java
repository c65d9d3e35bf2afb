// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every form of a QR code shows its text to two scanners, of which one has nothing to do with the encoder. */
class ScanBackTest {
    @ParameterizedTest
    @EnumSource
    void zxing_everyText_readsItBack(Form form, @TempDir Path folder) throws Exception {
        assertReadsBack(Scanner.ZXING, Texts.ofEverySize(), pictures(form, folder), folder);
    }

    @ParameterizedTest
    @EnumSource
    void zbar_everyText_readsItBack(Form form, @TempDir Path folder) throws Exception {
        assertReadsBack(Scanner.ZBAR, Texts.ofEverySize(), pictures(form, folder), folder);
    }

    private static List<Picture> pictures(Form form, Path folder) throws Exception {
        List<Picture> pictures = new ArrayList<>();
        for (String text : Texts.ofEverySize()) {
            pictures.add(form.picture(QrCode.of(text), folder));
        }
        return pictures;
    }

    private static void assertReadsBack(Scanner scanner, List<String> texts, List<Picture> pictures, Path folder)
            throws Exception {
        assertThat(scanner.scan(pictures, folder)).isEqualTo(texts);
    }

    @Property(tries = 300)
    void zxing_anyText_readsItBack(@ForAll("texts") String text) throws Exception {
        assertThat(Scanner.zxingWithoutSearch(Picture.ofPng(QrCode.of(text).toPng(1)))
                        .getText())
                .isEqualTo(text);
    }

    /** 1 to 666 bytes of UTF-8: pure ASCII, two bytes each, anything, and all of them mixed. */
    @Provide
    Arbitrary<String> texts() {
        Arbitrary<Integer> ascii = Arbitraries.integers().between(0, 0x7F);
        Arbitrary<Integer> latin = Arbitraries.integers().between(0x80, 0x7FF);
        Arbitrary<Integer> any = Arbitraries.integers()
                .between(0, Character.MAX_CODE_POINT)
                .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE);
        Arbitrary<Integer> mixed = Arbitraries.oneOf(ascii, latin, any);
        return Arbitraries.of(ascii, latin, any, mixed)
                .flatMap(characters -> characters.list().ofMinSize(1).ofMaxSize(666))
                .map(ScanBackTest::first666Bytes);
    }

    private static String first666Bytes(List<Integer> codePoints) {
        StringBuilder text = new StringBuilder();
        int bytes = 0;
        for (int codePoint : codePoints) {
            String character = Character.toString(codePoint);
            bytes += character.getBytes(UTF_8).length;
            if (bytes > 666) {
                break;
            }
            text.append(character);
        }
        return text.toString();
    }

    /** The tests above are worth something only if they can fail. */
    @Nested
    class Guards {
        @ParameterizedTest
        @EnumSource
        void scan_anotherText_fails(Scanner scanner, @TempDir Path folder) throws Exception {
            List<Picture> pictures = List.of(png("a text"), png("another text"));

            assertReadsBack(scanner, List.of("a text", "another text"), pictures, folder);
            assertThatThrownBy(() -> assertReadsBack(scanner, List.of("a text", "a text"), pictures, folder))
                    .isInstanceOf(AssertionError.class);
        }

        @ParameterizedTest
        @EnumSource
        void scan_emptyPicture_fails(Scanner scanner, @TempDir Path folder) throws Exception {
            Picture empty = new Picture(new BufferedImage(200, 200, BufferedImage.TYPE_INT_RGB));

            assertReadsBack(scanner, List.of("a text"), List.of(png("a text")), folder);
            assertThatThrownBy(() -> scanner.scan(List.of(png("a text"), empty), folder))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("finds no code");
        }

        @ParameterizedTest
        @EnumSource
        void scan_plainHalfBlocksOnDark_fails(Scanner scanner, @TempDir Path folder) throws Exception {
            String plain = QrCode.of("a text").toText().replaceAll("\u001B\\[[0-9;]*m", "");

            assertThat(scanner.scan(List.of(Terminal.LIGHT.screen(plain)), folder))
                    .containsExactly("a text");
            assertThatThrownBy(() -> scanner.scan(List.of(Terminal.DARK.screen(plain)), folder))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("finds no code");
        }

        @ParameterizedTest
        @EnumSource
        void scan_themesOwnBlackAndWhite_failsWhereItSwapsThem(Scanner scanner, @TempDir Path folder) throws Exception {
            String themed = QrCode.of("a text").toText().replace("38;5;16;48;5;231", "30;107");

            assertThat(scanner.scan(List.of(Terminal.DARK.screen(themed)), folder))
                    .containsExactly("a text");
            assertThatThrownBy(() -> scanner.scan(List.of(Terminal.LIGHT_WITH_SWAPPED_PALETTE.screen(themed)), folder))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("finds no code");
        }

        private static Picture png(String text) throws Exception {
            return Picture.ofPng(QrCode.of(text).toPng(4));
        }
    }
}
