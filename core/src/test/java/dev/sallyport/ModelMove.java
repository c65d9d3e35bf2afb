// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/** What may happen in a play: each public method of {@link TwoFactor} in every way that matters, and time. */
enum ModelMove {
    BEGIN(8, "beginEnrollment", ModelPlay::begin),
    BEGIN_WITH_PROOF(9, "beginEnrollment", ModelPlay::beginWithProof),
    LOOK_AT_PENDING(3, "pendingEnrollment", ModelPlay::pending),
    LOOK_AT_PENDING_WITH_PROOF(3, "pendingEnrollment", ModelPlay::pendingWithProof),
    CONFIRM(16, "confirmEnrollment", ModelPlay::confirm),
    CONFIRM_WITH_A_WRONG_CODE(6, "confirmEnrollment", ModelPlay::confirmWrong),
    CANCEL(2, "cancelEnrollment", ModelPlay::cancel),
    IMPORT(3, "importWithoutConfirmation", ModelPlay::importSeed),
    VERIFY_CODE_AROUND_NOW(20, "verify", ModelPlay::verify),
    VERIFY_USED_CODE(8, "verify", ModelPlay::verifyUsed),
    VERIFY_WRONG_CODE(12, "verify", ModelPlay::verifyWrong),
    VERIFY_CODE_OF_ANOTHER_USER(2, "verify", ModelPlay::verifyOfAnother),
    VERIFY_NO_CODE_AT_ALL(2, "verify", ModelPlay::verifyMalformed),
    VERIFY_BACKUP_CODE(8, "verify", ModelPlay::verifyBackupCode),
    VERIFY_WRONG_BACKUP_CODE(6, "verify", ModelPlay::verifyWrongBackupCode),
    RESYNCHRONIZE(6, "resynchronize", ModelPlay::resynchronize),
    SIGN_IN(10, "signInRequirement", ModelPlay::signIn),
    REMEMBER_BROWSER(14, "rememberBrowser", ModelPlay::rememberBrowser),
    REGENERATE(4, "regenerateBackupCodes", ModelPlay::regenerate),
    REMOVE_AUTHENTICATOR(6, "removeAuthenticator", ModelPlay::removeAuthenticator),
    DISABLE(2, "disable", ModelPlay::disable),
    SEAL(3, "seal", ModelPlay::seal),
    UNSEAL(4, "unseal", ModelPlay::unseal),
    FORGET_BROWSER(2, "forgetBrowser", ModelPlay::forgetBrowser),
    FORGET_BROWSERS(1, "forgetBrowsers", ModelPlay::forgetBrowsers),
    UNLOCK(1, "unlock", ModelPlay::unlock),
    RESET(1, "resetWithoutProof", ModelPlay::reset),
    SIGN_IN_ANEW(24, "", ModelPlay::signInAnew),
    FAIL_IN_A_ROW(10, "", ModelPlay::failInARow),
    TIME_GOES_BY(20, "", ModelPlay::timeGoesBy),
    TIME_HAS_COME(16, "", ModelPlay::timeHasCome),
    CLOCK_GOES_BACK(2, "", ModelPlay::clockGoesBack),
    CLOCK_IS_RIGHT_AGAIN(4, "", ModelPlay::clockIsRightAgain);

    private final int weight;
    private final String method;

    @SuppressWarnings("ImmutableEnumChecker") // no method reference here holds anything
    private final Action action;

    /** How a move is made. */
    interface Action {
        void make(ModelPlay play, ModelTurn turn);
    }

    ModelMove(int weight, String method, Action action) {
        this.weight = weight;
        this.method = method;
        this.action = action;
    }

    void make(ModelPlay play, ModelTurn turn) {
        action.make(play, turn);
    }

    /** The method that it calls; empty if time changes. */
    String method() {
        return method;
    }

    /** Each as often as it ought to happen, compared with the others. */
    static List<ModelMove> weighted() {
        return Stream.of(values())
                .flatMap(move -> Collections.nCopies(move.weight, move).stream())
                .toList();
    }
}
