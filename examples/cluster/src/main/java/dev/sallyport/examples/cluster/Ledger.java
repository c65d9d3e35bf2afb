// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.examples.cluster.Reply.Word;
import dev.sallyport.examples.cluster.Tally.Count;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What the owner of one account was told, and which answers that leaves to the nodes. It knows nothing of the store, nor of
 * which attempts came first; an answer that was lost with its node may have been either, and nothing else is forgiven.
 */
final class Ledger {
    private static final TwoFactorPolicy POLICY = TwoFactorPolicy.defaults();
    private static final int TOO_MANY = 10;

    private final String user;
    private final Tally tally;
    private final Failures codes = new Failures(POLICY.failuresBeforeLockout(), POLICY.firstLockout());
    private int inDoubt;
    private int violations;
    private int backupCodesLeft;
    /** Whether a new set of backup codes may have been made that nobody has heard of. */
    private boolean newSetInDoubt;

    Ledger(String user, Tally tally, int backupCodesLeft) {
        this.user = user;
        this.tally = tally;
        this.backupCodesLeft = backupCodesLeft;
    }

    /** Whether the code that was sent last may or may not be used up: then send it again. */
    boolean isInDoubt() {
        return inDoubt > 0;
    }

    /** Whether the account is certainly locked. */
    boolean isLocked() {
        return codes.areSpent();
    }

    /** A right one-time code, sent once or to several nodes at once. Gives the proof, if it was heard. */
    Optional<Reply> freshCode(List<Reply> replies) {
        expect("a fresh code", replies, Word.VERIFIED, Word.REJECTED, Word.UNKNOWN);
        Optional<Reply> accepted = acceptedOnce("a fresh code", replies, Count.RACES_WON_AGAIN);
        if (!isInDoubt()) {
            codes.clear(0);
            tally.add(Count.SIGN_INS, accepted.isPresent() ? 1 : 0);
        }
        return accepted;
    }

    /** An unused backup code, in the same way. It passes during a lockout, and ends it. */
    Optional<Reply> backupCode(List<Reply> replies) {
        expect("a backup code", replies, Word.VERIFIED, Word.REJECTED, Word.SIGN_IN_AGAIN, Word.UNKNOWN);
        Optional<Reply> accepted = acceptedOnce("a backup code", replies, Count.BACKUP_REPLAYS_ACCEPTED);
        if (!isInDoubt()) {
            codes.clear(0);
            backupCodesLeft--;
            tally.add(Count.BACKUP_CODES, 1);
        }
        return accepted;
    }

    private Optional<Reply> acceptedOnce(String what, List<Reply> replies, Count more) {
        List<Reply> accepted = Reply.only(replies, Word.VERIFIED);
        int unknown = Reply.only(replies, Word.UNKNOWN, Word.FAILED).size();
        if (accepted.size() > 1) {
            tally.add(more, accepted.size() - 1);
            violation(what + " was accepted " + accepted.size() + " times", replies);
        }
        boolean refused =
                !Reply.only(replies, Word.REJECTED, Word.SIGN_IN_AGAIN).isEmpty();
        if (accepted.isEmpty() && inDoubt + unknown == 0) {
            violation(what + " was not accepted", replies);
        } else if (accepted.isEmpty() && refused) {
            tally.add(Count.ACCEPTED_UNHEARD, 1);
        }
        inDoubt = accepted.isEmpty() && !refused ? inDoubt + unknown : 0;
        return accepted.stream().findFirst();
    }

    /** The code that was accepted last, again. That is no guess, so it is not counted. */
    void replay(List<Reply> replies) {
        tally.add(Count.REPLAYS, replies.size());
        tally.add(Count.REPLAYS_ACCEPTED, Reply.only(replies, Word.VERIFIED).size());
        expect("a used code", replies, Word.REJECTED, Word.UNKNOWN);
    }

