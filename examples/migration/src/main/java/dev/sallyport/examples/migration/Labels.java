// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.jspecify.annotations.Nullable;

/** Adjusts texts that users of the other product chose. */
final class Labels {
    private static final int MAX_BYTES = 128;

    private Labels() {}

    /** A label that an enrollment accepts. */
    static String fit(@Nullable String text, String otherwise) {
        StringBuilder fitted = new StringBuilder();
        int bytes = 0;
        for (int c : text == null ? new int[0] : text.strip().codePoints().toArray()) {
            if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
                continue;
            }
            bytes += Character.toString(c).getBytes(UTF_8).length;
            if (bytes > MAX_BYTES) {
                break;
            }
            fitted.appendCodePoint(c);
        }
        return fitted.toString().isBlank() ? otherwise : fitted.toString();
    }

    /** A text for a terminal and a report: a name in a file must not move the cursor or look like another line. */
    static String show(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(c -> {
            int type = Character.getType(c);
            if (Character.isISOControl(c)
                    || type == Character.FORMAT
                    || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR) {
                shown.append("\\u{").append(Integer.toHexString(c)).append('}');
            } else {
                shown.appendCodePoint(c);
            }
        });
        return shown.toString();
    }
}
