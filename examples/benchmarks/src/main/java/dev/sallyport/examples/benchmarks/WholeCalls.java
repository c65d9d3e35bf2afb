// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.KeyRing;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement;
import dev.sallyport.TrustStamp;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.examples.benchmarks.Contestant.Operation;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** Calls of {@code TwoFactor} over a store in memory, beside what the JDK takes for the cryptography in them. */
final class WholeCalls {
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
                Goal.within(OBJECTS, 1.4, Cryptography.OF_A_VERIFICATION),
                Goal.bytes(OBJECTS, 16_000));
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
                Goal.within(OBJECTS, 1.4, Cryptography.OF_A_LOOK));
    }

    /** What a host asks on each page: whether the session still holds. */
    static Comparison isCurrent() {
        WholeCalls calls = inMemory();
        return Comparison.of(
                "isCurrent of a session, in memory",
                List.of(
                        Contestant.of("Sallyport", current(calls.users)),
                        Contestant.of(OBJECTS, current(new WholeCalls(new ObjectStore()).users)),
                        Contestant.of(Cryptography.OF_A_READ, calls.cryptography::read)),
                Goal.within(OBJECTS, 1.2, Cryptography.OF_A_READ));
    }

    private static Operation current(Users users) {
        users.advance(Duration.ofSeconds(30));
        TrustStamp stamp = users.proof(users.all().get(0), Browser.none()).stamp();
        return () -> current(users.twoFactor().isCurrent(users.first(), stamp));
    }

    private static boolean current(boolean answer) {
        if (!answer) {
            throw new IllegalStateException("not current");
        }
        return true;
    }

    private static Operation look(Users users) {
        Browser firefox =
                Browser.fromHeaders(null, "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0");
        users.advance(Duration.ofSeconds(30));
        Verified proof = users.proof(users.all().get(0), firefox);
        users.twoFactor().rememberBrowser(proof);
        Browser known = Browser.ofToken(proof.browserToken().orElseThrow().value(), "Firefox on Linux");
        return () -> remembered(users.twoFactor().signInRequirement(users.first(), known));
    }

    private static SignInRequirement remembered(SignInRequirement requirement) {
        if (!(requirement instanceof SignInRequirement.NoCodeRequired)) {
            throw new IllegalStateException("not remembered: " + requirement);
        }
        return requirement;
    }

    /** A wrong one, of which there is no end; it is hashed and compared with all ten, like a right one. */
    static Comparison backupCode() {
        WholeCalls calls = inMemory();
        Users users = calls.users;
        users.advance(Duration.ofSeconds(30));
        Challenge challenge = users.challenge(users.all().get(0), Browser.none());
        String codeOfAnother = users.twoFactor()
                .regenerateBackupCodes(users.proof(users.all().get(1), Browser.none()))
                .codes()
                .asList()
                .get(0);
        return Comparison.of(
                "TwoFactor.verify of a wrong backup code, ten live ones, in memory",
                List.of(
                        Contestant.of(
                                "Sallyport", () -> rejected(users.twoFactor().verify(challenge, codeOfAnother))),
                        Contestant.of(Cryptography.OF_A_LOOK, () -> calls.cryptography.look(TOKEN))),
                Goal.within("Sallyport", 2.5, Cryptography.OF_A_LOOK));
    }

    private static VerificationResult rejected(VerificationResult result) {
        if (!(result instanceof Rejected)) {
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
