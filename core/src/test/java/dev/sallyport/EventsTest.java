// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.TwoFactorEvent.Type.ACCOUNT_DELETED;
import static dev.sallyport.TwoFactorEvent.Type.ATTEMPT_REFUSED;
import static dev.sallyport.TwoFactorEvent.Type.AUTHENTICATOR_ADDED;
import static dev.sallyport.TwoFactorEvent.Type.AUTHENTICATOR_IMPORTED;
import static dev.sallyport.TwoFactorEvent.Type.AUTHENTICATOR_REMOVED;
import static dev.sallyport.TwoFactorEvent.Type.BACKUP_CODES_LOW;
import static dev.sallyport.TwoFactorEvent.Type.BACKUP_CODES_REGENERATED;
import static dev.sallyport.TwoFactorEvent.Type.BACKUP_CODE_USED;
import static dev.sallyport.TwoFactorEvent.Type.BROWSER_FORGOTTEN;
import static dev.sallyport.TwoFactorEvent.Type.BROWSER_NOTED;
import static dev.sallyport.TwoFactorEvent.Type.BROWSER_RECOGNIZED;
import static dev.sallyport.TwoFactorEvent.Type.BROWSER_REMEMBERED;
import static dev.sallyport.TwoFactorEvent.Type.BUDGET_SPENT;
import static dev.sallyport.TwoFactorEvent.Type.CLOCK_CORRECTED;
import static dev.sallyport.TwoFactorEvent.Type.CLOCK_JUMPED;
import static dev.sallyport.TwoFactorEvent.Type.CODE_ACCEPTED;
import static dev.sallyport.TwoFactorEvent.Type.CODE_REJECTED;
import static dev.sallyport.TwoFactorEvent.Type.DISABLED;
import static dev.sallyport.TwoFactorEvent.Type.ENROLLMENT_CONFIRMED;
import static dev.sallyport.TwoFactorEvent.Type.ENROLLMENT_EXPIRED;
import static dev.sallyport.TwoFactorEvent.Type.ENROLLMENT_STARTED;
import static dev.sallyport.TwoFactorEvent.Type.KEY_RENEWED;
import static dev.sallyport.TwoFactorEvent.Type.LOCKED_OUT;
import static dev.sallyport.TwoFactorEvent.Type.LOCKED_OUT_AGAIN;
import static dev.sallyport.TwoFactorEvent.Type.RECORD_RESTORED;
import static dev.sallyport.TwoFactorEvent.Type.RESET;
import static dev.sallyport.TwoFactorEvent.Type.RESYNCHRONIZED;
import static dev.sallyport.TwoFactorEvent.Type.SESSIONS_EXPELLED;
import static dev.sallyport.TwoFactorEvent.Type.SUSPENDED;
import static dev.sallyport.TwoFactorEvent.Type.TEMPORARY_CODE_ISSUED;
import static dev.sallyport.TwoFactorEvent.Type.TEMPORARY_CODE_USED;
import static dev.sallyport.TwoFactorEvent.Type.TRUST_ENDED;
import static dev.sallyport.TwoFactorEvent.Type.UNLOCKED;
import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Position;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EventsTest {
    private static final EnrollmentRequest REQUEST = EnrollmentRequest.of("alice");

    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final Operator operator = twoFactor.operator("Olivia");

    /** What has happened since the last call of this. */
    private void happened(Type... types) {
        assertThat(world.eventTypes()).containsExactly(types);
        assertThat(world.events).allSatisfy(event -> {
            assertThat(event.user()).isEqualTo(ALICE);
            assertThat(event.at()).isEqualTo(world.now());
        });
        world.events.clear();
    }

    private EnrollmentResult confirm(PendingEnrollment pending) {
        return twoFactor.confirmEnrollment(pending.handle(), Phone.scan(pending).codeAt(world.now()));
    }

    @Nested
    class Life {

        @Test
        void everyCall_ofAWholeLife_tellsWhatHappenedInOrder() {
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, REQUEST.browser(FIREFOX));
            Phone phone = Phone.scan(pending);
            happened(ENROLLMENT_STARTED);
            twoFactor.confirmEnrollment(pending.handle(), phone.wrongAt(world.now()));
            happened(CODE_REJECTED);
            Enrolled enrolled = (Enrolled) confirm(pending);
            happened(ENROLLMENT_CONFIRMED, AUTHENTICATOR_ADDED, BROWSER_NOTED);

            world.clock.advance(STEP);
            world.verify(phone.wrongAt(world.now()));
            happened(CODE_REJECTED);
            Verified proof = World.proof(world.verify(FIREFOX, phone.codeAt(world.now())));
            happened(CODE_ACCEPTED, BROWSER_NOTED);
            twoFactor.rememberBrowser(proof);
            happened(BROWSER_REMEMBERED);
            twoFactor.signInRequirement(
                    ALICE, World.browserWith(proof.browserToken().orElseThrow()));
            happened(BROWSER_RECOGNIZED);
            twoFactor.forgetBrowser(ALICE, proof.stamp().browser().orElseThrow());
            happened(BROWSER_FORGOTTEN);

            world.clock.advance(STEP);
            proof = world.prove(phone);
            happened(CODE_ACCEPTED);
            Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
            happened(BACKUP_CODES_REGENERATED);
            PendingEnrollment another = twoFactor.addAuthenticator(regenerated.proof(), REQUEST);
            happened(ENROLLMENT_STARTED);
            confirm(another);
            happened(ENROLLMENT_CONFIRMED, AUTHENTICATOR_ADDED);
            proof = twoFactor.removeAuthenticator(regenerated.proof(), enrolled.authenticator());
            happened(AUTHENTICATOR_REMOVED);
            twoFactor.endTrust(proof);
            happened(TRUST_ENDED);
            twoFactor.endTrust(ALICE);
            happened(TRUST_ENDED);

            locks(Phone.scan(another));
            List<String> codes = regenerated.codes().asList();
            for (int i = 0; i < 6; i++) {
                world.verify(codes.get(i));
                happened(BACKUP_CODE_USED);
            }
            proof = World.proof(world.verify(codes.get(6)));
            happened(BACKUP_CODE_USED, BACKUP_CODES_LOW);
            twoFactor.disable(proof);
            happened(DISABLED);

            PendingEnrollment late = twoFactor.beginEnrollment(ALICE, "alice");
            happened(ENROLLMENT_STARTED);
            world.clock.advance(Duration.ofMinutes(11));
            confirm(late);
            happened(ENROLLMENT_EXPIRED);
            operatorsCalls();
        }

        private void locks(Phone phone) {
            world.fail(phone, 4);
            happened(CODE_REJECTED, CODE_REJECTED, CODE_REJECTED, CODE_REJECTED);
            world.fail(phone, 1);
            happened(CODE_REJECTED, LOCKED_OUT);
            world.verify(phone.codeAt(world.now()));
            happened(ATTEMPT_REFUSED);
            world.clock.advance(Duration.ofMinutes(1));
            world.fail(phone, 1);
            happened(CODE_REJECTED, LOCKED_OUT_AGAIN);
            operator.unlock(ALICE, "called");
            happened(UNLOCKED);
        }

        private void operatorsCalls() {
            Phone token = world.importToken();
            happened(AUTHENTICATOR_IMPORTED);
            token.pressIdly(20);
            String first = token.press();
            twoFactor.verify(world.challenge(ALICE, Browser.none()), first, token.press());
            happened(CODE_ACCEPTED, RESYNCHRONIZED);
            TemporaryCode code = operator.issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair");
            happened(TEMPORARY_CODE_ISSUED);
            world.verify(code.value());
            happened(TEMPORARY_CODE_USED);
            operator.acceptRestoredRecord(ALICE, "restored");
            happened(RECORD_RESTORED);
            operator.resetWithoutProof(ALICE, "asked");
            happened(RESET);
            operator.deleteAccount(ALICE);
            happened(ACCOUNT_DELETED);
        }

        @Test
        void failures_upToTheCap_tellWhereTheySuspend() {
            Phone phone = world.importApp();
            world.fail(phone, 49);
            assertThat(world.eventTypes()).doesNotContain(SUSPENDED, BUDGET_SPENT);
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
            for (int i = 0; i < 50; i++) {
                if (i % 4 == 0) {
                    world.clock.advance(STEP);
                    world.prove(phone);
                }
                assertThat(world.eventTypes()).doesNotContain(BUDGET_SPENT);
                world.fail(phone, 1);
            }

            assertThat(world.eventTypes()).endsWith(CODE_REJECTED, BUDGET_SPENT);
            assertThat(world.lastEvent().detail(Detail.UNTIL)).contains("2026-04-02T00:00:00Z");
            assertThat(world.lastEvent().detail(Detail.DOOR)).contains("STRANGERS");
        }

        @Test
        void failures_ofAKnownBrowser_tellThatItIsForgotten() {
            Owner owner = world.enroll();
            world.fail(owner.browser(), owner.phone(), 9);
            world.events.clear();
            world.clock.advance(Duration.ofHours(1));
            assertThat(world.verify(owner.browser(), owner.phone().wrongAt(world.now())))
                    .isEqualTo(new Rejected());

            happened(CODE_REJECTED, LOCKED_OUT_AGAIN, BROWSER_FORGOTTEN);
        }

        @Test
        void failures_ofASession_tellThatAllSessionsAreExpelled() {
            Owner owner = world.enroll();
            for (int i = 0; i < 10; i++) {
                world.events.clear();
                twoFactor.stepUp(ALICE, owner.proof().stamp(), owner.phone().wrongAt(world.now()));
                world.clock.advance(Duration.ofHours(1));
            }

            assertThat(world.eventTypes()).containsExactly(CODE_REJECTED, LOCKED_OUT_AGAIN, SESSIONS_EXPELLED);
        }

        @Test
        void calls_thatChangeNothing_tellNothing() {
            world.importApp();
            world.events.clear();

            twoFactor.status(ALICE);
            twoFactor.signInRequirement(ALICE, FIREFOX);
            twoFactor.signInRequirement(ALICE, Browser.ofToken("A".repeat(43), "app"));
            twoFactor.isCurrent(ALICE, TrustStamp.of(null));
            twoFactor.pendingEnrollment(EnrollmentHandle.of("wrong"));
            twoFactor.confirmEnrollment(EnrollmentHandle.of("wrong"), "123456");
            twoFactor.verify(Challenge.of("wrong"), "123456");
            twoFactor.stepUp(ALICE, TrustStamp.of(null), "123456");
            twoFactor.stepUp(BOB, TrustStamp.of(null), "123456");
            twoFactor.forgetBrowser(ALICE, BrowserId.of("0123456789abcdef"));
            twoFactor.unseal(ALICE, "wrong");
            operator.unlock(BOB, "called");

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
    class Positions {

        private void assertGapless(List<TwoFactorEvent> events, long from, long to) {
            Map<Long, List<Position>> byVersion = events.stream()
                    .flatMap(event -> event.position().stream())
                    .collect(Collectors.groupingBy(Position::version, TreeMap::new, Collectors.toList()));
            assertThat(byVersion.keySet())
                    .containsExactlyElementsOf(Stream.iterate(from, version -> version <= to, version -> version + 1)
                            .toList());
            assertThat(byVersion)
                    .allSatisfy((version, positions) -> assertThat(positions)
                            .containsExactlyElementsOf(IntStream.rangeClosed(1, positions.size())
                                    .mapToObj(index -> new Position(version, index, positions.size()))
                                    .toList()));
        }

        private long version() {
            return world.store.find(ALICE.value()).orElseThrow().version();
        }

        @Test
        @DisplayName("Each committed version has at least one event, so a lost event leaves a gap")
        void position_ofALife_leavesNoGap() {
            PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, REQUEST.browser(FIREFOX));
            long first = version();
            Enrolled enrolled = (Enrolled) confirm(pending);
            Phone phone = Phone.scan(pending);
            world.fail(phone, 7);
            world.fail(World.browserWith(enrolled.proof().browserToken().orElseThrow()), phone, 10);
            TemporaryCode code = operator.issueTemporaryCode(ALICE, Duration.ofHours(1), "asked");
            Verified proof = World.proof(world.verify(FIREFOX, code.value()));
            twoFactor.rememberBrowser(proof);
            twoFactor.rememberBrowser(proof);
            Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
            for (int i = 0; i < 8; i++) {
                world.verify(regenerated.codes().asList().get(i));
            }
            Verified last =
                    World.proof(world.verify(regenerated.codes().asList().get(8)));
            PendingEnrollment tooLate = twoFactor.addAuthenticator(last, REQUEST);
            twoFactor.disable(last);
            confirm(tooLate);
            twoFactor.endTrust(ALICE);
            operator.resetWithoutProof(ALICE, "asked");
            world.importApp();

            assertThat(version()).isGreaterThan(first + 20);
            assertGapless(world.events, first, version());
        }

        @Test
        void position_ofAConfirmation_isOneVersionOfThreeEvents() {
            world.enroll();

            assertThat(world.events.subList(1, 4))
                    .extracting(event -> event.position().orElseThrow())
                    .containsExactly(
                            new Position(version(), 1, 3),
                            new Position(version(), 2, 3),
                            new Position(version(), 3, 3));
        }

        @Test
        void position_ofALostWrite_isThatOfTheCommittedVersion() {
            Phone phone = world.importApp();
            world.store.beforeNextWrite(() -> world.fail(phone, 1));

            world.verify(phone.wrongAt(world.now()));

            assertThat(world.lastEvent().position()).contains(new Position(version(), 1, 1));
        }

        @Test
        @DisplayName("Whatever nothing is written for has no position, and is frequent")
        void position_withoutAWrite_isNoneAndFrequent() {
            Owner owner = world.enroll();
            twoFactor.rememberBrowser(owner.proof());
            String used = owner.phone().codeAt(world.now());
            world.verify(used);
            world.fail(owner.phone(), 5);
            world.events.clear();

            world.verify(owner.phone().codeAt(world.now()));
            world.verify("12345");
            world.verify("12345678");
            world.verify("0000-0000-0000-0000-0000-0000");
            twoFactor.signInRequirement(ALICE, owner.browser());
            operator.unlock(ALICE, "called");
            world.events.remove(world.events.size() - 1);
            world.verify(used);

            happenedWithoutAWrite(
                    ATTEMPT_REFUSED, CODE_REJECTED, CODE_REJECTED, CODE_REJECTED, BROWSER_RECOGNIZED, CODE_REJECTED);
        }

        private void happenedWithoutAWrite(Type... types) {
            assertThat(world.events).allSatisfy(event -> {
                assertThat(event.position()).isEmpty();
                assertThat(event.isFrequent()).isTrue();
            });
            happened(types);
        }

        @Test
        void position_withAWrite_isThereAndNotFrequent() {
            world.fail(world.importApp(), 5);

            assertThat(world.events).hasSize(7).allSatisfy(event -> {
                assertThat(event.position()).isPresent();
                assertThat(event.isFrequent()).isFalse();
            });
        }
    }

    @Nested
    class Notifying {
        /** Each with the reason why the user is told. */
        private static final Map<Type, String> TOLD = Map.ofEntries(
                Map.entry(AUTHENTICATOR_ADDED, "somebody else may have added it"),
                Map.entry(AUTHENTICATOR_REMOVED, "somebody else may have removed it"),
                Map.entry(RESYNCHRONIZED, "somebody else may have shown two codes"),
                Map.entry(LOCKED_OUT, "somebody knows the password"),
                Map.entry(SUSPENDED, "the user needs a backup code now"),
                Map.entry(BUDGET_SPENT, "the user needs a known browser or a backup code for days"),
                Map.entry(BACKUP_CODE_USED, "somebody else may have found the sheet"),
                Map.entry(BACKUP_CODES_REGENERATED, "the old sheet is worth nothing"),
                Map.entry(TEMPORARY_CODE_ISSUED, "it is as powerful as a reset"),
                Map.entry(TEMPORARY_CODE_USED, "somebody else may have got it"),
                Map.entry(BROWSER_NOTED, "a sign-in in a new browser"),
                Map.entry(BROWSER_REMEMBERED, "it needs no code from now on"),
                Map.entry(SESSIONS_EXPELLED, "somebody was in a session of the user"),
                Map.entry(DISABLED, "the account has no second factor"),
                Map.entry(RESET, "the account has no second factor"),
                Map.entry(RECORD_RESTORED, "used backup codes may be good again"));

        /** Those that happen often, that the user did a moment ago, or that another event already tells. */
        private static final Set<Type> NOT_TOLD = EnumSet.of(
                ENROLLMENT_STARTED,
                ENROLLMENT_CONFIRMED,
                ENROLLMENT_EXPIRED,
                AUTHENTICATOR_IMPORTED,
                CODE_ACCEPTED,
                CODE_REJECTED,
                ATTEMPT_REFUSED,
                LOCKED_OUT_AGAIN,
                BACKUP_CODES_LOW,
                BROWSER_RECOGNIZED,
                BROWSER_FORGOTTEN,
                TRUST_ENDED,
                UNLOCKED,
                ACCOUNT_DELETED,
                KEY_RENEWED,
                CLOCK_JUMPED,
                CLOCK_CORRECTED);

        private List<Type> told() {
            return world.eventTypes().stream().filter(Type::notifiesUser).toList();
        }

        @Test
        void notifiesUser_ofEveryType_isDecidedForAReason() {
            assertThat(Type.values()).hasSize(TOLD.size() + NOT_TOLD.size()).allSatisfy(type -> {
                assertThat(type.notifiesUser()).as("%s", type).isEqualTo(TOLD.containsKey(type));
                assertThat(NOT_TOLD.contains(type)).as("%s", type).isNotEqualTo(type.notifiesUser());
            });
        }

        @Test
        @DisplayName("[80] 95 mails from one attack: the user is told of the first lockout and of the suspension")
        void attack_forAMonth_tellsTheUserTwice() {
            Phone phone = world.importApp();
            world.events.clear();
            for (int guess = 0; guess < 1000; guess++) {
                if (world.verify(phone.wrongAt(world.now())) instanceof LockedOut locked) {
                    world.clock.set(locked.until().orElse(world.now().plus(Duration.ofHours(1))));
                }
            }

            assertThat(world.eventTypes()).filteredOn(CODE_REJECTED::equals).hasSize(50);
            assertThat(world.eventTypes()).filteredOn(LOCKED_OUT_AGAIN::equals).hasSize(44);
            assertThat(told()).containsExactly(LOCKED_OUT, SUSPENDED);
        }

        @Test
        @DisplayName("[80] The owner signs in between: each row of failures is told once, and the budget ends them")
        void attack_betweenTheOwnersSignIns_tellsTheUserOncePerRow() {
            Owner owner = world.enroll();
            world.events.clear();
            for (int i = 0; i < 100; i++) {
                for (int guess = 0; guess < 20; guess++) {
                    if (world.verify(owner.phone().wrongAt(world.now())) instanceof LockedOut locked) {
                        world.clock.set(locked.until()
                                .filter(until -> until.isBefore(START.plus(Duration.ofDays(20))))
                                .orElse(world.now().plus(STEP)));
                    }
                }
                world.verify(owner.browser(), owner.phone().codeAt(world.now()));
                world.clock.advance(STEP);
            }

            assertThat(told()).endsWith(BUDGET_SPENT).hasSizeLessThanOrEqualTo(6);
            assertThat(told()).filteredOn(BUDGET_SPENT::equals).hasSize(1);
        }

        @Test
        void lockout_ofANewRow_isToldAgain() {
            Phone phone = world.importApp();
            world.fail(phone, 7);
            world.clock.advance(Duration.ofHours(1));
            world.prove(phone);
            world.fail(phone, 7);

            assertThat(told()).containsExactly(LOCKED_OUT, LOCKED_OUT);
        }
    }

    @Nested
    class Details {

        @Test
        void enrollment_confirmed_namesTheAuthenticator() {
            Owner owner = world.enroll();

            assertThat(world.events)
                    .filteredOn(event -> event.type() == ENROLLMENT_CONFIRMED || event.type() == AUTHENTICATOR_ADDED)
                    .hasSize(2)
                    .allSatisfy(event -> {
                        assertThat(event.detail(Detail.AUTHENTICATOR))
                                .contains(owner.authenticator().value());
                        assertThat(event.detail(Detail.LABEL)).contains("Authenticator app");
                    });
        }

        @Test
        void code_accepted_namesTheAuthenticatorAndTheDoor() {
            Owner owner = world.enroll();
            world.prove(owner.phone());

            assertThat(world.lastEvent().detail(Detail.AUTHENTICATOR))
                    .contains(owner.authenticator().value());
            assertThat(world.lastEvent().detail(Detail.DOOR)).contains("STRANGERS");
            assertThat(world.lastEvent().rejection()).isEmpty();
            world.clock.advance(STEP);
            world.verify(owner.browser(), owner.phone().codeAt(world.now()));
            assertThat(world.lastEvent().detail(Detail.DOOR)).contains("KNOWN");
        }

        @Test
        @DisplayName("One answer to the user; the reason goes to the listener")
        void code_rejected_saysWhy() {
            Owner owner = world.enroll();
            Phone phone = owner.phone();
            String backupCode = owner.backupCodes().get(0);
            world.verify(backupCode);
            world.clock.advance(STEP.multipliedBy(2));
            String older = phone.codeAt(world.now());
            world.verify(older);
            world.clock.advance(STEP);
            world.prove(phone);
            List<String> typed = List.of(
                    phone.wrongAt(world.now()),
                    older,
                    phone.codeAt(world.now()),
                    "12345678",
                    "0000-0000-0000-0000-0000-0000",
                    backupCode,
                    "0000-0000-0000-0000");
            world.events.clear();

            assertThat(typed).allSatisfy(code -> assertThat(world.verify(code)).isEqualTo(new Rejected()));
            assertThat(world.verify("12345")).isEqualTo(new Malformed());

            assertThat(world.eventTypes()).containsOnly(CODE_REJECTED);
            assertThat(world.events)
                    .extracting(event -> event.rejection().orElseThrow())
                    .containsExactly(
                            Rejection.WRONG,
                            Rejection.REPLAYED,
                            Rejection.REPLAYED,
                            Rejection.OTHER_LENGTH,
                            Rejection.WRONG,
                            Rejection.REPLAYED,
                            Rejection.WRONG,
                            Rejection.MALFORMED);
            assertThat(world.events)
                    .extracting(event -> event.detail(Detail.METHOD).orElse("none"))
                    .containsExactly(
                            "ONE_TIME_CODE",
                            "ONE_TIME_CODE",
                            "ONE_TIME_CODE",
                            "ONE_TIME_CODE",
                            "BACKUP_CODE",
                            "BACKUP_CODE",
                            "TEMPORARY_CODE",
                            "none");
        }

        @Test
        void lockout_begun_saysUntilWhenAndAtWhichDoor() {
            Phone phone = world.importApp();
            world.fail(phone, 5);
            String until = START.plusSeconds(60).toString();
            assertThat(world.lastEvent().detail(Detail.UNTIL)).contains(until);
            assertThat(world.lastEvent().detail(Detail.DOOR)).contains("STRANGERS");

            world.verify(phone.codeAt(world.now()));
            assertThat(world.lastEvent().type()).isEqualTo(ATTEMPT_REFUSED);
            assertThat(world.lastEvent().detail(Detail.REASON)).contains("BACK_OFF");
            assertThat(world.lastEvent().detail(Detail.UNTIL)).contains(until);
        }

        @Test
        void suspension_begun_saysWhyAndNoEnd() {
            world.fail(world.importApp(), 50);

            assertThat(world.lastEvent().detail(Detail.REASON)).contains("SUSPENDED");
            assertThat(world.lastEvent().detail(Detail.UNTIL)).isEmpty();
        }

        @Test
        void browser_notedRememberedRecognizedForgotten_isNamed() {
            Owner owner = world.enroll();
            BrowserId browser = owner.proof().stamp().browser().orElseThrow();
            TwoFactorEvent noted = world.lastEvent();
            world.events.clear();
            world.events.add(noted);
            twoFactor.rememberBrowser(owner.proof());
            twoFactor.signInRequirement(ALICE, owner.browser());
            twoFactor.forgetBrowser(ALICE, browser);

            assertThat(world.eventTypes())
                    .containsExactly(BROWSER_NOTED, BROWSER_REMEMBERED, BROWSER_RECOGNIZED, BROWSER_FORGOTTEN);
            assertThat(world.events).allSatisfy(event -> {
                assertThat(event.detail(Detail.BROWSER)).contains(browser.value());
                assertThat(event.detail(Detail.LABEL)).contains("Firefox on Linux");
            });
        }

        @Test
        void backupCode_used_saysHowManyAreLeft() {
            Owner owner = world.enroll();
            world.verify(owner.backupCodes().get(0));

            assertThat(world.lastEvent().type()).isEqualTo(BACKUP_CODE_USED);
            assertThat(world.lastEvent().detail(Detail.BACKUP_CODES_LEFT)).contains("9");
        }

        @Test
        void details_ofAnyEvent_containNoSecret() {
            Owner owner = world.enroll();
            String code = owner.phone().codeAt(world.now());
            Challenge challenge = world.challenge(ALICE, owner.browser());
            twoFactor.verify(challenge, code);
            world.verify(owner.backupCodes().get(0));
            world.verify(owner.backupCodes().get(0));
            Verified proof =
                    World.proof(world.verify(FIREFOX, owner.backupCodes().get(1)));
            twoFactor.rememberBrowser(proof);
            TemporaryCode temporary = operator.issueTemporaryCode(ALICE, Duration.ofHours(1), "asked");
            PendingEnrollment pending = twoFactor.addAuthenticator(proof, EnrollmentRequest.of("alice"));

            List<String> secrets = new ArrayList<>(owner.backupCodes());
            secrets.addAll(List.of(
                    code,
                    challenge.value(),
                    proof.browserToken().orElseThrow().value(),
                    proof.stamp().value(),
                    twoFactor.seal(proof),
                    temporary.value(),
                    pending.handle().value(),
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
        private final SecretKeySpec old = new SecretKeySpec(new byte[32], "HmacSHA256");
        private final SecretKeySpec current = new SecretKeySpec(
                new byte[] {
                    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                    28, 29, 30, 31, 32
                },
                "HmacSHA256");
        private final KeyRing rotatedKeys = KeyRing.of("2026", current).withPrevious("2025", old);

        private void importUnderTheOldKey(TwoFactor.Builder node) {
            String keyUri = "otpauth://totp/alice?secret=" + Phone.RFC_SECRET;
            ExistingAuthenticator app =
                    ExistingAuthenticator.of(KeyUri.parse(keyUri)).lastUsedStep(0);
            node.encryptionKeys(KeyRing.of("2025", old))
                    .build()
                    .operator("Olivia")
                    .importWithoutConfirmation(ALICE, List.of(REQUEST.existing(app)));
        }

        @Test
        void write_underAnOlderKey_tellsThatTheKeyWasRenewed() {
            importUnderTheOldKey(world.node());
            TwoFactor rotated = world.node().encryptionKeys(rotatedKeys).build();
            world.events.clear();

            rotated.status(ALICE);
            happened();
            Phone phone = Phone.ofSecret(Phone.RFC_SECRET);
            Challenge challenge =
                    ((SignInRequirement.CodeRequired) rotated.signInRequirement(ALICE, Browser.none())).challenge();
            rotated.verify(challenge, phone.codeAt(world.now()));
            assertThat(world.lastEvent().detail(Detail.KEY_ID)).contains("2026");
            assertThat(world.lastEvent().position()).map(Position::index).contains(2);
            happened(CODE_ACCEPTED, KEY_RENEWED);
            rotated.verify(challenge, phone.wrongAt(world.now()));
            happened(CODE_REJECTED);
        }

        @Test
        @DisplayName("A walk that renews the keys makes versions too, and tells its listener of them")
        void reencryption_withAListener_tellsOfTheNewVersion() {
            InMemoryTwoFactorStore store = new InMemoryTwoFactorStore();
            importUnderTheOldKey(world.node().store(store));
            world.events.clear();

            Reencryption.of(store, rotatedKeys).listener(world.events::add).renew(null, 10);

            assertThat(world.eventTypes()).startsWith(KEY_RENEWED);
            assertThat(world.events.get(0).position().orElseThrow().version())
                    .isEqualTo(store.find(ALICE.value()).orElseThrow().version());
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

        @Test
        @DisplayName("A version that only corrects an instant has an event too")
        void write_thatOnlyCorrectsAnInstant_tellsThatTheClockWasCorrected() {
            Owner owner = world.enroll();
            world.clock.advance(Duration.ofDays(300));
            world.fail(owner.phone(), 1);
            world.clock.advance(Duration.ofDays(-300));
            world.events.clear();

            twoFactor.forgetBrowser(ALICE, BrowserId.of("0123456789abcdef"));

            assertThat(world.lastEvent().position()).map(Position::of).contains(1);
            happened(CLOCK_CORRECTED);
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

            PendingEnrollment pending = failing.beginEnrollment(ALICE, "alice");
            String code = Phone.scan(pending).codeAt(world.now());
            EnrollmentResult result = failing.confirmEnrollment(pending.handle(), code);

            assertThat(result).isInstanceOf(Enrolled.class);
            assertThat(failing.status(ALICE).state()).isEqualTo(TwoFactorStatus.State.ENABLED);
            assertThat(failing.verify(world.challenge(ALICE, FIREFOX), code)).isEqualTo(new Rejected());
            assertThat(heard)
                    .containsExactly(ENROLLMENT_STARTED, ENROLLMENT_CONFIRMED, AUTHENTICATOR_ADDED, CODE_REJECTED);
        }

        @Test
        void listener_thatThrowsAnError_reachesTheCallerAfterTheCommit() {
            Phone phone = world.importApp();
            TwoFactor failing = with(event -> {
                throw new AssertionError("stop");
            });
            Challenge challenge = world.challenge(ALICE, FIREFOX);
            String code = phone.codeAt(world.now());

            assertThatThrownBy(() -> failing.verify(challenge, code))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage("stop");

            assertThat(world.verify(code)).isEqualTo(new Rejected());
        }

        @Test
        void listener_thatCallsBack_seesWhatIsCommitted() {
            Phone phone = world.importApp();
            Challenge challenge = world.challenge(ALICE, FIREFOX);
            TwoFactor[] itself = {twoFactor};
            List<VerificationResult> results = new ArrayList<>();
            TwoFactor callingBack = with(event -> {
                if (event.type() == CODE_ACCEPTED && results.isEmpty()) {
                    results.add(new Rejected());
                    assertThat(itself[0].status(ALICE).authenticators().get(0).lastUsed())
                            .contains(world.now());
                    results.add(itself[0].verify(challenge, phone.codeAt(world.now())));
                    results.add(
                            itself[0].verify(challenge, phone.codeAt(world.now().plus(STEP))));
                }
            });
            itself[0] = callingBack;

            Verified proof = World.proof(callingBack.verify(challenge, phone.codeAt(world.now())));

            assertThat(results.get(1)).isEqualTo(new Rejected());
            assertThat(results.get(2)).isInstanceOf(Verified.class);
            assertThat(twoFactor.regenerateBackupCodes(proof)).isNotNull();
        }

        @Test
        void listener_always_hearsOnTheCallersThreadBeforeTheReturn() {
            Phone phone = world.importApp();
            List<Thread> threads = new ArrayList<>();

            with(event -> threads.add(Thread.currentThread()))
                    .verify(world.challenge(ALICE, Browser.none()), phone.codeAt(world.now()));

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
            Challenge challenge = world.challenge(ALICE, FIREFOX);
            world.events.clear();
            world.store.failOnFind(new StoreException("connection lost"));

            assertThatThrownBy(() -> twoFactor.verify(challenge, "123456")).isInstanceOf(StoreException.class);

            happened();
        }
    }

    @Test
    void event_ofAnOperator_namesItAndOthersNobody() {
        world.importApp();
        assertThat(world.lastEvent().operator()).contains("migration");

        world.verify("12345678");
        assertThat(world.lastEvent().operator()).isEqualTo(Optional.empty());
    }
}
