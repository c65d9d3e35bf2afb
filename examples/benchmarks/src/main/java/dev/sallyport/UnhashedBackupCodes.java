// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The making of backup codes without their hashing, which takes ten derivations and would hide it. The steps are those of
 * {@code BackupCodeSet.generate}, with the library's own parts; they are not public, so this class stands in its package.
 */
public final class UnhashedBackupCodes {
    private UnhashedBackupCodes() {}

    /** The codes as they are shown, and a salt drawn with them. */
    public static BackupCodes generate(SecureRandom random, int number) {
        Draw draw = new Draw(random, BackupCodeSet.SALT_BYTES + number * Crockford.CODE_BYTES);
        draw.take(BackupCodeSet.SALT_BYTES);
        List<String> codes = new ArrayList<>();
        String symbols = Crockford.encode(draw.take(number * Crockford.CODE_BYTES));
        for (int from = 0; from < symbols.length(); from += Crockford.CODE_SYMBOLS) {
            codes.add(Crockford.inGroups(symbols.substring(from, from + Crockford.CODE_SYMBOLS)));
        }
        return new BackupCodes(codes, Instant.EPOCH);
    }
}
