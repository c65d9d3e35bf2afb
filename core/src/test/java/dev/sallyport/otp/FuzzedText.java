// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;

/** Any text from any bytes. They are read as UTF-8, and bytes that are not UTF-8 as unpaired surrogates. */
public final class FuzzedText {
    private FuzzedText() {}

    public static String of(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CharBuffer text = CharBuffer.allocate(bytes.length);
        CharsetDecoder decoder = UTF_8.newDecoder();
        while (in.hasRemaining()) {
            CoderResult result = decoder.reset().decode(in, text, true);
            for (int i = 0; result.isError() && i < result.length(); i++) {
                int b = Byte.toUnsignedInt(in.get());
                text.put((char) ((b < 0xC0 ? Character.MIN_LOW_SURROGATE : Character.MIN_HIGH_SURROGATE) + b));
            }
        }
        return text.flip().toString();
    }
}
