// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** What may happen in a run: each public method of {@link TwoFactor} and {@link Operator} in every way that matters, and time. */
enum ModelAction {
    BEGIN(8, "beginEnrollment", ModelRun::begin),
    ADD_AUTHENTICATOR(10, "addAuthenticator", ModelRun::addAuthenticator),
    LOOK_AT_PENDING(3, "pendingEnrollment", ModelRun::pending),
    CONFIRM(16, "confirmEnrollment", ModelRun::confirm),
    CONFIRM_WITH_TWO_CODES(6, "confirmEnrollment", ModelRun::confirmWithTwoCodes),
    CONFIRM_WITH_A_WRONG_CODE(5, "confirmEnrollment", ModelRun::confirmWrong),
    CONFIRM_WITH_A_CODE_OF_ANOTHER_TIME(2, "confirmEnrollment", ModelRun::confirmWithWrongClock),
    IMPORT(4, "importWithoutConfirmation", ModelRun::importAll),
    SIGN_IN(10, "signInRequirement", ModelRun::signIn),
    VERIFY_CODE_AROUND_NOW(20, "verify", ModelRun::verify),
    VERIFY_USED_CODE(6, "verify", ModelRun::verifyUsed),
    VERIFY_WRONG_CODE(10, "verify", ModelRun::verifyWrong),
    VERIFY_CODE_OF_ANOTHER_USER(2, "verify", ModelRun::verifyOfAnother),
    VERIFY_NO_CODE_AT_ALL(2, "verify", ModelRun::verifyMalformed),
    VERIFY_BACKUP_CODE(6, "verify", ModelRun::verifyBackupCode),
    VERIFY_TEMPORARY_CODE(6, "verify", ModelRun::verifyTemporaryCode),
    VERIFY_TWO_CODES(8, "verify", ModelRun::verifyTwoCodes),
    STEP_UP(10, "stepUp", ModelRun::stepUp),
    STEP_UP_WITH_A_WRONG_CODE(6, "stepUp", ModelRun::stepUpWrong),
    STEP_UP_WITH_A_SINGLE_USE_CODE(3, "stepUp", ModelRun::stepUpWithSingleUseCode),
    STEP_UP_WITH_TWO_CODES(2, "stepUp", ModelRun::stepUpWithTwoCodes),
    IS_CURRENT(2, "isCurrent", ModelRun::isCurrent),
    REMEMBER_BROWSER(12, "rememberBrowser", ModelRun::rememberBrowser),
    REGENERATE(4, "regenerateBackupCodes", ModelRun::regenerate),
    REMOVE_AUTHENTICATOR(5, "removeAuthenticator", ModelRun::removeAuthenticator),
    DISABLE(2, "disable", ModelRun::disable),
    SEAL(3, "seal", ModelRun::seal),
    UNSEAL(4, "unseal", ModelRun::unseal),
    FORGET_BROWSER(4, "forgetBrowser", ModelRun::forgetBrowser),
    END_TRUST(1, "endTrust", ModelRun::endTrust),
    END_TRUST_WITH_PROOF(2, "endTrust", ModelRun::endTrustWithProof),
    ISSUE_TEMPORARY_CODE(5, "issueTemporaryCode", ModelRun::issueTemporaryCode),
    UNLOCK(1, "unlock", ModelRun::unlock),
    RESET(1, "resetWithoutProof", ModelRun::reset),
    ACCEPT_RESTORED_RECORD(1, "acceptRestoredRecord", ModelRun::acceptRestoredRecord),
    DELETE_ACCOUNT(1, "deleteAccount", ModelRun::deleteAccount),
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

    /** The method that it calls; empty if the clock moves. */
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
