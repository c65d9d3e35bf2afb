// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.KeyUri;
import java.util.List;
import java.util.Set;

/** Every call of {@link TwoFactor} that asks the store, each in a case or more. */
enum Scene {
    BEGIN_ENROLLMENT("beginEnrollment") {
        @Override
        Play prepare(Stage on) {
            return new Play(on::begin, () -> assertThat(on.confirm(on.begin())).isInstanceOf(Enrolled.class));
        }
    },
    BEGIN_ENROLLMENT_ANOTHER("beginEnrollment") {
        @Override
        Play prepare(Stage on) {
            World.Owner owner = on.world.enroll();
            EnrollmentRequest request = EnrollmentRequest.of("alice");
            return new Play(() -> on.twoFactor.beginEnrollment(owner.proof(), request), () -> {
                assertThat(on.twoFactor.verify(ALICE, on.code(owner.phone()))).isInstanceOf(Verified.class);
                Phone other = Phone.scan(on.twoFactor.beginEnrollment(owner.proof(), request));
                assertThat(on.confirm(other)).isInstanceOf(Enrolled.class);
            });
        }
    },
    PENDING_ENROLLMENT("pendingEnrollment") {
        @Override
        Play prepare(Stage on) {
            Phone phone = on.begin();
            return new Play(
                    () -> on.twoFactor.pendingEnrollment(ALICE),
                    () -> assertThat(on.confirm(phone)).isInstanceOf(Enrolled.class));
        }
    },
    PENDING_ENROLLMENT_ANOTHER("pendingEnrollment") {
        @Override
        Play prepare(Stage on) {
            Verified proof = on.world.enroll().proof();
            return new Play(
                    () -> on.twoFactor.pendingEnrollment(proof),
                    () -> assertThat(on.twoFactor.pendingEnrollment(proof)).isEmpty());
        }
    },
    CONFIRM_ENROLLMENT("confirmEnrollment") {
        @Override
        Play prepare(Stage on) {
            Phone phone = on.begin();
            String code = on.code(phone);
            return new Play(
                    () -> on.twoFactor.confirmEnrollment(ALICE, code),
                    // As its Javadoc advises: read the status; if it is on, verify and regenerate.
                    () -> {
                        assertThat(on.state()).isEqualTo(State.ENABLED);
                        assertThat(on.twoFactor.verify(ALICE, code)).isEqualTo(new Rejected());
                        Verified proof = World.proof(on.verifyNext(phone));
                        String backupCode = on.twoFactor
                                .regenerateBackupCodes(proof)
                                .asList()
                                .get(0);
                        assertThat(on.twoFactor.verify(ALICE, backupCode)).isInstanceOf(Verified.class);
                    },
                    () -> {
                        assertThat(on.state()).isEqualTo(State.PENDING);
                        assertThat(on.twoFactor.confirmEnrollment(ALICE, code)).isInstanceOf(Enrolled.class);
                    });
        }
    },
    CONFIRM_ENROLLMENT_WRONG("confirmEnrollment") {
        @Override
        Play prepare(Stage on) {
            Phone phone = on.begin();
            String wrong = phone.wrongAt(on.world.now());
            return new Play(
                    () -> on.twoFactor.confirmEnrollment(ALICE, wrong),
                    () -> assertThat(on.account().pending())
                            .extracting(PendingSlot::failures)
                            .isEqualTo(1),
                    () -> assertThat(on.account().pending())
                            .extracting(PendingSlot::failures)
                            .isEqualTo(0));
        }
    },
    CANCEL_ENROLLMENT("cancelEnrollment") {
        @Override
        Play prepare(Stage on) {
            Phone phone = on.begin();
            return new Play(
                    () -> on.twoFactor.cancelEnrollment(ALICE),
                    () -> assertThat(on.confirm(phone)).isEqualTo(new EnrollmentResult.NotPending()),
                    () -> assertThat(on.confirm(phone)).isInstanceOf(Enrolled.class));
        }
    },
    IMPORT_WITHOUT_CONFIRMATION("importWithoutConfirmation") {
        @Override
        Play prepare(Stage on) {
            String keyUri = "otpauth://totp/Acme:alice?secret=" + Phone.RFC_SECRET;
            EnrollmentRequest request = EnrollmentRequest.of("alice").seed(AuthenticatorSeed.of(KeyUri.parse(keyUri)));
            Runnable run = () -> on.twoFactor.importWithoutConfirmation(ALICE, request);
            return new Play(run, () -> assertThatThrownBy(run::run).isInstanceOf(AlreadyEnabledException.class), () -> {
                assertThat(on.state()).isEqualTo(State.NOT_ENROLLED);
                run.run();
                assertThat(on.state()).isEqualTo(State.ENABLED);
            });
        }
    },
    SIGN_IN_REQUIREMENT("signInRequirement") {
        @Override
        Play prepare(Stage on) {
            BrowserToken token = on.twoFactor.rememberBrowser(on.world.enroll().proof(), "Firefox");
            return new Play(
                    () -> on.twoFactor.signInRequirement(ALICE, token.value()),
                    () -> assertThat(on.isRecognized(token)).isTrue());
        }
    },
    VERIFY("verify") {
        @Override
        Play prepare(Stage on) {
            Phone phone = on.world.enroll().phone();
            String code = on.code(phone);
            return new Play(
                    () -> on.twoFactor.verify(ALICE, code),
                    () -> {
                        assertThat(on.twoFactor.verify(ALICE, code)).isEqualTo(new Rejected());
                        assertThat(on.world.lastEvent().rejection()).contains(TwoFactorEvent.Rejection.REPLAYED);
                        assertThat(on.account().limits().codeFailures()).isZero();
                        assertThat(on.verifyNext(phone)).isInstanceOf(Verified.class);
                    },
                    () -> assertThat(on.twoFactor.verify(ALICE, code)).isInstanceOf(Verified.class));
        }
    },
    VERIFY_WRONG("verify") {
        @Override
        Play prepare(Stage on) {
            Phone phone = on.world.enroll().phone();
            String wrong = phone.wrongAt(on.world.now());
            return new Play(
                    () -> on.twoFactor.verify(ALICE, wrong),
                    () -> assertThat(on.account().limits().codeFailures()).isEqualTo(1),
                    () -> assertThat(on.account().limits().codeFailures()).isZero());
        }
    },
    VERIFY_LAST_BEFORE_THE_LOCKOUT("verify") {
        @Override
        Play prepare(Stage on) {
            Phone phone = on.world.enroll().phone();
            on.world.fail(phone, 4);
            String wrong = phone.wrongAt(on.world.now());
            return new Play(
                    () -> on.twoFactor.verify(ALICE, wrong),
                    () -> assertThat(on.twoFactor.verify(ALICE, on.code(phone)))
                            .isInstanceOf(VerificationResult.LockedOut.class),
                    () -> assertThat(on.twoFactor.verify(ALICE, on.code(phone))).isInstanceOf(Verified.class));
        }
    },
    VERIFY_BACKUP_CODE("verify") {
        @Override
        Play prepare(Stage on) {
            String code = on.world.enroll().backupCodes().get(0);
            return new Play(
                    () -> on.twoFactor.verify(ALICE, code),
                    () -> {
                        assertThat(on.twoFactor.verify(ALICE, code)).isEqualTo(new Rejected());
                        assertThat(on.account().backupCodes().left()).isEqualTo(1);
                    },
                    () -> assertThat(on.twoFactor.verify(ALICE, code)).isInstanceOf(Verified.class));
        }
    },
    VERIFY_WRONG_BACKUP_CODE("verify") {
        @Override
        Play prepare(Stage on) {
            on.world.enroll();
            return new Play(
                    () -> on.twoFactor.verify(ALICE, "0000-0000-0000-0000"),
                    () -> assertThat(on.account().limits().backupFailures()).isEqualTo(1),
                    () -> assertThat(on.account().limits().backupFailures()).isZero());
        }
    },
    RESYNCHRONIZE("resynchronize") {
        @Override
        Play prepare(Stage on) {
            Phone token = on.world.importToken();
            token.pressIdly(50);
            String first = token.press();
            String second = token.press();
            return new Play(
                    () -> on.twoFactor.resynchronize(ALICE, first, second),
                    () -> {
                        assertThat(on.twoFactor.resynchronize(ALICE, first, second))
                                .isEqualTo(new Rejected());
                        assertThat(on.twoFactor.verify(ALICE, token.press())).isInstanceOf(Verified.class);
                    },
                    () -> assertThat(on.twoFactor.resynchronize(ALICE, first, second))
                            .isInstanceOf(Verified.class));
        }
    },
    REMEMBER_BROWSER("rememberBrowser") {
        @Override
        Play prepare(Stage on) {
            Verified proof = on.world.enroll().proof();
            return new Play(
                    () -> on.twoFactor.rememberBrowser(proof, "Firefox"),
                    // Nobody has the token of the one that is there.
                    () -> assertThat(on.twoFactor.status(ALICE).browsers()).hasSize(1),
                    () -> {
                        assertThat(on.twoFactor.status(ALICE).browsers()).isEmpty();
                        assertThat(on.isRecognized(on.twoFactor.rememberBrowser(proof, "Firefox")))
                                .isTrue();
                    });
        }
    },
    REGENERATE_BACKUP_CODES("regenerateBackupCodes") {
        @Override
        Play prepare(Stage on) {
            World.Owner owner = on.world.enroll();
            // As its Javadoc advises: the same call with the same proof, whatever has become of the first.
            return new Play(() -> on.twoFactor.regenerateBackupCodes(owner.proof()), () -> {
                List<String> codes =
                        on.twoFactor.regenerateBackupCodes(owner.proof()).asList();
                assertThat(on.twoFactor.verify(ALICE, owner.backupCodes().get(0)))
                        .isEqualTo(new Rejected());
                assertThat(codes)
                        .allSatisfy(code ->
                                assertThat(on.twoFactor.verify(ALICE, code)).isInstanceOf(Verified.class));
            });
        }
    },
    REMOVE_AUTHENTICATOR("removeAuthenticator") {
        @Override
        Play prepare(Stage on) {
            World.Owner owner = on.world.enroll();
            World.Owner another = on.world.enrollAnother(owner.proof());
            Runnable run = () -> on.twoFactor.removeAuthenticator(another.proof(), owner.authenticator());
            return new Play(
                    run,
                    () -> {
                        assertThatThrownBy(run::run).isInstanceOf(StaleProofException.class);
                        assertThat(on.twoFactor.verify(ALICE, on.code(owner.phone())))
                                .isEqualTo(new Rejected());
                        assertThat(on.twoFactor.verify(ALICE, on.code(another.phone())))
                                .isInstanceOf(Verified.class);
                    },
                    () -> assertThat(on.twoFactor.verify(ALICE, on.code(owner.phone())))
                            .isInstanceOf(Verified.class));
        }
    },
    FORGET_BROWSER("forgetBrowser") {
        @Override
        Play prepare(Stage on) {
            BrowserToken token = on.twoFactor.rememberBrowser(on.world.enroll().proof(), "Firefox");
            return new Play(
                    () -> on.twoFactor.forgetBrowser(ALICE, token.browser()),
                    () -> assertThat(on.isRecognized(token)).isFalse(),
                    () -> assertThat(on.isRecognized(token)).isTrue());
        }
    },
    FORGET_BROWSERS("forgetBrowsers") {
        @Override
        Play prepare(Stage on) {
            Verified proof = on.world.enroll().proof();
            BrowserToken token = on.twoFactor.rememberBrowser(proof, "Firefox");
            return new Play(
                    () -> on.twoFactor.forgetBrowsers(ALICE),
                    () -> {
                        assertThat(on.isRecognized(token)).isFalse();
                        assertThatThrownBy(() -> on.twoFactor.disable(proof)).isInstanceOf(StaleProofException.class);
                    },
                    () -> assertThat(on.isRecognized(token)).isTrue());
        }
    },
    UNLOCK("unlock") {
        @Override
        Play prepare(Stage on) {
            Phone phone = on.world.enroll().phone();
            on.world.fail(phone, 5);
            return new Play(
                    () -> on.twoFactor.unlock(ALICE, "asked by telephone"),
                    () -> assertThat(on.twoFactor.status(ALICE).lock()).isEmpty(),
                    () -> assertThat(on.twoFactor.status(ALICE).lock()).contains(LockReason.BACK_OFF));
        }
    },
    STATUS("status") {
        @Override
        Play prepare(Stage on) {
            on.world.enroll();
            return new Play(
                    () -> on.twoFactor.status(ALICE),
                    () -> assertThat(on.state()).isEqualTo(State.ENABLED));
        }
    },
    DISABLE("disable") {
        @Override
        Play prepare(Stage on) {
            World.Owner owner = on.world.enroll();
            return new Play(
                    () -> on.twoFactor.disable(owner.proof()),
                    () -> assertThat(on.twoFactor.verify(ALICE, on.code(owner.phone())))
                            .isEqualTo(new NotEnrolled()),
                    () -> {
                        assertThat(on.twoFactor.verify(ALICE, on.code(owner.phone())))
                                .isInstanceOf(Verified.class);
                        on.twoFactor.disable(owner.proof());
                        assertThat(on.state()).isEqualTo(State.NOT_ENROLLED);
                    });
        }
    },
    RESET_WITHOUT_PROOF("resetWithoutProof") {
        @Override
        Play prepare(Stage on) {
            on.world.enroll();
            return new Play(
                    () -> on.twoFactor.resetWithoutProof(ALICE, "lost everything"),
                    () -> assertThat(on.state()).isEqualTo(State.NOT_ENROLLED),
                    () -> {
                        assertThat(on.state()).isEqualTo(State.ENABLED);
                        on.twoFactor.resetWithoutProof(ALICE, "lost everything");
                        assertThat(on.state()).isEqualTo(State.NOT_ENROLLED);
                    });
        }
    };

    private final String method;

    Scene(String method) {
        this.method = method;
    }

    /** Sets up what the call needs, and makes no more calls. */
    abstract Play prepare(Stage on);

    /** The name of the method. */
    String method() {
        return method;
    }

    /** What it may ask of the store where nobody interferes: one read, or one read and one write. */
    boolean writes() {
        return !Set.of("pendingEnrollment", "signInRequirement", "status").contains(method);
    }

    /** A call, and what must hold after it was lost to a failing store: its write having taken effect, or not. */
    record Play(Runnable call, Runnable ifWritten, Runnable ifNot) {
        /** Where it makes no difference to the caller. */
        Play(Runnable call, Runnable inAnyCase) {
            this(call, inAnyCase, inAnyCase);
        }
    }
}
