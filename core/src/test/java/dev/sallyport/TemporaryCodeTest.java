// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.STEP;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A code that an operator tells a user whose phone is not at hand. */
class TemporaryCodeTest {
    private static final String SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final Duration HOUR = Duration.ofHours(1);

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Operator support = twoFactor.operator("Nadia of the help desk");
    private final Owner owner = world.enroll();

    private TemporaryCode issue(Duration lifetime) {
        return support.issueTemporaryCode(ALICE, lifetime, "phone in repair");
    }

    private void assertAccepted(TemporaryCode code) {
        assertThat(world.verify(code.value())).isInstanceOf(Verified.class);
    }

    private void assertRejected(TemporaryCode code) {
        assertThat(world.verify(code.value())).isEqualTo(new Rejected());
        assertThat(world.lastEvent().rejection()).contains(Rejection.WRONG);
        assertThat(world.lastEvent().detail(Detail.METHOD)).contains("TEMPORARY_CODE");
    }

    @Nested
    class Issue {

        @Test
        void issueTemporaryCode_anyUser_isSixteenCrockfordSymbolsInFourGroups() {
            TemporaryCode code = issue(HOUR);

            assertThat(code.value()).matches("([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}");
            assertThat(code.expires()).isEqualTo(world.now().plus(HOUR));
            assertThat(code.toString()).doesNotContain(code.value());
            assertThat(issue(HOUR).value()).isNotEqualTo(code.value());
        }

        @Test
        void issueTemporaryCode_anyUser_keepsASaltedHashWithASaltOfItsOwn() {
            TemporaryCode code = issue(HOUR);

            BackupCodeSet kept =
                    Unsealed.account(world.keys, world.store, ALICE).backupCodes();
            BackupCodeSet.Temporary temporary = Objects.requireNonNull(kept.temporary());
            assertThat(temporary.salt()).isNotEqualTo(kept.salt());
            assertThat(temporary.salt().toArray()).hasSize(16);
            assertThat(temporary.hash())
                    .isEqualTo(Bytes.sha256(
                            temporary.salt(), code.value().replace("-", "").getBytes(US_ASCII)));
        }

        @Test
        void issueTemporaryCode_anyUser_tellsOperatorReasonAndEndInTheEventAndNotifiesTheUser() {
            TemporaryCode code = issue(HOUR);

            TwoFactorEvent event = world.lastEvent();
            assertThat(event.type()).isEqualTo(Type.TEMPORARY_CODE_ISSUED);
            assertThat(event.type().notifiesUser()).isTrue();
            assertThat(event.operator()).contains("Nadia of the help desk");
            assertThat(event.detail(Detail.REASON)).contains("phone in repair");
            assertThat(event.detail(Detail.UNTIL)).contains(code.expires().toString());
            assertThat(event.toString()).doesNotContain(code.value());
        }

        @ParameterizedTest
        @ValueSource(strings = {"PT59S", "PT0S", "PT-1H", "PT24H1S", "PT24H0.001S", "P30D"})
        void issueTemporaryCode_lifetimeUnderAMinuteOrOver24Hours_isRefused(Duration lifetime) {
            assertThatIllegalArgumentException().isThrownBy(() -> issue(lifetime));
        }

        @ParameterizedTest
        @ValueSource(strings = {"", " ", "a\nb", "\ud800"})
        void issueTemporaryCode_noReason_isRefused(String reason) {
            assertThatIllegalArgumentException().isThrownBy(() -> support.issueTemporaryCode(ALICE, HOUR, reason));
        }

        @Test
        void issueTemporaryCode_withoutTwoFactor_isRefusedAndWritesNothing() {
            world.store.forgetCounts();

            assertThatIllegalStateException().isThrownBy(() -> support.issueTemporaryCode(BOB, HOUR, "lost"));

            assertThat(world.store.writes()).isZero();
        }
    }

    @Nested
    class Lifetime {

        @ParameterizedTest
        @ValueSource(strings = {"PT1M", "PT1H", "PT24H"})
        void verify_lastInstantOfItsLifetime_isAcceptedAndThenNot(Duration lifetime) {
            TemporaryCode code = issue(lifetime);
            world.clock.set(code.expires().plusMillis(1));
            assertRejected(code);

            world.clock.set(code.expires());
            assertAccepted(code);
        }

        @Test
        void verify_issuedByANodeWhoseClockIsADayAhead_isNotGoodForLonger() {
            world.clock.advance(Duration.ofDays(1));
            TemporaryCode code = issue(Duration.ofHours(24));
            world.clock.advance(Duration.ofDays(-1));
            assertRejected(code);

            world.clock.advance(Duration.ofDays(2).plusMillis(1));
            assertRejected(code);
        }
    }

    @Nested
    class Use {

        @Test
        void verify_temporaryCode_isAProofByTemporaryCode() {
            TemporaryCode code = issue(HOUR);
            world.clock.advance(STEP);

            Verified proof = World.proof(world.verify(FIREFOX, code.value()));

            assertThat(proof.method()).isEqualTo(Method.TEMPORARY_CODE);
            assertThat(proof.at()).isEqualTo(world.now());
            assertThat(proof.authenticator()).isEmpty();
            assertThat(proof.backupCodesLeft()).isEqualTo(10);
            assertThat(proof.browserToken()).isPresent();
            assertThat(twoFactor.isCurrent(ALICE, proof.stamp())).isTrue();
            assertThat(world.events).anySatisfy(event -> {
                assertThat(event.type()).isEqualTo(Type.TEMPORARY_CODE_USED);
                assertThat(event.type().notifiesUser()).isTrue();
                assertThat(event.operator()).isEmpty();
            });
        }

