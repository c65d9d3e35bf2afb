// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.KeyRing;
import dev.sallyport.SignInRequirement;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.examples.benchmarks.Contestant.Operation;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/** Calls of {@code TwoFactor} over a store in memory, beside what the JDK takes for the cryptography in them. */
final class WholeCalls {
    private static final int ITERATIONS = 10_000;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BITS = 256;

    private static final String TOKEN = "0".repeat(43);
    private static final String OBJECTS = "Sallyport, on a store that keeps objects";

    private final TwoFactorStore store;
    private final Users users;
    private final Cryptography cryptography;

    private WholeCalls(TwoFactorStore store) {
        this.store = store;
        this.users = new Users(store, KeyRing.generate(), "user-", Secrets.COUNT);
        this.cryptography = cryptography();
    }

    private static WholeCalls inMemory() {
        return new WholeCalls(new MapTwoFactorStore(new ConcurrentHashMap<>()));
    }

    static Comparison verify() {
        WholeCalls calls = inMemory();
        return Comparison.of(
                "TwoFactor.verify, in memory",
                List.of(
                        new Contestant("Sallyport", signIn(calls.users)),
                        new Contestant(OBJECTS, signIn(new WholeCalls(new ObjectStore()).users)),
                        Contestant.of(Cryptography.OF_A_VERIFICATION, calls.cryptography::verify)),
                Goal.within("Sallyport", 1.5, Cryptography.OF_A_VERIFICATION),
                Goal.within(OBJECTS, 1.5, Cryptography.OF_A_VERIFICATION));
    }

    private static Operation signIn(Users users) {
        return new Operation() {
            @Override
            public void prepare(int runs) {
                users.prepare(runs);
            }

            @Override
            public VerificationResult run() {
                return users.signIn();
            }
        };
    }

    static Comparison rememberedBrowser() {
        WholeCalls calls = inMemory();
        return Comparison.of(
                "signInRequirement with a remembered browser, in memory",
                List.of(
                        Contestant.of("Sallyport", look(calls.users)),
                        Contestant.of(OBJECTS, look(new WholeCalls(new ObjectStore()).users)),
                        Contestant.of(Cryptography.OF_A_LOOK, () -> calls.cryptography.look(TOKEN))),
                Goal.within("Sallyport", 1.5, Cryptography.OF_A_LOOK),
                Goal.within(OBJECTS, 1.5, Cryptography.OF_A_LOOK));
    }

    private static Operation look(Users users) {
        String token = users.twoFactor()
                .rememberBrowser(users.proof(users.all().get(0)), "Firefox")
                .value();
        return () -> remembered(users.twoFactor().signInRequirement(users.first(), token));
    }

    private static SignInRequirement remembered(SignInRequirement requirement) {
        if (!(requirement instanceof SignInRequirement.RememberedBrowser)) {
            throw new IllegalStateException("not remembered: " + requirement);
        }
        return requirement;
    }

    /** A wrong one, of which there is no end; it is hashed and compared with all ten like a right one. */
    static Comparison backupCode() {
        WholeCalls calls = inMemory();
        UserId user = calls.users.first();
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return Comparison.of(
                "TwoFactor.verify of a backup code, ten live ones",
                List.of(
                        Contestant.of("Sallyport", () -> {
                            // Past the wait after failures.
                            calls.users.advance(Duration.ofSeconds(5));
                            return rejected(calls.users.twoFactor().verify(user, "0000-0000-0000-0000"));
                        }),
                        Contestant.of(
                                "the JDK's PBKDF2, 10,000 iterations",
                                () -> SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                                        .generateSecret(new PBEKeySpec(
                                                "0000000000000000".toCharArray(), salt, ITERATIONS, HASH_BITS))
                                        .getEncoded())),
                Goal.within("Sallyport", 1.05, "the JDK's PBKDF2, 10,000 iterations"));
    }

    private static VerificationResult rejected(VerificationResult result) {
        if (!(result instanceof VerificationResult.Rejected)) {
            throw new IllegalStateException("not rejected: " + result);
        }
        return result;
    }

    private Cryptography cryptography() {
        try {
            return new Cryptography(
                    store.find(users.first().value()).orElseThrow().payload().length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("no AES-GCM here", e);
        }
    }
}
