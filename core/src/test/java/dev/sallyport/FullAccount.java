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
import java.util.stream.IntStream;

/** The largest account: everything that any policy allows, at its longest, and a pending enrollment besides. */
final class FullAccount {
    /** The length of the longest secret that there can be. A record has one byte for it. */
    static final int LONGEST_SECRET = IntStream.rangeClosed(64, 255)
            .filter(FullAccount::isSecretLength)
            .max()
            .orElseThrow();

    private static final String LONGEST = "x".repeat(128);

    private FullAccount() {}

    static Account at(Instant now) {
        List<Authenticator> authenticators = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            authenticators.add(authenticator(i, now));
        }
        List<KnownBrowser> browsers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            browsers.add(
                    new KnownBrowser(new BrowserId(id(i)), hash(i), "x".repeat(64), now, now, new FailureRow(9, now)));
        }
        List<BackupCodeSet.Slot> slots = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            slots.add(new BackupCodeSet.Slot(false, hash(i)));
        }
        List<FailureBudget.Day> days = new ArrayList<>();
        for (int i = 0; i < FailureBudget.MAX_DAYS; i++) {
            days.add(new FailureBudget.Day(i, 1));
        }
        Bytes salt = Bytes.copyOf(new byte[16]);
        FailureBudget budget = new FailureBudget(days);
        return new Account(
                new Account.Header(42, 7, now, now),
                authenticators,
                new BackupCodeSet(salt, slots, new BackupCodeSet.Temporary(salt, hash(1), now, 86_400)),
                browsers,
                new Limits(new FailureRow(3, now), budget, 2, budget, new FailureRow(4, now)),
                new PendingSlot(
                        id(6), authenticator(5, now), LONGEST, now, 9, new TrustStamp(7, new BrowserId(id(0)))));
    }

    private static boolean isSecretLength(int length) {
        try {
            SharedSecret.fromBytes(new byte[length]);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static Authenticator authenticator(int number, Instant now) {
        byte[] secret = new byte[LONGEST_SECRET];
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
