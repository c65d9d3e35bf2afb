// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.World.Owner;
import dev.sallyport.storage.MapTwoFactorStore;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Where secrets, codes, tokens, epochs and nonces come from. */
class RandomnessTest {

    private static final class CountingRandom extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final AtomicInteger draws = new AtomicInteger();

        @Override
        public void nextBytes(byte[] bytes) {
            draws.incrementAndGet();
            super.nextBytes(bytes);
        }
    }

    private final World world = new World();
    private final CountingRandom random = new CountingRandom();
    private final TwoFactor twoFactor = world.node().random(random).build();

    private int drawsOf(Runnable call) {
        random.draws.set(0);
        call.run();
        return random.draws.get();
    }

    /** The generator is what calls on different accounts contend for. */
    @Test
    void calls_thatOnlyRead_drawNothing() {
        Owner owner = world.enroll();
        TrustStamp stamp = owner.proof().stamp();
        world.twoFactor.rememberBrowser(owner.proof());
        EnrollmentHandle handle = world.twoFactor
                .addAuthenticator(owner.proof(), EnrollmentRequest.of("alice"))
                .handle();
        Challenge challenge = world.challenge(ALICE, FIREFOX);
        String sealed = world.twoFactor.seal(owner.proof());

        assertThat(drawsOf(() -> twoFactor.signInRequirement(ALICE, owner.browser())))
                .isZero();
        assertThat(drawsOf(() -> twoFactor.isCurrent(ALICE, stamp))).isZero();
        assertThat(drawsOf(() -> twoFactor.status(ALICE))).isZero();
        assertThat(drawsOf(() -> twoFactor.pendingEnrollment(handle))).isZero();
        assertThat(drawsOf(() -> twoFactor.unseal(ALICE, sealed))).isZero();
        assertThat(drawsOf(() -> twoFactor.verify(challenge, "no code"))).isZero();
        assertThat(drawsOf(() -> twoFactor.verify(Challenge.of("no challenge"), "123456")))
                .isZero();
    }

    @Test
    @DisplayName("The generator of the builder is the only one: equal ones make everything equal")
    void twoApplications_withEqualGenerators_drawTheSame() {
        KeyRing keys = KeyRing.generate();

        assertThat(lifeOfAnAccount(keys, 42))
                .isEqualTo(lifeOfAnAccount(keys, 42))
                .isNotEqualTo(lifeOfAnAccount(keys, 43));
    }

    /** Everything that an application and its store get to see. */
    private static List<String> lifeOfAnAccount(KeyRing keys, long seed) {
        ConcurrentHashMap<String, String> rows = new ConcurrentHashMap<>();
        SteppedClock clock = new SteppedClock(World.START);
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(new MapTwoFactorStore(rows))
                .encryptionKeys(keys)
                .clock(clock)
                .random(repeatable(seed))
                .build();
        List<String> seen = new ArrayList<>();
        PendingEnrollment pending =
                twoFactor.beginEnrollment(ALICE, EnrollmentRequest.of("alice").browser(FIREFOX));
        seen.add(pending.secretForTyping());
        seen.add(pending.handle().value());
        Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(
                pending.handle(), Phone.scan(pending).codeAt(clock.instant()));
        seen.addAll(enrolled.backupCodes().orElseThrow().asList());
        seen.add(enrolled.proof().browserToken().orElseThrow().value());
        seen.add(enrolled.proof().stamp().value());
        seen.add(twoFactor.seal(enrolled.proof()));
        seen.add(((SignInRequirement.CodeRequired) twoFactor.signInRequirement(ALICE, FIREFOX))
                .challenge()
                .value());
        seen.add(twoFactor
                .operator("support")
                .issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair")
                .value());
        seen.add(twoFactor.endTrust(ALICE).value());
        seen.addAll(rows.values());
        return seen;
    }

    private static SecureRandom repeatable(long seed) {
        try {
            SecureRandom random = SecureRandom.getInstance("SHA1PRNG");
            random.setSeed(seed);
            return random;
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("the test platform has SHA1PRNG", e);
        }
    }

    @Test
    void beginEnrollment_withTheDefaultGenerator_givesANewSecretEachTime() {
        TwoFactor byDefault = TwoFactor.builder()
                .issuer("Acme")
                .store(world.store)
                .encryptionKeys(world.keys)
                .build();

        String first = byDefault.beginEnrollment(ALICE, "alice").secretForTyping();
        String second = byDefault.beginEnrollment(ALICE, "alice").secretForTyping();

        assertThat(first).isNotEqualTo(second);
    }

    @Test
    void epoch_drawnAsOneThatStandsForSomethingElse_isDrawnAgain() {
        long usual = 0x0123_4567_89AB_CDEFL;
        Iterator<Long> script = List.of(TrustStamp.NO_EPOCH, TrustStamp.NEVER_DRAWN, TrustStamp.NO_EPOCH, usual)
                .iterator();
        SecureRandom scripted = new SecureRandom() {
            private static final long serialVersionUID = 1L;

            @Override
            public long nextLong() {
                return script.next();
            }
        };

        assertThat(Ids.drawEpoch(scripted)).isEqualTo(usual);
    }
}
