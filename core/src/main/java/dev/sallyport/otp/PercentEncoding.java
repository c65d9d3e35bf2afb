// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.HexFormat;

/**
 * Percent-encoding of text in UTF-8, RFC 3986 section 2. The classes of java.net are not used, because they encode as
 * HTML forms do and write a space as a plus.
 */
final class PercentEncoding {
    /** Section 2.3. */
    private static final String UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    /** Section 2.1 asks for upper case. */
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private PercentEncoding() {}

    /** Encodes every byte that is not unreserved. The text has no unpaired surrogates. */
    static String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(UTF_8)) {
            if (UNRESERVED.indexOf(b) >= 0) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(HEX.toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    /** Decodes. Characters that should have been encoded and are not stay as they are. No surrogate is unpaired. */
    static String decode(String encoded) {
        byte[] in = encoded.getBytes(UTF_8);
        ByteBuffer out = ByteBuffer.allocate(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] != '%') {
                out.put(in[i]);
            } else if (i + 2 < in.length && HexFormat.isHexDigit(in[i + 1]) && HexFormat.isHexDigit(in[i + 2])) {
                out.put((byte) (16 * HexFormat.fromHexDigit(in[i + 1]) + HexFormat.fromHexDigit(in[i + 2])));
                i += 2;
            } else {
                throw new IllegalArgumentException("the key URI contains a % without two hexadecimal digits behind it");
            }
        }
        try {
            return UTF_8.newDecoder().decode(out.flip()).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("the key URI contains percent-encoded bytes that are not UTF-8", e);
        }
    }
}
