// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.StoredRecord;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Records of accounts as {@code TwoFactor} leaves them, made without it, because millions of enrollments would take hours.
 * These have random bytes instead of the hashes of backup codes. The parts are the library's own. They are not public, so
 * this class stands in their package.
 */
public final class ReadyAccounts {
    private static final int BACKUP_CODES = 10;
    private static final int HASH_BYTES = 32;
    private static final int SALT_BYTES = 16;
    private static final long VERSION = 1;
    private static final long EPOCH = 1;

    private final Sealer sealer;
    private final Random random = new Random(42);

    /** Records under the current key of a key ring. */
    public ReadyAccounts(KeyRing keys) {
        this.sealer = new Sealer(keys, "", new SecureRandom());
    }

    /** An enabled account with one authenticator and ten backup codes. */
    public StoredRecord record(UserId user, SharedSecret secret, Instant at) {
        Authenticator authenticator = new Authenticator(
                new AuthenticatorId(String.format("%016x", random.nextLong())),
                user.value(),
                AuthenticatorSeed.totp(secret, TotpParameters.DEFAULT),
                at,
                at);
        BackupCodeSet backupCodes = new BackupCodeSet(
                bytes(SALT_BYTES),
                IntStream.range(0, BACKUP_CODES)
                        .mapToObj(i -> new BackupCodeSet.Slot(false, bytes(HASH_BYTES)))
                        .toList(),
                null);
        Account account = new Account(
                new Account.Header(random.nextLong(), EPOCH, at, at),
                List.of(authenticator),
                backupCodes,
                List.of(),
                Limits.NONE,
                null);
        byte[] payload = sealer.seal(
                Sealer.Purpose.RECORD,
                user.value().getBytes(UTF_8),
                sealer.place(user, VERSION),
                AccountCodec.encode(account));
        return StoredRecord.of(user.value(), VERSION, payload);
    }

    private Bytes bytes(int number) {
        byte[] bytes = new byte[number];
        random.nextBytes(bytes);
        return Bytes.copyOf(bytes);
    }
}
