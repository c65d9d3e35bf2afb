// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.zxing.ResultMetadataType;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.InflaterInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.assertj.core.util.Throwables;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NamedNodeMap;
import org.w3c.dom.NodeList;

class QrCodeTest {
    private static final String USUAL_URI = Texts.USUAL_KEY_URIS.get(0);

    /** The forms differ in how they say it, never in what. */
    @Property(tries = 100)
    void everyForm_anyText_showsTheSameModules(
            @ForAll @AlphaChars @StringLength(min = 1, max = 666) String text,
            @ForAll @IntRange(min = 1, max = 8) int pixelsPerModule)
            throws IOException {
        QrCode code = QrCode.of(text);

        boolean[][] modules = Modules.ofPng(code.toPng(pixelsPerModule), pixelsPerModule);

        assertThat(Modules.ofSvg(code.toSvg())).isDeepEqualTo(modules);
        for (Terminal terminal : Terminal.values()) {
            assertThat(Modules.ofText(code.toText(), terminal)).isDeepEqualTo(modules);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.sallyport.qr.Texts#ofEverySize")
    void everyForm_everySize_hasAQuietZoneOfFourModules(String text) throws IOException {
        QrCode code = QrCode.of(text);

        Modules.assertQuietZone(Modules.ofPng(code.toPng(2), 2));
        Modules.assertQuietZone(Modules.ofPng(Form.pngOf(code.toDataUri()), 4));
        Modules.assertQuietZone(Modules.ofSvg(code.toSvg()));
        Modules.assertQuietZone(Modules.ofText(code.toText(), Terminal.DARK));
    }

    @Nested
    class Of {
        @ParameterizedTest
        @CsvSource({"84, 37", "85, 41", "106, 41", "107, 45", "122, 45", "123, 49", "213, 57", "214, 61", "666, 97"})
        void of_ascii_takesTheSmallestVersionThatHoldsIt(int bytes, int modules) {
            assertThat(QrCode.of(Texts.keyUri(bytes))).hasToString("QrCode[" + modules + "x" + modules + " modules]");
        }

        @Test
        void of_667Bytes_isRefusedWithTheReason() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> QrCode.of(Texts.keyUri(667)))
                    .withMessage("a QR code that phones scan easily (version 20, error correction M) holds 666 bytes of"
                            + " UTF-8, and the text has 667");
        }

        @Test
        void of_otherThanAscii_isCountedInUtf8() {
            assertThat(QrCode.of("é".repeat(332) + "x")).hasToString("QrCode[97x97 modules]");
            assertThat(QrCode.of("é".repeat(333))).hasToString("QrCode[101x101 modules]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> QrCode.of("é".repeat(333) + "x"))
                    .withMessageEndingWith("the text has 667");
        }

        @Test
        void of_emptyText_isRefusedWithTheReason() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> QrCode.of(""))
                    .withMessage("an empty text has no QR code");
        }

