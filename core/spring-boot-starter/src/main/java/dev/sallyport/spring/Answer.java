// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.BackupCodes;
import dev.sallyport.BrowserId;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.VerificationResult.Verified;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an endpoint says, before it becomes a page or JSON. */
sealed interface Answer {
    /** {@return what went wrong just before, to be shown above the form; null where nothing did} */
    default @Nullable Problem problem() {
        return null;
    }

    /** The page of a half-finished sign-in: it asks for a code. */
    record CodeDue(@Nullable Problem problem) implements Answer {}

    /** The settings: what is enabled, and what can be changed. */
    record Overview(
            TwoFactorStatus status,
            Optional<BrowserId> thisBrowser,
            @Nullable Problem problem) implements Answer {}

    /**
     * Asks for the password again, before two-factor authentication is enabled.
     *
     * @param passwordAsked false for a user who has no password here, such as one of OAuth2: a button is enough then
     * @param problem what went wrong just before
     */
    record PasswordDue(boolean passwordAsked, @Nullable Problem problem) implements Answer {
        PasswordDue(@Nullable Problem problem) {
            this(true, problem);
        }
    }

    /** The QR code, the secret for typing, and the field for the first code. */
    record Enrolling(PendingEnrollment pending, @Nullable Problem problem) implements Answer {}

    /**
     * Backup codes, shown this once.
     *
     * @param codes the codes
     * @param justEnabled whether two-factor authentication was switched on a moment ago
     * @param stamp what the session rests on from now on, for a program without a session
     */
    record NewBackupCodes(
            BackupCodes codes,
            boolean justEnabled,
            @Nullable TrustStamp stamp) implements Answer {
        NewBackupCodes(BackupCodes codes) {
            this(codes, false, null);
        }
    }

    /**
     * Asks for a code before a change of the settings.
     *
     * @param change what will be changed
     * @param target the id of the authenticator that will be removed; null for other changes
     * @param label its label, or the label that was typed for a new one; null where there is none
     * @param problem what went wrong just before
     */
    record CodeForChange(
            Change change,
            @Nullable String target,
            @Nullable String label,
            @Nullable Problem problem) implements Answer {
        CodeForChange(Change change, @Nullable String target, @Nullable Problem problem) {
            this(change, target, null, problem);
        }
    }

    /**
     * A code was right, for programs. A page goes to {@code next}.
     *
     * @param proof the proof
     * @param sealedProof the proof as a text for the next request; null where the program needs none
     * @param next where the application sends the user now; null where it has not said
     */
    record CodeAccepted(
            Verified proof,
            @Nullable String sealedProof,
            @Nullable String next) implements Answer {
        /** Shows no proof. */
        @Override
        public String toString() {
            return "CodeAccepted[next=" + next + "]";
        }
    }

    /**
     * Done, and nothing to show: a page goes to this path of the application, a program gets it as {@code next}.
     *
     * @param next a path without the context path, or a whole URL
     * @param notice what the next page of settings says about it; null for nothing
     * @param stamp what the session rests on from now on, for a program without a session
     */
    record Done(
            String next, @Nullable Notice notice, @Nullable TrustStamp stamp) implements Answer {
        Done(String next) {
            this(next, null, null);
        }

        Done(String next, Notice notice) {
            this(next, notice, null);
        }
    }

    /**
     * Nothing but a problem: for programs, and for pages that cannot go on.
     *
     * @param problem what went wrong
     * @param next the path where the page's button leads; null for the page of settings
     */
    record Failed(Problem problem, @Nullable String next) implements Answer {
        Failed(Problem problem) {
            this(problem, null);
        }
    }

    /** The changes that need a code. */
    enum Change {
        ADD,
        REMOVE,
        REGENERATE,
        DISABLE
    }

    /** Good news for the page of settings. */
    enum Notice {
        DISABLED,
        AUTHENTICATOR_ADDED,
        AUTHENTICATOR_REMOVED,
        BROWSER_FORGOTTEN,
        SIGNED_OUT_EVERYWHERE
    }
}
