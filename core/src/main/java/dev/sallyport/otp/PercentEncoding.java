// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;

/**
 * Percent-encoding of text in UTF-8, RFC 3986 section 2. The classes of java.net are not used, because they encode as
 * HTML forms do and write a space as a plus.
 */
final class PercentEncoding {
    /** Section 2.1 asks for upper case. */
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private PercentEncoding() {}

    /** Encodes every byte that is not unreserved. The text has no unpaired surrogates. */
    static String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(UTF_8)) {
            if (isUnreserved(b)) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(HEX.toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    /** Section 2.3. */
    private static boolean isUnreserved(byte b) {
        boolean letter = (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z');
        return letter || (b >= '0' && b <= '9') || b == '-' || b == '.' || b == '_' || b == '~';
    }

    /** Decodes. Characters that should have been encoded and are not stay as they are. No surrogate is unpaired. */
    static String decode(String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        byte[] in = encoded.getBytes(UTF_8);
        byte[] out = new byte[in.length];
        int length = 0;
        boolean ascii = true;
        for (int i = 0; i < in.length; i++) {
            int next = in[i];
            if (next == '%') {
                if (i + 2 >= in.length || !HexFormat.isHexDigit(in[i + 1]) || !HexFormat.isHexDigit(in[i + 2])) {
                    throw new IllegalArgumentException(
                            "the key URI contains a % without two hexadecimal digits behind it");
                }
                next = (byte) (16 * HexFormat.fromHexDigit(in[i + 1]) + HexFormat.fromHexDigit(in[i + 2]));
                i += 2;
            }
            ascii &= next >= 0;
            out[length] = (byte) next;
            length++;
        }
        // Most names are ASCII, and do without the decoder, which costs more than all the rest.
        if (ascii) {
            return new String(out, 0, length, US_ASCII);
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(out, 0, length)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the key URI contains percent-encoded bytes that are not UTF-8", e);
        }
    }
}
