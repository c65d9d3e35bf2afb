// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.zxing.EncodeHintType;
import com.google.zxing.WriterException;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.encoder.ByteMatrix;
import com.google.zxing.qrcode.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * One text as a QR code: error correction level M, the smallest version that holds it, dark modules on opaque white,
 * and a quiet zone of four modules on each side that is part of every form. Immutable, and safe to share between
 * threads.
 *
 * <p>Anyone who sees one of the forms can read the text. A key URI contains the shared secret, and its QR code is as
 * secret: show it over TLS, in a response with {@code Cache-Control: no-store}, and log none of its forms. Neither
 * {@link #toString()} nor an exception repeats the text.
 *
 * <p>This class does not check whether the text is a key URI that an authenticator app understands.
 */
public final class QrCode {
    /** What version 20 holds in byte mode at level M. Larger ones are hard to scan from a screen. */
    private static final int MAX_TEXT_BYTES = 666;

    private static final int QUIET_ZONE = 4;
    private static final int DEFAULT_PIXELS_PER_MODULE = 4;
    private static final int MAX_PIXELS_PER_MODULE = 64;

    private static final byte[] PNG_SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int PNG_HEADER_BYTES = 13;
    private static final int PNG_CHUNK_OVERHEAD = 12;
    private static final byte PNG_BIT_DEPTH = 1;
    private static final byte PNG_FILTER_UP = 2;
    private static final int PNG_DEFLATE_LEVEL = 4;

    /** In the index of a character, bit 0 is the upper half and bit 1 is the lower half. */
    private static final String HALF_BLOCKS = " ▀▄█";

    /**
     * Entries 16 and 231 are black and white by definition. The first sixteen belong to the user's theme, and there are
     * light themes in which "black" is light and "bright white" is dark.
     */
    private static final String BLACK_ON_WHITE = "\u001B[38;5;16;48;5;231m";

    private static final String RESET = "\u001B[0m";

    private final ByteMatrix modules;

    private QrCode(ByteMatrix modules) {
        this.modules = modules;
    }

    /**
     * Encodes a text.
     *
     * <p>Pure ASCII, such as a percent-encoded key URI, is encoded as it is. Any other text is encoded as UTF-8. An ECI
     * segment of 12 bits says so. Therefore 666 bytes of ASCII fit into version 20, but 666 bytes of any other text
     * need version 21.
     *
     * @param text 1 to 666 bytes in UTF-8
     * @return its QR code
     * @throws IllegalArgumentException if the text is empty, is longer, or has an unpaired surrogate
     */
    public static QrCode of(String text) {
        int bytes = utf8Length(Objects.requireNonNull(text, "text"));
        if (bytes == 0) {
            throw new IllegalArgumentException("an empty text has no QR code");
        }
        if (bytes > MAX_TEXT_BYTES) {
            throw new IllegalArgumentException(
                    "a QR code that phones scan easily (version 20, error correction M) holds " + MAX_TEXT_BYTES
                            + " bytes of UTF-8, and the text has " + bytes);
        }
        // ASCII reads the same in every charset that a scanner may assume, and not every scanner knows ECI.
        Map<EncodeHintType, ?> hints = bytes == text.length() ? Map.of() : Map.of(EncodeHintType.CHARACTER_SET, UTF_8);
        try {
            return new QrCode(
                    Encoder.encode(text, ErrorCorrectionLevel.M, hints).getMatrix());
        } catch (WriterException e) {
            throw new AssertionError("version 40 holds three times the longest text", e);
        }
    }

    /**
     * The code as one SVG element, to put into an HTML page as it is or to serve as {@code image/svg+xml}.
     *
     * <p>It works under the strictest Content-Security-Policy: no style, no script, no reference to anything. It is 4
     * pixels per module wide unless the page's own CSS gives it another width, and has the accessible name "QR code".
     *
     * @return {@code <svg …>…</svg>}, pure ASCII, without an XML declaration
     */
    public String toSvg() {
        int size = size();
        int pixels = size * DEFAULT_PIXELS_PER_MODULE;
        StringBuilder svg = new StringBuilder(2 * size * size);
        svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + " " + size + "\" width=\""
                + pixels + "\" height=\"" + pixels
                + "\" role=\"img\" aria-label=\"QR code\" shape-rendering=\"crispEdges\">");
        // These attributes repeat the defaults. Otherwise the code would inherit the style of a page that has a rule
        // "svg {...}".
        svg.append("<rect width=\"" + size + "\" height=\"" + size + "\" fill=\"#fff\" stroke=\"none\"/>");
        svg.append("<path fill=\"none\" stroke=\"#000\" stroke-width=\"1\" stroke-linecap=\"butt\" d=\"");
        appendRuns(svg);
        return svg.append("\"/></svg>").toString();
    }

    /** Draws each run of dark modules as one line of width 1. This takes half as many bytes as an outline. */
    private void appendRuns(StringBuilder path) {
        int end = size() - QUIET_ZONE;
        for (int y = QUIET_ZONE; y < end; y++) {
            int pen = 0; // where the last line of this row ended
            int start = 0;
            for (int x = QUIET_ZONE; x < end; x++) {
                boolean dark = isDark(x, y);
                if (dark && !isDark(x - 1, y)) {
                    start = x;
                    if (pen == 0) {
                        path.append('M').append(x).append(' ').append(y).append(".5");
                    } else {
                        path.append('m').append(x - pen).append(" 0");
                    }
                }
                if (dark && !isDark(x + 1, y)) {
                    pen = x + 1;
                    path.append('h').append(pen - start);
                }
            }
        }
    }

    /**
     * The code as a PNG image: 1-bit grayscale, without transparency.
     *
     * <p>Scanners need about 4 pixels per module or more.
     *
     * @param pixelsPerModule the width and height of a module in pixels, 1 to 64
     * @return the image file
     * @throws IllegalArgumentException if {@code pixelsPerModule} is out of range
     */
    public byte[] toPng(int pixelsPerModule) {
        if (pixelsPerModule < 1 || pixelsPerModule > MAX_PIXELS_PER_MODULE) {
            throw new IllegalArgumentException(
                    "a module has 1 to " + MAX_PIXELS_PER_MODULE + " pixels, not " + pixelsPerModule);
        }
        int side = size() * pixelsPerModule;
        ByteBuffer header = ByteBuffer.allocate(PNG_HEADER_BYTES).putInt(side).putInt(side);
        header.put(PNG_BIT_DEPTH); // and four zeros: grayscale, deflate, the five filters, not interlaced
        byte[] data = pngData(pixelsPerModule);
        ByteBuffer png =
                ByteBuffer.allocate(PNG_SIGNATURE.length + 3 * PNG_CHUNK_OVERHEAD + PNG_HEADER_BYTES + data.length);
        png.put(PNG_SIGNATURE);
        putChunk(png, "IHDR", header.array());
        putChunk(png, "IDAT", data);
        putChunk(png, "IEND", new byte[0]);
        return png.array();
    }

    private byte[] pngData(int pixelsPerModule) {
        int size = size();
        // A row of pixels begins with the number of its filter; 0 is none. In the bits after that, 1 is white. A row of
        // modules begins with one row of pixels. The filter "up" then repeats that row until the modules are as high as
        // they are wide.
        int rowBytes = 1 + (size * pixelsPerModule + 7) / 8;
        byte[] rows = new byte[rowBytes * pixelsPerModule];
        for (int repeat = 1; repeat < pixelsPerModule; repeat++) {
            rows[repeat * rowBytes] = PNG_FILTER_UP;
        }
        // The default level takes over twice as long at 8 pixels per module, and saves a tenth.
        Deflater deflater = new Deflater(PNG_DEFLATE_LEVEL);
        deflater.setStrategy(Deflater.FILTERED);
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        try (OutputStream deflated = new DeflaterOutputStream(data, deflater)) {
            for (int y = 0; y < size; y++) {
                Arrays.fill(rows, 0, rowBytes, (byte) 0);
                for (int x = 0; x < size; x++) {
                    if (!isDark(x, y)) {
                        for (int pixel = x * pixelsPerModule; pixel < (x + 1) * pixelsPerModule; pixel++) {
                            rows[1 + pixel / 8] |= (byte) (0x80 >> pixel % 8);
                        }
                    }
                }
                deflated.write(rows);
            }
        } catch (IOException e) {
            throw new AssertionError("writing to memory does not fail", e);
        } finally {
            deflater.end();
        }
        return data.toByteArray();
    }

    private static void putChunk(ByteBuffer png, String type, byte[] content) {
        png.putInt(content.length);
        int start = png.position();
        png.put(type.getBytes(UTF_8)).put(content);
        CRC32 crc = new CRC32();
        crc.update(png.slice(start, png.position() - start));
        png.putInt((int) crc.getValue());
    }

    /**
     * The code as a {@code data:} URI, to be the {@code src} of an HTML {@code <img>}: the PNG at 4 pixels per module.
     *
     * <p>A Content-Security-Policy has to allow it with {@code img-src data:}; if yours must not, use {@link #toSvg()}.
     * It is an image, not a link: browsers refuse to navigate to it.
     *
     * @return {@code data:image/png;base64,…}
     */
    public String toDataUri() {
        return "data:image/png;base64," + Base64.getEncoder().encodeToString(toPng(DEFAULT_PIXELS_PER_MODULE));
    }

    /**
     * The code as lines of half-block characters for a terminal, two modules to a character.
     *
     * <p>On a dark terminal, half blocks without colors would be inverted, and many scanners do not read an inverted
     * code. So each line sets black on white and resets it before its end. It uses the ANSI sequence for entries 16 and
     * 231 of the 256-color palette, which themes do not change. The colors are content and not decoration: many
     * scanners cannot read the code without them. Therefore this method ignores {@code NO_COLOR}, and its result may be
     * printed even if that is set.
     *
     * <p>It needs a terminal that knows 256 colors and block characters, a stream that encodes block characters, such
     * as UTF-8, and as many columns as modules: 49 by 25 lines for a short key URI, 105 by 53 for 666 bytes of ASCII.
     *
     * @return the lines, each ended by {@code \n}
     */
    public String toText() {
        int size = size();
        StringBuilder text = new StringBuilder((size + 1) / 2 * (size + BLACK_ON_WHITE.length() + RESET.length() + 1));
        for (int y = 0; y < size; y += 2) {
            text.append(BLACK_ON_WHITE);
            for (int x = 0; x < size; x++) {
                text.append(HALF_BLOCKS.charAt((isDark(x, y) ? 1 : 0) + (isDark(x, y + 1) ? 2 : 0)));
            }
            text.append(RESET).append('\n');
        }
        return text.toString();
    }

    /**
     * Returns the size of the code without its quiet zone. It shows nothing of the text.
     *
     * @return for instance {@code QrCode[41x41 modules]}
     */
    @Override
    public String toString() {
        return "QrCode[" + modules.getWidth() + "x" + modules.getHeight() + " modules]";
    }

    /** Modules on a side, with the quiet zone. */
    private int size() {
        return modules.getWidth() + 2 * QUIET_ZONE;
    }

    /**
     * Whether a module is dark, counted from the corner of the quiet zone. All modules outside the symbol are light.
     */
    private boolean isDark(int x, int y) {
        int column = x - QUIET_ZONE;
        int row = y - QUIET_ZONE;
        return column >= 0
                && row >= 0
                && column < modules.getWidth()
                && row < modules.getHeight()
                && modules.get(column, row) != 0;
    }

    private static int utf8Length(String text) {
        try {
            return UTF_8.newEncoder().encode(CharBuffer.wrap(text)).remaining();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the text has no UTF-8 form: an unpaired surrogate", e);
        }
    }
}
