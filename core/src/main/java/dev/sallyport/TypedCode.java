// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import org.jspecify.annotations.Nullable;

/**
 * What a user typed, in its one canonical form, made before anything looks at it: a blank must not make a used code a new
 * one. The two kinds of code cannot be confused: 6 to 8 digits, or 16 symbols.
 */
final class TypedCode {
    /** No code with its separators is longer; what is longer is not looked through. */
    private static final int MAX_TYPED = 64;

    private final VerificationMethod method;
    private final String canonical;

    private @Nullable Bytes hashedWith;
    private @Nullable Bytes hash;

    private TypedCode(VerificationMethod method, String canonical) {
        this.method = method;
        this.canonical = canonical;
    }

    /** Returns null for what has the form of no code. Only ASCII counts: other digits and blanks are not forgiven. */
    static @Nullable TypedCode parse(String typed) {
        if (typed.length() > MAX_TYPED) {
            return null;
        }
        StringBuilder symbols = new StringBuilder(typed.length());
        boolean digitsOnly = true;
        for (int i = 0; i < typed.length(); i++) {
            char c = typed.charAt(i);
            if (c == ' ' || c == '-') {
                continue;
            }
            digitsOnly &= c >= '0' && c <= '9';
            symbols.append(c);
        }
        if (digitsOnly && symbols.length() >= 6 && symbols.length() <= 8) {
            return new TypedCode(VerificationMethod.ONE_TIME_CODE, symbols.toString());
        }
        String backupCode = Crockford.canonical(symbols);
        return backupCode == null ? null : new TypedCode(VerificationMethod.BACKUP_CODE, backupCode);
    }

    boolean isOneTimeCode() {
        return method == VerificationMethod.ONE_TIME_CODE;
    }

    VerificationMethod method() {
        return method;
    }

    String canonical() {
        return canonical;
    }

    /** The hash under a set's salt. A call that tries again, after losing a write to another, derives it once. */
    Bytes hash(BackupCodeHasher hasher, Bytes salt, int iterations) {
        if (hash == null || !salt.equals(hashedWith)) {
            hash = hasher.hash(canonical, salt, iterations);
            hashedWith = salt;
        }
        return hash;
    }

    @Override
    public String toString() {
        return "TypedCode[" + method + "]";
    }
}