        @Test
        void verify_aSecondTime_isRejected() {
            TemporaryCode code = issue(HOUR);
            assertAccepted(code);

            assertRejected(code);
        }

        @Test
        void verify_anotherWasIssuedSince_onlyTheNewOneIsAccepted() {
            TemporaryCode first = issue(HOUR);
            TemporaryCode second = issue(HOUR);

            assertRejected(first);
            assertAccepted(second);
        }

        @Test
        void verify_temporaryCode_usesUpEveryCodeThatTheWindowReaches() {
            TemporaryCode code = issue(HOUR);
            assertAccepted(code);

            for (int steps = -1; steps <= 1; steps++) {
                String seen = owner.phone().codeAt(world.now().plus(STEP.multipliedBy(steps)));
                assertThat(world.verify(seen)).as("%s steps away", steps).isEqualTo(new Rejected());
            }
            world.clock.advance(STEP.multipliedBy(2));
            assertThat(world.verify(owner.phone().codeAt(world.now()))).isInstanceOf(Verified.class);
        }

        @Test
        void verify_lockedOutOrBudgetSpent_passes() {
            world.fail(owner.phone(), 5);
            assertAccepted(issue(HOUR));
            // Until then every code that could be right is used up, so no guess is counted.
            world.clock.advance(STEP.multipliedBy(2));
            world.fail(owner.phone(), 45);
            assertThat(twoFactor.status(ALICE).strangers().lock())
                    .map(TwoFactorStatus.Lock::reason)
                    .contains(TwoFactorStatus.Lock.Reason.BUDGET_SPENT);

            assertAccepted(issue(HOUR));
        }

        @Test
        void verify_wrongTemporaryCodes_areNotCounted() {
            issue(HOUR);
            for (int i = 0; i < 60; i++) {
                assertThat(world.verify("0000-0000-0000-0000")).isEqualTo(new Rejected());
            }

            assertThat(twoFactor.status(ALICE).strangers()).isEqualTo(new TwoFactorStatus.Door(0, 0, Optional.empty()));
        }

        @Test
        void verify_typedInLowerCaseWithoutHyphens_isTheSameCode() {
            String code = issue(HOUR).value();

            assertThat(world.verify(code.replace("-", "").toLowerCase(Locale.ROOT)))
                    .isInstanceOf(Verified.class);
        }

        @Test
        void verify_anySymbolMistyped_isMalformed() {
            String code = issue(HOUR).value().replace("-", "");
            for (int i = 0; i < code.length(); i++) {
                for (int other : SYMBOLS.chars().toArray()) {
                    if (other != code.charAt(i)) {
                        assertThat(world.verify(code.substring(0, i) + (char) other + code.substring(i + 1)))
                                .isEqualTo(new Malformed());
                    }
                }
            }
        }

        @Test
        void verify_anotherUsersCode_isRejected() {
            world.enroll(BOB);
            String bobs =
                    support.issueTemporaryCode(BOB, HOUR, "phone in repair").value();

            assertThat(world.verify(bobs)).isEqualTo(new Rejected());
        }

        @Test
        void stepUp_temporaryCode_isAProof() {
            TemporaryCode code = issue(HOUR);

            Verified proof = World.proof(twoFactor.stepUp(ALICE, owner.proof().stamp(), code.value()));

            assertThat(proof.method()).isEqualTo(Method.TEMPORARY_CODE);
        }

        @Test
        void confirmEnrollment_temporaryCode_isMalformed() {
            PendingEnrollment pending = twoFactor.addAuthenticator(owner.proof(), EnrollmentRequest.of("alice"));
            String code = issue(HOUR).value();

            assertThat(twoFactor.confirmEnrollment(pending.handle(), code)).isEqualTo(new Malformed());
            assertThat(world.verify(code)).isInstanceOf(Verified.class);
        }
    }

    @Nested
    class Epoch {

        @Test
        void issueTemporaryCode_anyUser_endsNoTrust() {
            issue(HOUR);

            assertThat(twoFactor.isCurrent(ALICE, owner.proof().stamp())).isTrue();
        }

        @Test
        void verify_trustEndedSince_isRejected() {
            TemporaryCode code = issue(HOUR);
            twoFactor.endTrust(ALICE);

            assertRejected(code);
        }

        @Test
        void verify_backupCodeUsedSince_isRejected() {
            TemporaryCode code = issue(HOUR);
            world.verify(owner.backupCodes().get(0));

            assertRejected(code);
        }

        @Test
        void verify_backupCodesRegeneratedSince_isRejected() {
            TemporaryCode code = issue(HOUR);
            twoFactor.regenerateBackupCodes(owner.proof());

            assertRejected(code);
        }

        @Test
        void verify_browserForgottenSince_isAccepted() {
            TemporaryCode code = issue(HOUR);
            twoFactor.forgetBrowser(ALICE, owner.proof().stamp().browser().orElseThrow());

            assertAccepted(code);
        }

        @Test
        void verify_resetAndEnrolledAgainSince_isRejected() {
            TemporaryCode code = issue(HOUR);
            support.resetWithoutProof(ALICE, "lost everything");
            world.enroll();

            assertRejected(code);
        }
    }
}
