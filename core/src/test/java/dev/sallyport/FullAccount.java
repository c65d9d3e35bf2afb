// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** The largest account: everything that any policy allows, at its longest, and a pending enrollment besides. */
final class FullAccount {
    private static final String LONGEST = "x".repeat(128);

    private FullAccount() {}

    static Account at(Instant now) {
        List<Authenticator> authenticators = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            authenticators.add(authenticator(i, now));
        }
        List<RememberedBrowser> browsers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            browsers.add(new RememberedBrowser(new BrowserId(id(i)), hash(i), LONGEST, now));
        }
        List<BackupCodeSet.Slot> slots = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            slots.add(new BackupCodeSet.Slot(false, hash(i)));
        }
        List<FailureBudget.Day> days = new ArrayList<>();
        for (int i = 0; i < FailureBudget.MAX_DAYS; i++) {
            days.add(new FailureBudget.Day(i, 1));
        }
        Bytes salt = Bytes.copyOf(new byte[BackupCodeSet.SALT_BYTES]);
        return new Account(
                new Account.Header(42, 7, now, now),
                authenticators,
                new BackupCodeSet(salt, 10_000, slots),
                browsers,
                new Limits(3, now, new FailureBudget(days), now, 2, now),
                new PendingSlot(authenticator(5, now), LONGEST, now, 9, 7));
    }

    private static Authenticator authenticator(int number, Instant now) {
        byte[] secret = new byte[64];
        Arrays.fill(secret, (byte) number);
        TotpParameters parameters = new TotpParameters(HmacAlgorithm.SHA512, 8, Duration.ofSeconds(30), Instant.EPOCH);
        AuthenticatorSeed seed = AuthenticatorSeed.totp(SharedSecret.fromBytes(secret), parameters);
        return new Authenticator(new AuthenticatorId(id(number)), LONGEST, seed, now, now);
    }

    private static String id(int number) {
        return HexFormat.of().toHexDigits((long) number);
    }

    private static Bytes hash(int number) {
        byte[] hash = new byte[32];
        Arrays.fill(hash, (byte) number);
        return Bytes.copyOf(hash);
    }
}