    /** A code from before the last one. It is a replay, and counts as a guess. */
    void olderCode(Instant now, Reply reply) {
        tally.add(Count.REPLAYS, 1);
        tally.add(Count.REPLAYS_ACCEPTED, reply.is(Word.VERIFIED) ? 1 : 0);
        guesses(now, List.of(reply));
    }

    /** A backup code that was used, again. */
    void usedBackupCode(List<Reply> replies) {
        tally.add(Count.BACKUP_REPLAYS, replies.size());
        tally.add(
                Count.BACKUP_REPLAYS_ACCEPTED,
                Reply.only(replies, Word.VERIFIED).size());
        expect("a used backup code", replies, Word.REJECTED, Word.UNKNOWN);
    }

    /** Wrong codes, at one instant. */
    void guesses(Instant now, List<Reply> replies) {
        tally.add(Count.GUESSES, replies.size());
        tally.add(Count.GUESSES_ANSWERED, Reply.only(replies, Word.REJECTED).size());
        tally.add(Count.GUESSES_REFUSED, Reply.only(replies, Word.LOCKED).size());
        tally.add(Count.GUESSES_UNANSWERED, Reply.only(replies, Word.UNKNOWN).size());
        expect("a wrong or older code", replies, Word.REJECTED, Word.LOCKED, Word.UNKNOWN);
        report("a wrong or older code", codes.charge(now, replies), replies);
    }

    /** A right code before the lockout is over. */
    void tooEarly(Instant until, Reply reply) {
        expect("a right code during a lockout", List.of(reply), Word.LOCKED, Word.UNKNOWN);
        if (reply.is(Word.LOCKED) && !reply.rest().equals(until.toString())) {
            violation("the lockout was to end at " + until, List.of(reply));
        }
    }

    /** New backup codes for a proof that another node may have given. */
    void newSet(Reply proof, Reply reply) {
        expect("a fresh proof", List.of(reply), Word.CODES, Word.STALE, Word.UNKNOWN);
        if (reply.is(Word.STALE) && reply.keyId().equals(proof.keyId()) && !newSetInDoubt) {
            violation("a fresh proof was stale although both nodes write with the same key", List.of(proof, reply));
        }
        newSetInDoubt |= reply.is(Word.UNKNOWN);
        if (reply.is(Word.CODES)) {
            newSetInDoubt = false;
            backupCodesLeft = POLICY.backupCodes();
            tally.add(Count.NEW_SETS, 1);
        }
    }

    /** What the database holds at the end of a row of guesses. */
    void count(Truth.Row row) {
        tally.add(Count.GUESSES_COUNTED, row.failedAttempts());
        tally.add(Count.LOCKOUTS, isLocked() ? 1 : 0);
        compare(row);
    }

    /** What the database holds, when nothing is in doubt. */
    void compare(Truth.Row row) {
        if (row.failedAttempts() < codes.least() || row.failedAttempts() > codes.most()) {
            violation("the database counts " + row.failedAttempts() + " failures; " + codes.least()
                    + " were answered, and " + codes.most() + " made");
        }
        boolean renewedUnheard = newSetInDoubt && row.backupCodesLeft() == POLICY.backupCodes();
        if (row.backupCodesLeft() != backupCodesLeft && !renewedUnheard) {
            violation("the database has " + row.backupCodesLeft() + " backup codes, and the owner " + backupCodesLeft);
        }
    }

    private void expect(String what, List<Reply> replies, Word... possible) {
        List<Reply> others =
                replies.stream().filter(reply -> !reply.is(possible)).toList();
        if (!others.isEmpty()) {
            violation(what + " had an answer that it must not have", others);
        }
    }

    private void report(String what, List<String> wrong, List<Reply> replies) {
        wrong.forEach(one -> violation(what + ": " + one, replies));
    }

    private void violation(String what, List<Reply> replies) {
        violation(what + ", told by " + replies);
    }

    private void violation(String what) {
        tally.violation(user + ": " + what);
        violations++;
        if (violations == TOO_MANY) {
            throw new IllegalStateException("too many violations to go on");
        }
    }
}
