// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World.Owner;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every public call of {@link TwoFactor} and {@link Operator} that asks the store, each in a case or more: what it needs
 * beforehand, and what must hold after the store failed in the middle of it. That follows what the call's Javadoc advises.
 */
enum StoreCall {
    SIGN_IN_REQUIREMENT("TwoFactor.signInRequirement(UserId,Browser)", Cost.READ, app -> {
        Owner owner = app.world.enroll();
        app.world.twoFactor.rememberBrowser(owner.proof());
        return new Attempt(
                () -> app.twoFactor.signInRequirement(ALICE, owner.browser()),
                () -> assertThat(app.needsNoCode(owner.browser())).isTrue());
    }),
    VERIFY("TwoFactor.verify(Challenge,String)", Cost.READ_AND_WRITE, app -> {
        Phone phone = app.world.enroll().phone();
        String code = app.code(phone);
        Challenge challenge = app.world.challenge(ALICE, FIREFOX);
        return new Attempt(
                () -> app.twoFactor.verify(challenge, code),
                () -> {
                    assertThat(app.twoFactor.verify(challenge, code)).isEqualTo(new Rejected());
                    assertThat(app.world.lastEvent().rejection()).contains(Rejection.REPLAYED);
                    assertThat(app.account().limits().strangers()).isEqualTo(FailureRow.NONE);
                    // The token of the browser that was noted is lost with the answer.
                    assertThat(app.status().browsers()).hasSize(2);
                    assertThat(app.verifyNext(phone)).isInstanceOf(Verified.class);
                },
                () -> {
                    assertThat(app.status().browsers()).hasSize(1);
                    assertThat(app.twoFactor.verify(challenge, code)).isInstanceOf(Verified.class);
                });
    }),
    VERIFY_IN_A_KNOWN_BROWSER("TwoFactor.verify(Challenge,String)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        String code = app.code(owner.phone());
        Challenge challenge = app.world.challenge(ALICE, owner.browser());
        return new Attempt(
                () -> app.twoFactor.verify(challenge, code),
                () -> assertThat(app.twoFactor.verify(challenge, code)).isEqualTo(new Rejected()),
                () -> assertThat(app.twoFactor.verify(challenge, code)).isInstanceOf(Verified.class));
    }),
    VERIFY_WRONG("TwoFactor.verify(Challenge,String)", Cost.READ_AND_WRITE, app -> {
        Phone phone = app.world.enroll().phone();
        String wrong = phone.wrongAt(app.world.now());
        Challenge challenge = app.challenge();
        return new Attempt(
                () -> app.twoFactor.verify(challenge, wrong),
                () -> assertThat(app.account().limits().strangers().failures()).isEqualTo(1),
                () -> assertThat(app.account().limits().strangers().failures()).isZero());
    }),
    VERIFY_WRONG_IN_A_KNOWN_BROWSER("TwoFactor.verify(Challenge,String)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        String wrong = owner.phone().wrongAt(app.world.now());
        Challenge challenge = app.world.challenge(ALICE, owner.browser());
        return new Attempt(
                () -> app.twoFactor.verify(challenge, wrong),
                () -> assertThat(app.account().browsers().get(0).row().failures())
                        .isEqualTo(1),
                () -> assertThat(app.account().browsers().get(0).row().failures())
                        .isZero());
    }),
    VERIFY_LAST_BEFORE_THE_LOCKOUT("TwoFactor.verify(Challenge,String)", Cost.READ_AND_WRITE, app -> {
        Phone phone = app.world.enroll().phone();
        app.world.fail(phone, 4);
        String wrong = phone.wrongAt(app.world.now());
        Challenge challenge = app.challenge();
        return new Attempt(
                () -> app.twoFactor.verify(challenge, wrong),
                () -> assertThat(app.verify(app.code(phone))).isInstanceOf(LockedOut.class),
                () -> assertThat(app.verify(app.code(phone))).isInstanceOf(Verified.class));
    }),
    VERIFY_LOCKED_OUT("TwoFactor.verify(Challenge,String)", Cost.READ, app -> {
        Phone phone = app.world.enroll().phone();
        app.world.fail(phone, 5);
        Challenge challenge = app.challenge();
        return new Attempt(
                () -> app.twoFactor.verify(challenge, app.code(phone)),
                () -> assertThat(app.verify(app.code(phone))).isInstanceOf(LockedOut.class));
    }),
    VERIFY_BACKUP_CODE("TwoFactor.verify(Challenge,String)", Cost.READ_AND_WRITE, app -> {
        String code = app.world.enroll().backupCodes().get(0);
        Challenge challenge = app.challenge();
        return new Attempt(
                () -> app.twoFactor.verify(challenge, code),
                () -> {
                    assertThat(app.twoFactor.verify(challenge, code)).isEqualTo(new SignInAgain());
                    assertThat(app.verify(code)).isEqualTo(new Rejected());
                    assertThat(app.status().backupCodesLeft()).isEqualTo(1);
                },
                () -> {
                    assertThat(app.status().backupCodesLeft()).isEqualTo(2);
                    assertThat(app.twoFactor.verify(challenge, code)).isInstanceOf(Verified.class);
                });
    }),
    VERIFY_WRONG_BACKUP_CODE("TwoFactor.verify(Challenge,String)", Cost.READ, app -> {
        app.world.enroll();
        Challenge challenge = app.challenge();
        return new Attempt(
                () -> app.twoFactor.verify(challenge, "0000-0000-0000-0000-0000-0000"),
                () -> assertThat(app.account().limits()).isEqualTo(Limits.NONE));
    }),
    VERIFY_TEMPORARY_CODE("TwoFactor.verify(Challenge,String)", Cost.READ_AND_WRITE, app -> {
        app.world.enroll();
        String code = app.world
                .twoFactor
                .operator("support")
                .issueTemporaryCode(ALICE, Duration.ofHours(1), "phone in repair")
                .value();
        Challenge challenge = app.challenge();
        return new Attempt(
                () -> app.twoFactor.verify(challenge, code),
                () -> assertThat(app.verify(code)).isEqualTo(new Rejected()),
                () -> assertThat(app.twoFactor.verify(challenge, code)).isInstanceOf(Verified.class));
    }),
    VERIFY_TWO_CODES("TwoFactor.verify(Challenge,String,String)", Cost.READ_AND_WRITE, app -> {
        Phone token = app.world.importToken();
        token.pressIdly(50);
        String first = token.press();
        String second = token.press();
        Challenge challenge = app.challenge();
        return new Attempt(
                () -> app.twoFactor.verify(challenge, first, second),
                () -> {
                    assertThat(app.twoFactor.verify(challenge, first, second)).isEqualTo(new Rejected());
                    assertThat(app.verify(token.press())).isInstanceOf(Verified.class);
                },
                () -> assertThat(app.twoFactor.verify(challenge, first, second)).isInstanceOf(Verified.class));
    }),
    STEP_UP("TwoFactor.stepUp(UserId,TrustStamp,String)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        TrustStamp stamp = owner.proof().stamp();
        String code = app.code(owner.phone());
        return new Attempt(
                () -> app.twoFactor.stepUp(ALICE, stamp, code),
                () -> {
                    assertThat(app.twoFactor.stepUp(ALICE, stamp, code)).isEqualTo(new Rejected());
                    assertThat(app.account().limits()).isEqualTo(Limits.NONE);
                    assertThat(app.verifyNext(owner.phone())).isInstanceOf(Verified.class);
                },
                () -> assertThat(app.twoFactor.stepUp(ALICE, stamp, code)).isInstanceOf(Verified.class));
    }),
    STEP_UP_WRONG("TwoFactor.stepUp(UserId,TrustStamp,String)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        String wrong = owner.phone().wrongAt(app.world.now());
        return new Attempt(
                () -> app.twoFactor.stepUp(ALICE, owner.proof().stamp(), wrong),
                () -> assertThat(app.account().limits().stepUp().failures()).isEqualTo(1),
                () -> assertThat(app.account().limits().stepUp().failures()).isZero());
    }),
    STEP_UP_WRONG_FOR_THE_TENTH_TIME("TwoFactor.stepUp(UserId,TrustStamp,String)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        app.failStepUp(owner, 9);
        app.world.clock.advance(Duration.ofHours(1));
        String wrong = owner.phone().wrongAt(app.world.now());
        return new Attempt(
                () -> app.twoFactor.stepUp(ALICE, owner.proof().stamp(), wrong),
                () -> assertThat(app.isCurrent(owner)).isFalse(),
                () -> assertThat(app.isCurrent(owner)).isTrue());
    }),
    STEP_UP_TWO_CODES("TwoFactor.stepUp(UserId,TrustStamp,String,String)", Cost.READ_AND_WRITE, app -> {
        Phone token = app.world.importToken();
        TrustStamp stamp = World.proof(app.world.verify(token.press())).stamp();
        token.pressIdly(50);
        String first = token.press();
        String second = token.press();
        return new Attempt(
                () -> app.twoFactor.stepUp(ALICE, stamp, first, second),
                () -> {
                    assertThat(app.twoFactor.stepUp(ALICE, stamp, first, second))
                            .isEqualTo(new Rejected());
                    assertThat(app.verify(token.press())).isInstanceOf(Verified.class);
                },
                () -> assertThat(app.twoFactor.stepUp(ALICE, stamp, first, second))
                        .isInstanceOf(Verified.class));
    }),
    IS_CURRENT("TwoFactor.isCurrent(UserId,TrustStamp)", Cost.READ, app -> {
        Owner owner = app.world.enroll();
        return new Attempt(
                () -> app.isCurrent(owner),
                () -> assertThat(app.isCurrent(owner)).isTrue());
    }),
    REMEMBER_BROWSER("TwoFactor.rememberBrowser(Verified)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        return new Attempt(
                () -> app.twoFactor.rememberBrowser(owner.proof()),
                () -> {
                    assertThat(app.needsNoCode(owner.browser())).isTrue();
                    app.twoFactor.rememberBrowser(owner.proof());
                    assertThat(app.needsNoCode(owner.browser())).isTrue();
                },
                () -> {
                    assertThat(app.needsNoCode(owner.browser())).isFalse();
                    app.twoFactor.rememberBrowser(owner.proof());
                    assertThat(app.needsNoCode(owner.browser())).isTrue();
                });
    }),
    BEGIN_ENROLLMENT(
            "TwoFactor.beginEnrollment(UserId,String)",
            Cost.READ_AND_WRITE,
            app -> new Attempt(
                    app::begin, () -> assertThat(app.confirm(app.begin())).isInstanceOf(Enrolled.class))),
    BEGIN_ENROLLMENT_IN_A_BROWSER("TwoFactor.beginEnrollment(UserId,EnrollmentRequest)", Cost.READ_AND_WRITE, app -> {
        EnrollmentRequest request = EnrollmentRequest.of("alice").browser(FIREFOX);
        return new Attempt(
                () -> app.twoFactor.beginEnrollment(ALICE, request),
                () -> assertThat(app.confirm(app.twoFactor.beginEnrollment(ALICE, request)))
                        .isInstanceOf(Enrolled.class));
    }),
    ADD_AUTHENTICATOR("TwoFactor.addAuthenticator(Verified,EnrollmentRequest)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        EnrollmentRequest request = EnrollmentRequest.of("alice");
        return new Attempt(() -> app.twoFactor.addAuthenticator(owner.proof(), request), () -> {
            assertThat(app.verify(app.code(owner.phone()))).isInstanceOf(Verified.class);
            assertThat(app.confirm(app.twoFactor.addAuthenticator(owner.proof(), request)))
                    .isInstanceOf(Enrolled.class);
            assertThat(app.status().authenticators()).hasSize(2);
        });
    }),
    PENDING_ENROLLMENT("TwoFactor.pendingEnrollment(EnrollmentHandle)", Cost.READ, app -> {
        PendingEnrollment pending = app.begin();
        return new Attempt(
                () -> app.twoFactor.pendingEnrollment(pending.handle()),
                () -> assertThat(app.confirm(pending)).isInstanceOf(Enrolled.class));
    }),
    CONFIRM_ENROLLMENT("TwoFactor.confirmEnrollment(EnrollmentHandle,String)", Cost.READ_AND_WRITE, app -> {
        PendingEnrollment pending = app.begin();
        Phone phone = Phone.scan(pending);
        String code = app.code(phone);
        return new Attempt(
                () -> app.twoFactor.confirmEnrollment(pending.handle(), code),
                () -> {
                    assertThat(app.state()).isEqualTo(State.ENABLED);
                    assertThat(app.twoFactor.confirmEnrollment(pending.handle(), code))
                            .isEqualTo(new BeginAgain());
                    assertThat(app.verify(code)).isEqualTo(new Rejected());
                    Verified proof = World.proof(app.verifyNext(phone));
                    List<String> codes =
                            app.twoFactor.regenerateBackupCodes(proof).codes().asList();
                    assertThat(app.verify(codes.get(0))).isInstanceOf(Verified.class);
                },
                () -> {
                    assertThat(app.state()).isEqualTo(State.PENDING);
                    assertThat(app.twoFactor.confirmEnrollment(pending.handle(), code))
                            .isInstanceOf(Enrolled.class);
                });
    }),
    CONFIRM_ENROLLMENT_WRONG("TwoFactor.confirmEnrollment(EnrollmentHandle,String)", Cost.READ_AND_WRITE, app -> {
        PendingEnrollment pending = app.begin();
        String wrong = Phone.scan(pending).wrongAt(app.world.now());
        return new Attempt(
                () -> app.twoFactor.confirmEnrollment(pending.handle(), wrong),
                () -> assertThat(app.account().pending())
                        .extracting(PendingSlot::failures)
                        .isEqualTo(1),
                () -> assertThat(app.account().pending())
                        .extracting(PendingSlot::failures)
                        .isEqualTo(0));
    }),
    CONFIRM_ENROLLMENT_TOO_LATE("TwoFactor.confirmEnrollment(EnrollmentHandle,String)", Cost.READ_AND_WRITE, app -> {
        PendingEnrollment pending = app.begin();
        app.world.clock.advance(TwoFactorPolicy.ENROLLMENT_LIFETIME.plusMillis(1));
        return new Attempt(
                () -> app.confirm(pending),
                () -> assertThat(app.confirm(pending)).isEqualTo(new BeginAgain()));
    }),
    CONFIRM_ENROLLMENT_OF_ANOTHER("TwoFactor.confirmEnrollment(EnrollmentHandle,String)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        PendingEnrollment pending = app.world.twoFactor.addAuthenticator(owner.proof(), EnrollmentRequest.of("alice"));
        return new Attempt(
                () -> app.confirm(pending),
                () -> assertThat(app.status().authenticators()).hasSize(2),
                () -> assertThat(app.confirm(pending)).isInstanceOf(Enrolled.class));
    }),
    CONFIRM_ENROLLMENT_TWO_CODES(
            "TwoFactor.confirmEnrollment(EnrollmentHandle,String,String)", Cost.READ_AND_WRITE, app -> {
                ExistingAuthenticator existing =
                        ExistingAuthenticator.hotp(SharedSecret.fromBase32(Phone.RFC_SECRET), HmacAlgorithm.SHA1, 6, 0);
                PendingEnrollment pending = app.world.twoFactor.beginEnrollment(
                        ALICE, EnrollmentRequest.of("alice").existing(existing));
                Phone token = Phone.scan(pending);
                token.pressIdly(50);
                String first = token.press();
                String second = token.press();
                return new Attempt(
                        () -> app.twoFactor.confirmEnrollment(pending.handle(), first, second),
                        () -> {
                            assertThat(app.state()).isEqualTo(State.ENABLED);
                            assertThat(app.verify(second)).isEqualTo(new Rejected());
                            assertThat(app.verify(token.press())).isInstanceOf(Verified.class);
                        },
                        () -> {
                            assertThat(app.state()).isEqualTo(State.PENDING);
                            assertThat(app.twoFactor.confirmEnrollment(pending.handle(), first, second))
                                    .isInstanceOf(Enrolled.class);
                        });
            }),
    REGENERATE_BACKUP_CODES("TwoFactor.regenerateBackupCodes(Verified)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        Runnable call = () -> app.twoFactor.regenerateBackupCodes(owner.proof());
        Runnable askForACodeAndCallAgain = () -> {
            Verified proof = World.proof(app.verify(app.code(owner.phone())));
            List<String> codes =
                    app.twoFactor.regenerateBackupCodes(proof).codes().asList();
            assertThat(app.verify(owner.backupCodes().get(0))).isEqualTo(new Rejected());
            assertThat(codes).allSatisfy(code -> assertThat(app.verify(code)).isInstanceOf(Verified.class));
        };
        return new Attempt(
                call,
                () -> {
                    assertThatThrownBy(call::run).isInstanceOf(StaleProofException.class);
                    askForACodeAndCallAgain.run();
                },
                askForACodeAndCallAgain);
    }),
    REMOVE_AUTHENTICATOR("TwoFactor.removeAuthenticator(Verified,AuthenticatorId)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        Owner another = app.world.enrollAnother(owner.proof());
        Runnable call = () -> app.twoFactor.removeAuthenticator(another.proof(), owner.authenticator());
        return new Attempt(
                call,
                () -> {
                    assertThat(app.status().authenticators()).hasSize(1);
                    assertThatThrownBy(call::run).isInstanceOf(StaleProofException.class);
                    assertThat(app.verify(app.code(owner.phone()))).isEqualTo(new Rejected());
                    assertThat(app.verify(app.code(another.phone()))).isInstanceOf(Verified.class);
                },
                () -> {
                    assertThat(app.status().authenticators()).hasSize(2);
                    assertThat(app.verify(app.code(owner.phone()))).isInstanceOf(Verified.class);
                });
    }),
    DISABLE("TwoFactor.disable(Verified)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        Runnable call = () -> app.twoFactor.disable(owner.proof());
        return new Attempt(
                call,
                () -> {
                    assertThat(app.state()).isEqualTo(State.OFF);
                    assertThatThrownBy(call::run).isInstanceOf(StaleProofException.class);
                    assertThat(app.needsNoCode(FIREFOX)).isTrue();
                },
                () -> {
                    assertThat(app.state()).isEqualTo(State.ENABLED);
                    call.run();
                    assertThat(app.state()).isEqualTo(State.OFF);
                });
    }),
    STATUS("TwoFactor.status(UserId)", Cost.READ, app -> {
        app.world.enroll();
        return new Attempt(
                () -> app.twoFactor.status(ALICE), () -> assertThat(app.state()).isEqualTo(State.ENABLED));
    }),
    FORGET_BROWSER("TwoFactor.forgetBrowser(UserId,BrowserId)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        BrowserId browser = owner.proof().stamp().browser().orElseThrow();
        return new Attempt(
                () -> app.twoFactor.forgetBrowser(ALICE, browser),
                () -> assertThat(app.isCurrent(owner)).isFalse(),
                () -> {
                    assertThat(app.isCurrent(owner)).isTrue();
                    app.twoFactor.forgetBrowser(ALICE, browser);
                    assertThat(app.isCurrent(owner)).isFalse();
                });
    }),
    END_TRUST("TwoFactor.endTrust(UserId)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        return new Attempt(
                () -> app.twoFactor.endTrust(ALICE),
                () -> assertThat(app.isCurrent(owner)).isFalse(),
                () -> assertThat(app.isCurrent(owner)).isTrue());
    }),
    END_TRUST_OF_A_SESSION("TwoFactor.endTrust(UserId,TrustStamp)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        return new Attempt(
                () -> app.twoFactor.endTrust(ALICE, owner.proof().stamp()),
                () -> assertThat(app.isCurrent(owner)).isFalse(),
                () -> assertThat(app.isCurrent(owner)).isTrue());
    }),
    END_TRUST_WITH_A_PROOF("TwoFactor.endTrust(Verified)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        return new Attempt(
                () -> app.twoFactor.endTrust(owner.proof()),
                () -> {
                    assertThat(app.isCurrent(owner)).isFalse();
                    assertThatThrownBy(() -> app.twoFactor.disable(owner.proof()))
                            .isInstanceOf(StaleProofException.class);
                },
                () -> {
                    assertThat(app.isCurrent(owner)).isTrue();
                    Verified renewed = app.twoFactor.endTrust(owner.proof());
                    assertThat(app.twoFactor.isCurrent(ALICE, renewed.stamp())).isTrue();
                });
    }),
    IMPORT_WITHOUT_CONFIRMATION("Operator.importWithoutConfirmation(UserId,List)", Cost.READ_AND_WRITE, app -> {
        KeyUri keyUri = KeyUri.parse("otpauth://totp/Acme:alice?secret=" + Phone.RFC_SECRET);
        List<EnrollmentRequest> requests =
                List.of(EnrollmentRequest.of("alice").existing(ExistingAuthenticator.of(keyUri)));
        Runnable call = () -> app.operator.importWithoutConfirmation(ALICE, requests);
        return new Attempt(
                call, () -> assertThatThrownBy(call::run).isInstanceOf(AlreadyEnabledException.class), () -> {
                    assertThat(app.state()).isEqualTo(State.OFF);
                    call.run();
                    assertThat(app.state()).isEqualTo(State.ENABLED);
                });
    }),
    ISSUE_TEMPORARY_CODE("Operator.issueTemporaryCode(UserId,Duration,String)", Cost.READ_AND_WRITE, app -> {
        app.world.enroll();
        Duration hour = Duration.ofHours(1);
        Runnable issueAgain = () -> {
            String code =
                    app.operator.issueTemporaryCode(ALICE, hour, "lost phone").value();
            assertThat(app.verify(code)).isInstanceOf(Verified.class);
        };
        return new Attempt(
                () -> app.operator.issueTemporaryCode(ALICE, hour, "lost phone"),
                () -> {
                    assertThat(app.account().backupCodes().temporary()).isNotNull();
                    issueAgain.run();
                },
                () -> {
                    assertThat(app.account().backupCodes().temporary()).isNull();
                    issueAgain.run();
                });
    }),
    UNLOCK("Operator.unlock(UserId,String)", Cost.READ_AND_WRITE, app -> {
        Phone phone = app.world.enroll().phone();
        app.world.fail(phone, 5);
        return new Attempt(
                () -> app.operator.unlock(ALICE, "asked by telephone"),
                () -> assertThat(app.status().strangers().lock()).isEmpty(),
                () -> assertThat(app.status().strangers().lock()).isPresent());
    }),
    RESET_WITHOUT_PROOF("Operator.resetWithoutProof(UserId,String)", Cost.READ_AND_WRITE, app -> {
        app.world.enroll();
        Runnable call = () -> app.operator.resetWithoutProof(ALICE, "lost everything");
        return new Attempt(call, () -> assertThat(app.state()).isEqualTo(State.OFF), () -> {
            assertThat(app.state()).isEqualTo(State.ENABLED);
            call.run();
            assertThat(app.state()).isEqualTo(State.OFF);
        });
    }),
    ACCEPT_RESTORED_RECORD("Operator.acceptRestoredRecord(UserId,String)", Cost.READ_AND_WRITE, app -> {
        Owner owner = app.world.enroll();
        return new Attempt(
                () -> app.operator.acceptRestoredRecord(ALICE, "backup of Monday"),
                () -> assertThat(app.isCurrent(owner)).isFalse(),
                () -> assertThat(app.isCurrent(owner)).isTrue());
    }),
    DELETE_ACCOUNT("Operator.deleteAccount(UserId)", Cost.WRITE, app -> {
        app.world.enroll();
        Runnable call = () -> app.operator.deleteAccount(ALICE);
        return new Attempt(call, () -> assertThat(app.world.rows).isEmpty(), () -> {
            assertThat(app.world.rows).hasSize(1);
            call.run();
            assertThat(app.world.rows).isEmpty();
        });
    });

    /** What a call asks of the store where nobody interferes. */
    enum Cost {
        READ(1, 0),
        READ_AND_WRITE(1, 1),
        WRITE(0, 1);

        final int reads;
        final int writes;

        Cost(int reads, int writes) {
            this.reads = reads;
            this.writes = writes;
        }
    }

    /** A call, and what must hold after it met a failing store, if its write took effect and if it did not. */
    record Attempt(Runnable call, Runnable ifWritten, Runnable ifNotWritten) {
        /** Where it makes no difference to the caller. */
        Attempt(Runnable call, Runnable inBothCases) {
            this(call, inBothCases, inBothCases);
        }
    }

    private final String signature;
    private final Cost cost;

    @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
    private final Function<FailingApplication, Attempt> preparation;

    StoreCall(String signature, Cost cost, Function<FailingApplication, Attempt> preparation) {
        this.signature = signature;
        this.cost = cost;
        this.preparation = preparation;
    }

    /** Sets up what the call needs, and does not make it. */
    Attempt prepare(FailingApplication app) {
        return preparation.apply(app);
    }

    /** Class, name and parameter types of the method. */
    String signature() {
        return signature;
    }

    /** The signatures of all calls for a user, which are the public methods of {@link TwoFactor} and {@link Operator}. */
    static Set<String> allSignatures() {
        Set<String> signatures = Stream.of(TwoFactor.class, Operator.class)
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(method -> Modifier.isPublic(method.getModifiers()))
                .map(StoreCall::signatureOf)
                .collect(Collectors.toCollection(TreeSet::new));
        // They only make the object that is called.
        assertThat(signatures.removeAll(Set.of("TwoFactor.builder()", "TwoFactor.operator(String)")))
                .isTrue();
        return signatures;
    }

    private static String signatureOf(Method method) {
        String parameters =
                Stream.of(method.getParameterTypes()).map(Class::getSimpleName).collect(Collectors.joining(","));
        return method.getDeclaringClass().getSimpleName() + "." + method.getName() + "(" + parameters + ")";
    }

    Cost cost() {
        return cost;
    }

    /** Whether the call ends what the version witness says of a missing record. */
    boolean endsMissing() {
        return signature.startsWith("Operator.resetWithoutProof")
                || signature.startsWith("Operator.acceptRestoredRecord")
                || signature.startsWith("Operator.deleteAccount");
    }
}
