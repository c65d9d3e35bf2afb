// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.Account.Drawn;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Type;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The calls of an operator: somebody at a support desk, or a program that moves accounts. They need no proof from the
 * user. Therefore the application decides who may make them, and makes sure that operators check the identity of the
 * person they talk to. The operator's name is in every event. {@link TwoFactor#operator} makes this object. Immutable
 * and safe for use by many threads.
 *
 * <p>Where {@link VersionWitness the version witness} says that a record is missing, only {@link #resetWithoutProof},
 * {@link #acceptRestoredRecord} and {@link #deleteAccount} work, because they end this state. The others throw {@link
 * MissingRecordException}. For example, {@code unlock} must not silently accept an older record.
 */
public final class Operator {
    private final String who;
    private final Accounts accounts;
    private final Enrollments enrollments;
    private final SecureRandom random;

    Operator(String who, Accounts accounts, Enrollments enrollments, SecureRandom random) {
        this.who = who;
        this.accounts = accounts;
        this.enrollments = enrollments;
        this.random = random;
    }

    /**
     * Imports all authenticators that a user has with another library, and makes them live at once. Nobody proves that
     * the secrets are the user's. The user has no backup codes until {@link TwoFactor#regenerateBackupCodes}, and no
     * known browser until the first sign-in. Earlier stamps are no longer current. A migration can be repeated: for a
     * user who was imported already, this method throws {@link AlreadyEnabledException}.
     *
     * @param user the user whose authenticators they are
     * @param requests 1 to 5, each with {@link EnrollmentRequest#existing an existing authenticator}
     * @return the ids of the authenticators, in the same order
     * @throws AlreadyEnabledException if two-factor authentication is on
     * @throws IllegalArgumentException if there are none or too many, one has no existing authenticator, two have the
     *     same secret, a secret has under 10 bytes, one would weaken the policy, or a last used step is more than 20
     *     ahead of the clock
     */
    public List<AuthenticatorId> importWithoutConfirmation(UserId user, List<EnrollmentRequest> requests) {
        if (requests.isEmpty() || requests.size() > TwoFactorPolicy.MAX_AUTHENTICATORS) {
            throw new IllegalArgumentException("an import has 1 to " + TwoFactorPolicy.MAX_AUTHENTICATORS
                    + " authenticators, not " + requests.size());
        }
        Drawn drawn = drawn();
        return accounts.changeAsOperator(
                who,
                user,
                (account, call) -> account.importAll(
                        requests.stream()
                                .map(one -> enrollments.imported(one, call))
                                .toList(),
                        drawn,
                        call));
    }

    /**
     * Issues a code for a user whose phone is not at hand. The code works once. A user has one at a time: a new one
     * replaces the old one. It stops working when trust ends. It is as powerful as a reset, so give both the same
     * permission.
     *
     * @param user who needs it
     * @param lifetime how long it works: 1 minute to 24 hours. NIST SP 800-63B-4 section 4.2.1.2 allows 10 minutes for
     *     a code that is sent by text message or told by voice, and 24 hours for one that is sent by e-mail
     * @param reason why, for the audit log: up to 256 UTF-8 bytes
     * @return the code, to be told to the user
     * @throws IllegalStateException if two-factor authentication is off
     * @throws IllegalArgumentException if the lifetime is out of range, or the reason is blank, too long, or has
     *     control characters
     */
    public TemporaryCode issueTemporaryCode(UserId user, Duration lifetime, String reason) {
        if (lifetime.compareTo(Duration.ofMinutes(1)) < 0
                || lifetime.compareTo(TwoFactorPolicy.MAX_TEMPORARY_CODE_LIFETIME) > 0) {
            throw new IllegalArgumentException("a temporary code lives 1 minute to 24 hours, not " + lifetime);
        }
        String because = requireReason(reason);
        String code = Crockford.draw(random, Crockford.TEMPORARY_SYMBOLS);
        Bytes salt = BackupCodeSet.drawSalt(random);
        int seconds = (int) lifetime.toSeconds();
        return accounts.changeAsOperator(who, user, (account, call) -> {
            Instant expires = call.now().plusSeconds(seconds);
            BackupCodeSet.Temporary kept =
                    new BackupCodeSet.Temporary(salt, BackupCodeSet.hash(salt, code), call.now(), seconds);
            TemporaryCode issued = new TemporaryCode(Crockford.inGroups(code), expires);
            return account.issue(kept, issued, because, call);
        });
    }

    /**
     * Ends every lockout and empties the failure budgets.
     *
     * @param user whose lockouts
     * @param reason why, for the audit log: up to 256 UTF-8 bytes
     * @throws IllegalArgumentException if the reason is blank, too long, or has control characters
     */
    public void unlock(UserId user, String reason) {
        String because = requireReason(reason);
        accounts.changeAsOperator(who, user, (account, call) -> account.unlock(because, call));
    }

    /**
     * Switches two-factor authentication off and ends all trust. The secrets, the backup codes and the known browsers
     * are deleted. This also works if the record is unreadable or missing. An unreadable record is erased first, and
     * then an empty one is written. If this method throws after the first step, call it again: until then the user has
     * no record, and without a version witness, sessions from before the user enabled it count as current.
     *
     * @param user whose record
     * @param reason why, for the audit log: up to 256 UTF-8 bytes
     * @throws IllegalArgumentException if the reason is blank, too long, or has control characters
     */
    public void resetWithoutProof(UserId user, String reason) {
        String because = requireReason(reason);
        Drawn drawn = drawn();
        Accounts.Rule<TrustStamp> reset =
                (account, call) -> account.empty(drawn, call.event(Type.RESET).with(Detail.REASON, because));
        try {
            accounts.changeAboveWitness(who, user, reset);
        } catch (UnreadableRecordException e) {
            // A record that cannot be read cannot be replaced. It is erased first.
            accounts.erase(user);
            accounts.changeAboveWitness(who, user, reset);
        }
    }

    /**
     * Accepts a record that was restored from a backup. Its new version is above that of the witness. Trust ends, and
     * all codes of the present window count as used. The record does not contain what was used since the backup: failed
     * attempts, backup codes, and codes of counter-based tokens. If that matters, let the user regenerate the backup
     * codes and enroll such tokens again.
     *
     * @param user whose record
     * @param reason why, for the audit log: up to 256 UTF-8 bytes
     * @throws IllegalStateException if the store has no record, or one in which two-factor authentication is off: to
     *     accept that, call {@link #resetWithoutProof}
     * @throws IllegalArgumentException if the reason is blank, too long, or has control characters
     */
    public void acceptRestoredRecord(UserId user, String reason) {
        String because = requireReason(reason);
        Drawn drawn = drawn();
        accounts.changeAboveWitness(who, user, (account, call) -> account.acceptRestored(because, drawn, call));
    }

    /**
     * Deletes a user's record for good, even if it is unreadable. Call it when the application deletes the account.
     * Nothing is left. Never give the user's id to somebody else.
     *
     * @param user whose record
     */
    public void deleteAccount(UserId user) {
        accounts.erase(user);
        accounts.publish(accounts.call(user, who).event(Type.ACCOUNT_DELETED));
    }

    private Drawn drawn() {
        return new Drawn(Ids.drawEpoch(random), null);
    }

    private static String requireReason(String reason) {
        return Text.require("a reason", reason, Text.MAX_REASON_BYTES);
    }
}