        @ParameterizedTest
        @ValueSource(strings = {"\uD83E", "\uDD8A", "a\uDD8A\uD83Eb"})
        void of_unpairedSurrogate_isRefusedWithTheReason(String text) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> QrCode.of(text))
                    .withMessage("the text has no UTF-8 form: an unpaired surrogate");
        }

        @ParameterizedTest
        @CsvSource({"60, ''", "1, \uD83E"})
        void of_refusedText_isNowhereInTheException(int times, String end) {
            String secret = "JBSWY3DPEHPK3PXP";

            Throwable thrown = catchThrowable(() -> QrCode.of(secret.repeat(times) + end));

            assertThat(Throwables.getStackTrace(thrown))
                    .contains("IllegalArgumentException")
                    .doesNotContain(secret);
        }

        @Test
        @SuppressWarnings("NullAway")
        void of_null_isRefused() {
            assertThatNullPointerException().isThrownBy(() -> QrCode.of(null)).withMessage("text");
        }

        @Test
        void of_usualUri_hasErrorCorrectionM() throws IOException {
            Picture picture = Picture.ofPng(QrCode.of(USUAL_URI).toPng(1));

            assertThat(Scanner.zxingWithoutSearch(picture).getResultMetadata())
                    .containsEntry(ResultMetadataType.ERROR_CORRECTION_LEVEL, "M");
        }
    }

    @Nested
    class ToSvg {
        @Test
        void toSvg_usualUri_isOneBackgroundAndOnePath() throws Exception {
            List<Element> elements = elements(QrCode.of(USUAL_URI).toSvg());

            assertThat(elements).extracting(Element::getTagName).containsExactly("svg", "rect", "path");
            assertThat(attributes(elements.get(0)))
                    .containsExactlyInAnyOrder(
                            "xmlns=http://www.w3.org/2000/svg",
                            "viewBox=0 0 49 49",
                            "width=196",
                            "height=196",
                            "role=img",
                            "aria-label=QR code",
                            "shape-rendering=crispEdges");
            assertThat(attributes(elements.get(1)))
                    .containsExactlyInAnyOrder("width=49", "height=49", "fill=#fff", "stroke=none");
            assertThat(attributes(elements.get(2)))
                    .filteredOn(attribute -> !attribute.startsWith("d="))
                    .containsExactlyInAnyOrder("fill=none", "stroke=#000", "stroke-width=1", "stroke-linecap=butt");
        }

        @Test
        void toSvg_anyText_hasNothingThatAContentSecurityPolicyStops() {
            assertThat(QrCode.of("<style>*{}</style><script>f()</script>\" onload=\"f()")
                            .toSvg())
                    .isPrintable()
                    .doesNotContainPattern("(?i)style|script|class|href|url|\\bon|[!?&;]");
        }

        @ParameterizedTest
        @FieldSource("dev.sallyport.qr.Texts#USUAL_KEY_URIS")
        void toSvg_usualUri_isSmall(String uri) {
            assertThat(QrCode.of(uri).toSvg()).isASCII().hasSizeLessThan(4_500);
        }

        @Test
        void toSvg_inAPageThatStylesItsIcons_looksTheSame(@TempDir Path folder) throws Exception {
            QrCode code = QrCode.of(USUAL_URI);
            String svg = code.toSvg()
                    .replaceFirst(">", "><style>svg{fill:red;stroke:red;stroke-width:3;stroke-linecap:round}</style>");

            assertThat(Form.rasterised(svg, folder).modules(4)).isDeepEqualTo(Modules.ofPng(code.toPng(4), 4));
        }
    }

    @Nested
    class ToPng {
        @ParameterizedTest
        @ValueSource(ints = {1, 3, 4, 8, 64})
        void toPng_anyScale_isAWellFormedFileOfOneBitGrey(int pixelsPerModule) throws IOException {
            int side = 49 * pixelsPerModule;

            ByteBuffer file = ByteBuffer.wrap(QrCode.of(USUAL_URI).toPng(pixelsPerModule));

            assertThat(file.getLong()).isEqualTo(0x89504E470D0A1A0AL);
            ByteBuffer header = chunk(file, "IHDR");
            assertThat(header.getInt()).as("width").isEqualTo(side);
            assertThat(header.getInt()).as("height").isEqualTo(side);
            assertThat(header.get()).as("bit depth").isEqualTo((byte) 1);
            assertThat(remaining(header))
                    .as("greyscale, and the only compression, filter method and interlacing that the rest allows")
                    .containsExactly(0, 0, 0, 0);
            assertThat(inflated(chunk(file, "IDAT"))).hasSize(side * (1 + (side + 7) / 8));
            assertThat(remaining(chunk(file, "IEND"))).isEmpty();
            assertThat(remaining(file)).isEmpty();
        }

        @Test
        void toPng_everyScale_showsTheSameModulesOpaque() throws IOException {
            QrCode code = QrCode.of("a text");
            boolean[][] modules = Modules.ofPng(code.toPng(1), 1);

            for (int pixelsPerModule = 2; pixelsPerModule <= 64; pixelsPerModule++) {
                BufferedImage image = Picture.ofPng(code.toPng(pixelsPerModule)).image();

                assertThat(image.getWidth()).isEqualTo(29 * pixelsPerModule);
                assertThat(image.getHeight()).isEqualTo(29 * pixelsPerModule);
                assertThat(image.getColorModel().hasAlpha()).isFalse();
                assertThat(new Picture(image).modules(pixelsPerModule)).isDeepEqualTo(modules);
            }
        }

        @ParameterizedTest
        @FieldSource("dev.sallyport.qr.Texts#USUAL_KEY_URIS")
        void toPng_usualUri_isSmall(String uri) {
            QrCode code = QrCode.of(uri);

            assertThat(code.toPng(4)).hasSizeLessThan(700);
            assertThat(code.toPng(8)).hasSizeLessThan(1_100);
        }

        @ParameterizedTest
        @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 65, Integer.MAX_VALUE})
        void toPng_scaleOutOfRange_isRefusedWithTheReason(int pixelsPerModule) {
            QrCode code = QrCode.of("a text");

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> code.toPng(pixelsPerModule))
                    .withMessage("a module has 1 to 64 pixels, not " + pixelsPerModule);
        }
    }

    @Nested
    class ToDataUri {
        @Test
        void toDataUri_usualUri_isThePngAtFourPixelsPerModule() {
            QrCode code = QrCode.of(USUAL_URI);

            assertThat(code.toDataUri()).matches("data:image/png;base64,[A-Za-z0-9+/]+={0,2}");
            assertThat(Form.pngOf(code.toDataUri())).isEqualTo(code.toPng(4));
        }
    }

    @Nested
    class ToText {
        @Test
        void toText_usualUri_isLinesThatSetAndResetTheirColours() {
            String[] lines = QrCode.of(USUAL_URI).toText().split("(?<=\n)");

            assertThat(lines)
                    .hasSize(25)
                    .allMatch(line -> line.matches("\u001B\\[38;5;16;48;5;231m[ ▀▄█]{49}\u001B\\[0m\n"));
        }

        @ParameterizedTest
        @EnumSource
        void toText_onAnyTerminal_coloursNothingBesideItself(Terminal terminal) {
            assertThat(terminal.margins(QrCode.of("a text").toText())).containsOnly(terminal.background());
        }
    }

    @Nested
    class ToString {
        @Test
        void toString_usualUri_tellsNothingButTheSize() {
            assertThat(QrCode.of(USUAL_URI)).hasToString("QrCode[41x41 modules]");
        }
    }

    /** The checks above are worth something only if they can fail. */
    @Nested
    class Guards {
        @ParameterizedTest
        @ValueSource(ints = {3, 5})
        void assertQuietZone_notFourModules_fails(int quietZone) throws IOException {
            boolean[][] modules = Modules.ofPng(QrCode.of("a text").toPng(1), 1);
            int size = 21 + 2 * quietZone;
            boolean[][] planted = new boolean[size][size];
            for (int y = 0; y < 21; y++) {
                System.arraycopy(modules[y + 4], 4, planted[y + quietZone], quietZone, 21);
            }

            assertThatThrownBy(() -> Modules.assertQuietZone(planted)).isInstanceOf(AssertionError.class);
        }

        @Test
        void modules_otherThanBlackOrWhite_fails() throws IOException {
            Picture picture = Picture.ofPng(QrCode.of("a text").toPng(2));

            assertThatThrownBy(() -> picture.modules(29)).isInstanceOf(AssertionError.class);
        }

        @ParameterizedTest
        @ValueSource(strings = {"v1", "L3 3", "m1 1h1"})
        void modules_unknownPathCommand_fails(String command) {
            String svg = QrCode.of("a text").toSvg();

            assertThatThrownBy(() -> Modules.ofSvg(svg.replace("\"/></svg>", command + "\"/></svg>")))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("an unknown path command");
        }

        @Test
        void margins_coloursNotReset_areSeen() {
            String text = QrCode.of("a text").toText().replace("\u001B[0m", "");

            assertThat(Terminal.DARK.margins(text)).contains(0xFFFFFFFF);
        }

        @Test
        void chunk_wrongCrc_fails() {
            byte[] file = QrCode.of("a text").toPng(1);
            file[24] ^= 2;
            ByteBuffer chunks = ByteBuffer.wrap(file).position(8);

            assertThatThrownBy(() -> chunk(chunks, "IHDR"))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("CRC of IHDR");
        }
    }

    private static List<Element> elements(String svg) throws Exception {
        NodeList nodes = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(UTF_8)))
                .getElementsByTagName("*");
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .map(Element.class::cast)
                .toList();
    }

    private static Stream<String> attributes(Element element) {
        NamedNodeMap attributes = element.getAttributes();
        return IntStream.range(0, attributes.getLength())
                .mapToObj(attributes::item)
                .map(attribute -> attribute.getNodeName() + "=" + attribute.getNodeValue());
    }

    /** The content of the next chunk, which has to be of this type and to have the right CRC. */
    private static ByteBuffer chunk(ByteBuffer file, String type) {
        int length = file.getInt();
        ByteBuffer covered = file.slice(file.position(), 4 + length);
        CRC32 crc = new CRC32();
        crc.update(covered.duplicate());
        file.position(file.position() + 4 + length);
        assertThat(file.getInt()).as("CRC of %s", type).isEqualTo((int) crc.getValue());
        byte[] name = new byte[4];
        covered.get(name);
        assertThat(new String(name, UTF_8)).isEqualTo(type);
        return covered.slice();
    }

    private static byte[] remaining(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static byte[] inflated(ByteBuffer content) throws IOException {
        try (InflaterInputStream in = new InflaterInputStream(new ByteArrayInputStream(remaining(content)))) {
            return in.readAllBytes();
        }
    }
}
