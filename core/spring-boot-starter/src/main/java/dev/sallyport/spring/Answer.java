// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.BackupCodes;
import dev.sallyport.BrowserId;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TwoFactorStatus;
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

    /** Asks for the password again, before two-factor authentication is enabled. */
    record PasswordDue(@Nullable Problem problem) implements Answer {}

    /** The QR code, the secret for typing, and the field for the first code. */
    record Enrolling(PendingEnrollment pending, @Nullable Problem problem) implements Answer {}

    /** Backup codes, shown this once. */
    record NewBackupCodes(BackupCodes codes) implements Answer {}

    /** Asks for a code before a change of the settings. */
    record CodeForChange(
            Change change,
            @Nullable String target,
            @Nullable Problem problem) implements Answer {}

    /** Done, and nothing to show: a page goes to this path of the application, a program gets it as {@code next}. */
    record Done(String next) implements Answer {}

    /** Nothing but a problem: for programs, and for pages that cannot go on. */
    record Failed(Problem problem) implements Answer {}

    /** The changes that need a code. */
    enum Change {
        ADD,
        REMOVE,
        REGENERATE,
        DISABLE
    }
}
