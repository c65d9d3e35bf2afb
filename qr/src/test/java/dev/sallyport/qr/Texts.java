// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/** Texts to draw: key URIs of every size, and others. */
final class Texts {
    private static final String SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    /** 92 and 130 bytes: one that leaves the defaults out, and one with all parameters. */
    static final List<String> USUAL_KEY_URIS = List.of(
            "otpauth://totp/Acme:alice%40acme.example?secret=" + SECRET + "&issuer=Acme",
            "otpauth://totp/Acme:bob.smith%40acme.example?secret=" + SECRET
                    + "&issuer=Acme&algorithm=SHA1&digits=6&period=30");

    private static final List<String> UNICODE_NAMES =
            List.of("Zürich 例", "Пример: почта", "مثال", "דוגמה", "🦊🔐", "e\u0301 ﬁ ß", "a&b=c#?/%+");

    private Texts() {}

    static String keyUri(int length) {
        StringBuilder uri = new StringBuilder("otpauth://totp/A:a?secret=");
        Random random = new Random(length);
        while (uri.length() < length) {
            uri.append("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".charAt(random.nextInt(32)));
        }
        return uri.toString();
    }

    static List<String> ofEverySize() {
        List<String> texts = new ArrayList<>(USUAL_KEY_URIS);
        for (int length = 60; length < 660; length += 30) {
            texts.add(keyUri(length));
        }
        for (int length = 664; length <= 666; length++) {
            texts.add(keyUri(length));
        }
        for (String name : UNICODE_NAMES) {
            texts.add(name);
            texts.add("otpauth://totp/" + percentEncoded(name) + ":a?secret=" + SECRET + "&issuer="
                    + percentEncoded(name));
        }
        texts.add("a");
        texts.add("0123456789");
        texts.add("HTTPS://ACME.EXAMPLE/ 1");
        texts.add("例".repeat(222)); // 666 bytes
        texts.add("é".repeat(332) + "x"); // 665 bytes
        return texts;
    }

    private static String percentEncoded(String name) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : name.getBytes(UTF_8)) {
            encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
        }
        return encoded.toString();
    }
}
