// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a user typed, as the model reads it.
 *
 * @param second the code after it, where two consecutive codes were typed
 */
record ModelTyped(Kind kind, String code, @Nullable String second) {
    /** The check symbol makes a typing error no code at all, so only codes that somebody was given have the form of one. */
    private static final int BACKUP_CODE_SYMBOLS = 24;

    enum Kind {
        ONE_TIME_CODE,
        BACKUP_CODE,
        TEMPORARY_CODE,
        MALFORMED
    }

    static ModelTyped of(@Nullable String typed, Set<String> codesInTheWorld) {
        if (typed == null) {
            return new ModelTyped(Kind.MALFORMED, "", null);
        }
        String bare = typed.replaceAll("[ -]", "");
        if (bare.matches("[0-9]{6,8}")) {
            return new ModelTyped(Kind.ONE_TIME_CODE, bare, null);
        }
        String symbols = bare.toUpperCase(Locale.ROOT)
                .replace('O', '0')
                .replace('I', '1')
                .replace('L', '1');
        if (!codesInTheWorld.contains(symbols)) {
            return new ModelTyped(Kind.MALFORMED, symbols, null);
        }
        return new ModelTyped(
                symbols.length() == BACKUP_CODE_SYMBOLS ? Kind.BACKUP_CODE : Kind.TEMPORARY_CODE, symbols, null);
    }

    static ModelTyped pair(String first, String second, Set<String> codesInTheWorld) {
        ModelTyped one = of(first, codesInTheWorld);
        ModelTyped two = of(second, codesInTheWorld);
        return one.kind == Kind.ONE_TIME_CODE && two.kind == Kind.ONE_TIME_CODE
                ? new ModelTyped(Kind.ONE_TIME_CODE, one.code, two.code)
                : new ModelTyped(Kind.MALFORMED, one.code, two.code);
    }

    boolean isMalformed() {
        return kind == Kind.MALFORMED;
    }

    int digits() {
        String last = second;
        return last == null ? code.length() : last.length();
    }
}
