// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.TwoFactorEvent.Type.ATTEMPT_REFUSED;
import static dev.sallyport.TwoFactorEvent.Type.AUTHENTICATOR_ADDED;
import static dev.sallyport.TwoFactorEvent.Type.AUTHENTICATOR_REMOVED;
import static dev.sallyport.TwoFactorEvent.Type.BACKUP_CODES_LOW;
import static dev.sallyport.TwoFactorEvent.Type.BACKUP_CODES_REGENERATED;
import static dev.sallyport.TwoFactorEvent.Type.BACKUP_CODE_USED;
import static dev.sallyport.TwoFactorEvent.Type.BROWSERS_FORGOTTEN;
import static dev.sallyport.TwoFactorEvent.Type.BROWSER_RECOGNIZED;
import static dev.sallyport.TwoFactorEvent.Type.BROWSER_REMEMBERED;
import static dev.sallyport.TwoFactorEvent.Type.BUDGET_SPENT;
import static dev.sallyport.TwoFactorEvent.Type.CLOCK_JUMPED;
import static dev.sallyport.TwoFactorEvent.Type.CODE_ACCEPTED;
import static dev.sallyport.TwoFactorEvent.Type.CODE_REJECTED;
import static dev.sallyport.TwoFactorEvent.Type.DISABLED;
import static dev.sallyport.TwoFactorEvent.Type.ENROLLMENT_CANCELLED;
import static dev.sallyport.TwoFactorEvent.Type.ENROLLMENT_CONFIRMED;
import static dev.sallyport.TwoFactorEvent.Type.ENROLLMENT_EXPIRED;
import static dev.sallyport.TwoFactorEvent.Type.ENROLLMENT_STARTED;
import static dev.sallyport.TwoFactorEvent.Type.KEY_RENEWED;
import static dev.sallyport.TwoFactorEvent.Type.LOCKED_OUT;
import static dev.sallyport.TwoFactorEvent.Type.RESET;
import static dev.sallyport.TwoFactorEvent.Type.SUSPENDED;
import static dev.sallyport.TwoFactorEvent.Type.UNLOCKED;
import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.storage.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EventsTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    /** What has happened since the last call of this. */
    private void happened(Type... types) {
        assertThat(world.eventTypes()).containsExactly(types);
        assertThat(world.events).allSatisfy(event -> {
            assertThat(event.user()).isEqualTo(ALICE);
            assertThat(event.at()).isEqualTo(world.now());
        });
        world.events.clear();
    }

    @Nested
    class Life {

        @Test
        void everyCall_ofAWholeLife_tellsWhatHappenedInOrder() {
            Phone phone = Phone.scan(twoFactor.beginEnrollment(ALICE, "alice"));
            happened(ENROLLMENT_STARTED);
            twoFactor.confirmEnrollment(ALICE, phone.wrongAt(world.now()));
            happened(CODE_REJECTED);
            EnrollmentResult.Enrolled enrolled =
                    (EnrollmentResult.Enrolled) twoFactor.confirmEnrollment(ALICE, phone.codeAt(world.now()));
            happened(ENROLLMENT_CONFIRMED, AUTHENTICATOR_ADDED);

            world.clock.advance(STEP);
            world.verify(phone.wrongAt(world.now()));
            happened(CODE_REJECTED);
            Verified proof = world.prove(phone);
            happened(CODE_ACCEPTED);
            BrowserToken token = twoFactor.rememberBrowser(proof, "Firefox");
            happened(BROWSER_REMEMBERED);
            twoFactor.signInRequirement(ALICE, token.value());
            happened(BROWSER_RECOGNIZED);
            twoFactor.forgetBrowser(ALICE, token.browser());
            happened(BROWSERS_FORGOTTEN);

            world.clock.advance(STEP);
            proof = world.prove(phone);
            happened(CODE_ACCEPTED);
            List<String> codes = twoFactor.regenerateBackupCodes(proof).asList();
            happened(BACKUP_CODES_REGENERATED);
            twoFactor.beginEnrollment(proof, EnrollmentRequest.of("alice"));
            happened(ENROLLMENT_STARTED);
            twoFactor.cancelEnrollment(ALICE);
            happened(ENROLLMENT_CANCELLED);
            Phone second = Phone.scan(twoFactor.beginEnrollment(proof, EnrollmentRequest.of("alice")));
            happened(ENROLLMENT_STARTED);
            twoFactor.confirmEnrollment(ALICE, second.codeAt(world.now()));
            happened(ENROLLMENT_CONFIRMED, AUTHENTICATOR_ADDED);
            twoFactor.removeAuthenticator(proof, enrolled.authenticator());
            happened(AUTHENTICATOR_REMOVED);

            world.fail(second, 4);
            happened(CODE_REJECTED, CODE_REJECTED, CODE_REJECTED, CODE_REJECTED);
            world.fail(second, 1);
            happened(CODE_REJECTED, LOCKED_OUT);
            world.verify(second.codeAt(world.now()));
            happened(ATTEMPT_REFUSED);
            twoFactor.unlock(ALICE, "called");
            happened(UNLOCKED);

            for (int i = 0; i < 6; i++) {
                world.verify(codes.get(i));
                happened(BACKUP_CODE_USED);
            }
            proof = World.proof(world.verify(codes.get(6)));
            happened(BACKUP_CODE_USED, BACKUP_CODES_LOW);
            twoFactor.disable(proof);
            happened(DISABLED);

            twoFactor.beginEnrollment(ALICE, "alice");
            happened(ENROLLMENT_STARTED);
            world.clock.advance(Duration.ofMinutes(11));
            twoFactor.confirmEnrollment(ALICE, "123456");
            happened(ENROLLMENT_EXPIRED);
            world.importApp();
            happened(AUTHENTICATOR_ADDED);
            twoFactor.forgetBrowsers(ALICE);
            happened(BROWSERS_FORGOTTEN);
            twoFactor.resetWithoutProof(ALICE, "account deleted");
            happened(RESET);
        }

        @Test
        void failures_upToTheCap_tellWhereTheySuspend() {
            Phone phone = world.importApp();
            world.fail(phone, 99);
            assertThat(world.eventTypes()).doesNotContain(SUSPENDED);
            world.events.clear();
            world.fail(phone, 1);

            assertThat(world.eventTypes()).endsWith(CODE_REJECTED, SUSPENDED);
            world.events.clear();
            world.verify(phone.codeAt(world.now()));
            happened(ATTEMPT_REFUSED);
        }

        @Test
        void failures_upToTheBudget_tellWhereItIsSpent() {
            Phone phone = world.importApp();
            for (int i = 0; i < 100; i++) {
                if (i % 4 == 0) {
                    world.clock.advance(STEP);
                    world.prove(phone);
                }
                assertThat(world.eventTypes()).doesNotContain(BUDGET_SPENT);
                world.fail(phone, 1);
            }

            assertThat(world.eventTypes()).endsWith(CODE_REJECTED, BUDGET_SPENT);
            assertThat(world.lastEvent().detail(Detail.UNTIL)).contains("2026-04-02T00:00:00Z");
        }

        @Test
        void calls_thatChangeNothing_tellNothing() {
            world.importApp();
            world.events.clear();

            twoFactor.status(ALICE);
            twoFactor.signInRequirement(ALICE, null);
            twoFactor.signInRequirement(ALICE, "wrong");
            twoFactor.pendingEnrollment(ALICE);
            twoFactor.cancelEnrollment(ALICE);
            twoFactor.confirmEnrollment(ALICE, "123456");
            twoFactor.forgetBrowser(ALICE, BrowserId.of("0123456789abcdef"));
            twoFactor.unseal(ALICE, "wrong");
            twoFactor.verify(BOB, "123456");
            twoFactor.forgetBrowsers(BOB);

            happened();
        }

        @Test
        void calls_thatThrow_tellNothing() {
            Phone phone = world.importApp();
            Verified proof = world.prove(phone);
            world.clock.advance(Duration.ofHours(1));
            world.events.clear();

            assertThatThrownBy(() -> twoFactor.beginEnrollment(ALICE, "alice"))
                    .isInstanceOf(AlreadyEnabledException.class);
            assertThatThrownBy(() -> twoFactor.disable(proof)).isInstanceOf(StaleProofException.class);

            happened();
        }
    }

    @Nested
    class Details {

        @Test
        void enrollment_confirmed_namesTheAuthenticator() {
            Owner owner = world.enroll();

            assertThat(world.events)
                    .filteredOn(event -> event.type() != ENROLLMENT_STARTED)
                    .hasSize(2)
                    .allSatisfy(event -> {
                        assertThat(event.detail(Detail.AUTHENTICATOR))
                                .contains(owner.authenticator().value());
                        assertThat(event.detail(Detail.LABEL)).contains("Authenticator app");
                    });
        }

        @Test
        void code_accepted_namesTheAuthenticator() {
            Owner owner = world.enroll();
            world.prove(owner.phone());

            assertThat(world.lastEvent().detail(Detail.AUTHENTICATOR))
                    .contains(owner.authenticator().value());
            assertThat(world.lastEvent().rejection()).isEmpty();
        }

        @Test
        @DisplayName("One answer to the user; the reason goes to the listener")
        void code_rejected_saysWhy() {
            Phone phone = world.importApp();
            String older = phone.codeAt(START);
            world.verify(older);
            world.clock.advance(STEP);
            world.prove(phone);
            List<String> typed = List.of(
                    phone.wrongAt(world.now()), older, phone.codeAt(world.now()), "12345", "0000-0000-0000-0000");
            world.events.clear();

            assertThat(typed).allSatisfy(code -> assertThat(world.verify(code)).isEqualTo(new Rejected()));

            assertThat(world.eventTypes()).containsOnly(CODE_REJECTED);
            assertThat(world.events)
                    .extracting(event -> event.rejection().orElseThrow())
                    .containsExactly(
                            Rejection.WRONG,
                            Rejection.REPLAYED,
                            Rejection.REPLAYED,
                            Rejection.MALFORMED,
                            Rejection.WRONG);
            assertThat(world.events)
                    .extracting(event -> event.detail(Detail.METHOD).orElse("none"))
                    .containsExactly("ONE_TIME_CODE", "ONE_TIME_CODE", "ONE_TIME_CODE", "none", "BACKUP_CODE");
        }

        @Test
        void lockout_begun_saysUntilWhen() {
            Phone phone = world.importApp();
            world.fail(phone, 5);
            String until = START.plusSeconds(30).toString();
            assertThat(world.lastEvent().detail(Detail.UNTIL)).contains(until);

            world.verify(phone.codeAt(world.now()));
            assertThat(world.lastEvent().type()).isEqualTo(ATTEMPT_REFUSED);
            assertThat(world.lastEvent().detail(Detail.REASON)).contains("BACK_OFF");
            assertThat(world.lastEvent().detail(Detail.UNTIL)).contains(until);
        }

        @Test
        void browser_rememberedRecognizedForgotten_isNamed() {
            Verified proof = world.prove(world.importApp());
            world.events.clear();
            BrowserToken token = twoFactor.rememberBrowser(proof, "Firefox on Linux");
            twoFactor.signInRequirement(ALICE, token.value());
            twoFactor.forgetBrowser(ALICE, token.browser());

            assertThat(world.events)
                    .hasSize(3)
                    .allSatisfy(event -> assertThat(event.detail(Detail.BROWSER))
                            .contains(token.browser().value()));
            assertThat(world.events.get(0).detail(Detail.LABEL)).contains("Firefox on Linux");
        }

        @Test
        void backupCode_used_saysHowManyAreLeft() {
            Owner owner = world.enroll();
            world.verify(owner.backupCodes().get(0));

            assertThat(world.lastEvent().type()).isEqualTo(BACKUP_CODE_USED);
            assertThat(world.lastEvent().detail(Detail.BACKUP_CODES_LEFT)).contains("9");
        }

        @Test
        void details_ofAnyEvent_holdNoSecret() {
            Owner owner = world.enroll();
            String code = owner.phone().codeAt(world.now());
            world.verify(code);
            world.verify(owner.backupCodes().get(0));
            world.verify(owner.backupCodes().get(0));
            Verified proof = World.proof(world.verify(owner.backupCodes().get(1)));
            BrowserToken token = twoFactor.rememberBrowser(proof, "Firefox");
            PendingEnrollment pending = twoFactor.beginEnrollment(proof, EnrollmentRequest.of("alice"));

            List<String> secrets = new ArrayList<>(owner.backupCodes());
            secrets.addAll(List.of(
                    code,
                    token.value(),
                    pending.keyUri().toUriString(),
                    pending.keyUri().secret().toBase32(),
                    pending.secretForTyping()));
            assertThat(secrets).noneMatch(world.events.toString()::contains);
        }

        @Test
        void details_ofAnyEvent_cannotBeChanged() {
            world.importApp();
            Map<Detail, String> details = world.lastEvent().details();

            assertThatThrownBy(() -> details.put(Detail.REASON, "changed"))
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }

    @Nested
    class Findings {

        @Test
        void write_underAnOlderKey_tellsThatTheKeyWasRenewed() {
            SecretKeySpec old = new SecretKeySpec(new byte[32], "HmacSHA256");
            SecretKeySpec current = new SecretKeySpec(
                    new byte[] {
                        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                        27, 28, 29, 30, 31, 32
                    },
                    "HmacSHA256");
            String keyUri = "otpauth://totp/alice?secret=" + Phone.RFC_SECRET;
            world.node()
                    .encryptionKeys(KeyRing.of("2025", old))
                    .build()
                    .importWithoutConfirmation(
                            ALICE, EnrollmentRequest.of("alice").seed(AuthenticatorSeed.of(KeyUri.parse(keyUri))));
            TwoFactor rotated = world.node()
                    .encryptionKeys(KeyRing.of("2026", current).withPrevious("2025", old))
                    .build();
            world.events.clear();

            rotated.status(ALICE);
            happened();
            Phone phone = Phone.scan(keyUri);
            rotated.verify(ALICE, phone.codeAt(world.now()));
            assertThat(world.lastEvent().detail(Detail.KEY_ID)).contains("2026");
            happened(CODE_ACCEPTED, KEY_RENEWED);
            rotated.verify(ALICE, phone.wrongAt(world.now()));
            happened(CODE_REJECTED);
        }

        @Test
        void write_over400DaysAfterTheLast_tellsThatTheClockJumped() {
            Phone phone = world.importApp();
            world.clock.advance(Duration.ofDays(400));
            world.events.clear();
            world.prove(phone);
            happened(CODE_ACCEPTED);

            world.clock.advance(Duration.ofDays(400).plusMillis(1));
            world.prove(phone);
            happened(CODE_ACCEPTED, CLOCK_JUMPED);
        }

        @Test
        void write_over400DaysBeforeTheLast_tellsThatTheClockJumped() {
            Phone phone = world.importApp();
            world.clock.advance(Duration.ofDays(-401));
            world.events.clear();
            world.verify(phone.wrongAt(world.now()));

            happened(CODE_REJECTED, CLOCK_JUMPED);
        }
    }

    @Nested
    class Listener {

        private TwoFactor with(TwoFactorListener listener) {
            return world.node().listener(listener).build();
        }

        @Test
        void listener_thatThrows_changesNothingAndHearsTheRest() {
            List<Type> heard = new ArrayList<>();
            TwoFactor failing = with(event -> {
                heard.add(event.type());
                throw new IllegalStateException("no mail server");
            });

            Phone phone = Phone.scan(failing.beginEnrollment(ALICE, "alice"));
            EnrollmentResult result = failing.confirmEnrollment(ALICE, phone.codeAt(world.now()));

            assertThat(result).isInstanceOf(EnrollmentResult.Enrolled.class);
            assertThat(failing.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.ENABLED);
            assertThat(failing.verify(ALICE, phone.codeAt(world.now()))).isEqualTo(new Rejected());
            assertThat(heard)
                    .containsExactly(ENROLLMENT_STARTED, ENROLLMENT_CONFIRMED, AUTHENTICATOR_ADDED, CODE_REJECTED);
        }

        @Test
        void listener_thatThrowsAnError_reachesTheCallerAfterTheCommit() {
            Phone phone = world.importApp();
            TwoFactor failing = with(event -> {
                throw new AssertionError("stop");
            });
            String code = phone.codeAt(world.now());

            assertThatThrownBy(() -> failing.verify(ALICE, code))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("stop");

            assertThat(world.verify(code)).isEqualTo(new Rejected());
        }

        @Test
        void listener_thatCallsBack_seesWhatIsCommitted() {
            Phone phone = world.importApp();
            TwoFactor[] itself = {twoFactor};
            List<VerificationResult> results = new ArrayList<>();
            TwoFactor callingBack = with(event -> {
                if (event.type() == CODE_ACCEPTED && results.isEmpty()) {
                    results.add(new Rejected());
                    assertThat(itself[0].status(ALICE).authenticators().get(0).lastUsed())
                            .contains(world.now());
                    results.add(itself[0].verify(ALICE, phone.codeAt(world.now())));
                    results.add(itself[0].verify(ALICE, phone.codeAt(world.now().plus(STEP))));
                }
            });
            itself[0] = callingBack;

            Verified proof = World.proof(callingBack.verify(ALICE, phone.codeAt(world.now())));

            assertThat(results.get(1)).isEqualTo(new Rejected());
            assertThat(results.get(2)).isInstanceOf(Verified.class);
            assertThat(twoFactor.rememberBrowser(proof, "Firefox")).isNotNull();
        }

        @Test
        void listener_always_hearsOnTheCallersThreadBeforeTheReturn() {
            Phone phone = world.importApp();
            List<Thread> threads = new ArrayList<>();

            with(event -> threads.add(Thread.currentThread())).verify(ALICE, phone.codeAt(world.now()));

            assertThat(threads).containsExactly(Thread.currentThread());
        }
    }

    @Nested
    class Store {

        @Test
        void event_ofALostWrite_isToldOnceWhenItIsCommitted() {
            Phone phone = world.importApp();
            world.events.clear();
            world.store.loseWrites(3);

            world.verify(phone.wrongAt(world.now()));

            happened(CODE_REJECTED);
        }

        @Test
        void event_ofAWriteWithoutAnAnswer_isNotTold() {
            Phone phone = world.importApp();
            world.events.clear();
            world.store.failAfterWrite(new StoreException("connection lost"));

            assertThatThrownBy(() -> world.verify(phone.codeAt(world.now()))).isInstanceOf(StoreException.class);

            happened();
        }

        @Test
        void event_ofAFailedRead_isNotTold() {
            world.importApp();
            world.events.clear();
            world.store.failOnFind(new StoreException("connection lost"));

            assertThatThrownBy(() -> world.verify("123456")).isInstanceOf(StoreException.class);

            happened();
        }
    }
}
