// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** What may happen in a run: each public method of {@link TwoFactor} and {@link Operator} in every way that matters, and time. */
enum ModelAction {
    BEGIN(8, "TwoFactor.beginEnrollment(UserId,EnrollmentRequest)", ModelRun::begin),
    ADD_AUTHENTICATOR(10, "TwoFactor.addAuthenticator(Verified,EnrollmentRequest)", ModelRun::addAuthenticator),
    LOOK_AT_PENDING(3, "TwoFactor.pendingEnrollment(EnrollmentHandle)", ModelRun::pending),
    CONFIRM(16, "TwoFactor.confirmEnrollment(EnrollmentHandle,String)", ModelRun::confirm),
    CONFIRM_WITH_TWO_CODES(
            6, "TwoFactor.confirmEnrollment(EnrollmentHandle,String,String)", ModelRun::confirmWithTwoCodes),
    CONFIRM_WITH_A_WRONG_CODE(5, "TwoFactor.confirmEnrollment(EnrollmentHandle,String)", ModelRun::confirmWrong),
    CONFIRM_WITH_A_CODE_OF_ANOTHER_TIME(
            2, "TwoFactor.confirmEnrollment(EnrollmentHandle,String)", ModelRun::confirmWithWrongClock),
    IMPORT(4, "Operator.importWithoutConfirmation(UserId,List)", ModelRun::importAll),
    SIGN_IN(10, "TwoFactor.signInRequirement(UserId,Browser)", ModelRun::signIn),
    VERIFY_CODE_AROUND_NOW(20, "TwoFactor.verify(Challenge,String)", ModelRun::verify),
    VERIFY_USED_CODE(6, "TwoFactor.verify(Challenge,String)", ModelRun::verifyUsed),
    VERIFY_WRONG_CODE(10, "TwoFactor.verify(Challenge,String)", ModelRun::verifyWrong),
    VERIFY_CODE_OF_ANOTHER_USER(2, "TwoFactor.verify(Challenge,String)", ModelRun::verifyOfAnother),
    VERIFY_NO_CODE_AT_ALL(2, "TwoFactor.verify(Challenge,String)", ModelRun::verifyMalformed),
    VERIFY_BACKUP_CODE(6, "TwoFactor.verify(Challenge,String)", ModelRun::verifyBackupCode),
    VERIFY_TEMPORARY_CODE(6, "TwoFactor.verify(Challenge,String)", ModelRun::verifyTemporaryCode),
    VERIFY_TWO_CODES(8, "TwoFactor.verify(Challenge,String,String)", ModelRun::verifyTwoCodes),
    STEP_UP(10, "TwoFactor.stepUp(UserId,TrustStamp,String)", ModelRun::stepUp),
    STEP_UP_WITH_A_WRONG_CODE(6, "TwoFactor.stepUp(UserId,TrustStamp,String)", ModelRun::stepUpWrong),
    STEP_UP_WITH_A_SINGLE_USE_CODE(3, "TwoFactor.stepUp(UserId,TrustStamp,String)", ModelRun::stepUpWithSingleUseCode),
    STEP_UP_WITH_TWO_CODES(2, "TwoFactor.stepUp(UserId,TrustStamp,String,String)", ModelRun::stepUpWithTwoCodes),
    IS_CURRENT(2, "TwoFactor.isCurrent(UserId,TrustStamp)", ModelRun::isCurrent),
    REMEMBER_BROWSER(12, "TwoFactor.rememberBrowser(Verified)", ModelRun::rememberBrowser),
    REGENERATE(4, "TwoFactor.regenerateBackupCodes(Verified)", ModelRun::regenerate),
    REMOVE_AUTHENTICATOR(5, "TwoFactor.removeAuthenticator(Verified,AuthenticatorId)", ModelRun::removeAuthenticator),
    DISABLE(2, "TwoFactor.disable(Verified)", ModelRun::disable),
    SEAL(3, "TwoFactor.seal(Verified)", ModelRun::seal),
    UNSEAL(4, "TwoFactor.unseal(UserId,String)", ModelRun::unseal),
    FORGET_BROWSER(4, "TwoFactor.forgetBrowser(UserId,BrowserId)", ModelRun::forgetBrowser),
    END_TRUST(1, "TwoFactor.endTrust(UserId)", ModelRun::endTrust),
    END_TRUST_OF_A_SESSION(2, "TwoFactor.endTrust(UserId,TrustStamp)", ModelRun::endTrustOfASession),
    END_TRUST_WITH_PROOF(2, "TwoFactor.endTrust(Verified)", ModelRun::endTrustWithProof),
    ISSUE_TEMPORARY_CODE(5, "Operator.issueTemporaryCode(UserId,Duration,String)", ModelRun::issueTemporaryCode),
    UNLOCK(1, "Operator.unlock(UserId,String)", ModelRun::unlock),
    RESET(1, "Operator.resetWithoutProof(UserId,String)", ModelRun::reset),
    ACCEPT_RESTORED_RECORD(1, "Operator.acceptRestoredRecord(UserId,String)", ModelRun::acceptRestoredRecord),
    DELETE_ACCOUNT(1, "Operator.deleteAccount(UserId)", ModelRun::deleteAccount),
    SIGN_IN_WITH_THE_NEXT_CODE(26, "", ModelRun::signInWithTheNextCode),
    SIGN_IN_FROM_MANY_BROWSERS(1, "", ModelRun::signInFromManyBrowsers),
    FAIL_IN_A_ROW(10, "", ModelRun::failInARow),
    FAIL_STEP_UPS_IN_A_ROW(4, "", ModelRun::failStepUpsInARow),
    TIME_GOES_BY(20, "", ModelRun::timeGoesBy),
    TIME_HAS_COME(16, "", ModelRun::timeHasCome),
    CLOCK_GOES_BACK(2, "", ModelRun::clockGoesBack),
    CLOCK_IS_RIGHT_AGAIN(4, "", ModelRun::clockIsRightAgain);

    private final int weight;
    private final String method;

    @SuppressWarnings("ImmutableEnumChecker") // no method reference here holds anything
    private final Effect effect;

    /** How it is done. */
    interface Effect {
        void happen(ModelRun run, ModelStep step);
    }

    ModelAction(int weight, String method, Effect effect) {
        this.weight = weight;
        this.method = method;
        this.effect = effect;
    }

    void happen(ModelRun run, ModelStep step) {
        effect.happen(run, step);
    }

    /** The signature of the method that it calls; empty if the clock moves, or it calls several. */
    String method() {
        return method;
    }

    /** Each as often as its weight says. */
    static List<ModelAction> weighted() {
        return Stream.of(values())
                .flatMap(action -> Collections.nCopies(action.weight, action).stream())
                .toList();
    }
}
