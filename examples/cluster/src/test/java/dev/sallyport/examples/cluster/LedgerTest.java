// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.examples.cluster.Reply.Word;
import dev.sallyport.examples.cluster.Truth.Row;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Answers as nodes might give them, right ones and wrong ones. */
class LedgerTest {
    private static final Instant NOW = Owner.START;
    private static final String DUE = NOW.plusSeconds(60).toString();

    private final Tally tally = new Tally();
    private final Ledger ledger = new Ledger("owner-1", tally, 10);

    private static Reply reply(Word word, String rest) {
        return new Reply("node 1", "key", word, rest);
    }

    private static List<Reply> replies(Word... words) {
        return Arrays.stream(words).map(word -> reply(word, DUE)).toList();
    }

    private static List<Reply> rejected(int times) {
        return IntStream.range(0, times).mapToObj(i -> reply(Word.REJECTED, "")).toList();
    }

    private void assertViolation(String what) {
        assertThat(tally.violations())
                .singleElement()
                .asString()
                .startsWith("owner-1: ")
                .contains(what);
    }

    private void assertNoViolation() {
        assertThat(tally.violations()).isEmpty();
    }

    @Nested
    class AFreshCode {
        @Test
        void acceptedOnce_isRight() {
            assertThat(ledger.freshCode(replies(Word.REJECTED, Word.VERIFIED, Word.UNKNOWN)))
                    .isPresent();
            assertThat(ledger.isInDoubt()).isFalse();
            assertNoViolation();
        }

        @Test
        void acceptedTwice_isAViolation() {
            ledger.freshCode(replies(Word.VERIFIED, Word.VERIFIED));
            assertViolation("a fresh code was accepted 2 times");
        }

        @Test
        void refusedByAll_isAViolation() {
            ledger.freshCode(replies(Word.REJECTED, Word.REJECTED));
            assertViolation("a fresh code was not accepted");
        }

        @Test
        void refusedByAllThatAnswered_wasAcceptedUnheard() {
            assertThat(ledger.freshCode(replies(Word.REJECTED, Word.UNKNOWN))).isEmpty();
            assertThat(ledger.isInDoubt()).isFalse();
            assertNoViolation();
        }

        @Test
        void unanswered_isInDoubt_andSettledByEitherAnswer() {
            for (Word answer : List.of(Word.VERIFIED, Word.REJECTED)) {
                ledger.freshCode(replies(Word.UNKNOWN));
                assertThat(ledger.isInDoubt()).isTrue();
                ledger.freshCode(replies(answer));
                assertThat(ledger.isInDoubt()).isFalse();
            }
            assertNoViolation();
        }

        @Test
        void refused_whereTheDoubtIsOver_isAViolation() {
            ledger.freshCode(replies(Word.UNKNOWN));
            ledger.freshCode(replies(Word.VERIFIED));
            ledger.freshCode(replies(Word.REJECTED));
            assertViolation("a fresh code was not accepted");
        }

        @Test
        void failedByANodeThatWasNotKilled_isAViolation() {
            ledger.freshCode(List.of(reply(Word.FAILED, "UnreadableRecordException"), reply(Word.VERIFIED, "")));
            assertViolation("UnreadableRecordException");
        }

        @Test
        void lockedOut_withoutAGuess_isAViolation() {
            ledger.freshCode(replies(Word.VERIFIED, Word.LOCKED));
            assertViolation("LOCKED");
        }
    }

    @Nested
    class AUsedCode {
        @Test
        void refused_isRight() {
            ledger.replay(replies(Word.REJECTED, Word.UNKNOWN));
            ledger.compare(new Row(0, 10));
            assertNoViolation();
        }

        @Test
        void accepted_isAViolation() {
            ledger.replay(replies(Word.REJECTED, Word.VERIFIED));
            assertViolation("a used code had an answer that it must not have");
        }

        @Test
        void older_accepted_isAViolation() {
            ledger.olderCode(NOW, reply(Word.VERIFIED, ""));
            assertViolation("a wrong or older code had an answer that it must not have");
        }
    }

    @Nested
    class Guesses {
        @Test
        void asManyAsAreFree_thenLocked_isRight() {
            ledger.guesses(
                    NOW,
                    Stream.concat(rejected(5).stream(), replies(Word.LOCKED, Word.LOCKED).stream())
                            .toList());
            ledger.count(new Row(5, 10));
            assertThat(ledger.isLocked()).isTrue();
            assertNoViolation();
        }

        @Test
        void moreThanAreFree_isAViolation() {
            ledger.guesses(NOW, rejected(6));
            assertViolation("6 failures were answered, and 5 are free");
        }

        @Test
        void lockedTooEarly_isAViolation() {
            ledger.guesses(NOW, rejected(3));
            ledger.guesses(NOW, replies(Word.UNKNOWN, Word.LOCKED));
            assertViolation("locked after 4 failures at most");
        }

        @Test
        void lockedByOneThatWasNotAnswered_isRight() {
            ledger.guesses(NOW, rejected(4));
            ledger.guesses(NOW, replies(Word.UNKNOWN, Word.LOCKED));
            assertNoViolation();
        }

        @Test
        void lockedForAnotherTime_isAViolation() {
            ledger.guesses(NOW, rejected(5));
            ledger.guesses(NOW.plusSeconds(1), replies(Word.LOCKED));
            assertViolation("locked until " + DUE);
        }

        @Test
        void answeredAndNotCounted_isAViolation() {
            ledger.guesses(NOW, rejected(3));
            ledger.count(new Row(2, 10));
            assertViolation("the database counts 2 failures; 3 were answered, and 3 made");
        }

        @Test
        void countedAndNotMade_isAViolation() {
            ledger.guesses(NOW, replies(Word.REJECTED, Word.UNKNOWN));
            ledger.count(new Row(3, 10));
            assertViolation("the database counts 3 failures; 1 were answered, and 2 made");
        }

        @Test
        void unanswered_mayBeCountedOrNot() {
            ledger.guesses(NOW, replies(Word.REJECTED, Word.UNKNOWN));
            ledger.count(new Row(1, 10));
            ledger.count(new Row(2, 10));
            assertNoViolation();
        }

        @Test
        void accepted_isAViolation() {
            ledger.guesses(NOW, replies(Word.VERIFIED));
            assertViolation("a wrong or older code had an answer that it must not have");
        }

        @Test
        void rightCodeDuringTheLockout_accepted_isAViolation() {
            ledger.tooEarly(NOW, reply(Word.VERIFIED, ""));
            assertViolation("a right code during a lockout");
        }

        @Test
        void lockoutThatMoves_isAViolation() {
            ledger.tooEarly(NOW, reply(Word.LOCKED, DUE));
            assertViolation("the lockout was to end at " + NOW);
        }
    }

    @Nested
    class BackupCodes {
        @Test
        void redeemedOnce_isRight() {
            ledger.backupCode(replies(Word.REJECTED, Word.VERIFIED, Word.REJECTED));
            ledger.compare(new Row(0, 9));
            assertNoViolation();
        }

        @Test
        void redeemedTwice_isAViolation() {
            ledger.backupCode(replies(Word.VERIFIED, Word.VERIFIED));
            assertViolation("a backup code was accepted 2 times");
        }

        @Test
        void redeemedAgain_isAViolation() {
            ledger.backupCode(replies(Word.VERIFIED));
            ledger.usedBackupCode(replies(Word.VERIFIED));
            assertViolation("a used backup code had an answer that it must not have");
        }

        @Test
        void oneLessThanItShouldBe_isAViolation() {
            ledger.compare(new Row(0, 9));
            assertViolation("the database has 9 backup codes, and the owner 10");
        }

        @Test
        void newSet_refusedUnderTheSameKey_isAViolation() {
            ledger.newSet(reply(Word.VERIFIED, ""), reply(Word.STALE, ""));
            assertViolation("a fresh proof was stale");
        }

        @Test
        void refusedDuringALockout_isAViolation() {
            ledger.backupCode(replies(Word.LOCKED, Word.VERIFIED));
            assertViolation("a backup code had an answer that it must not have");
        }

        @Test
        void redeemedAtAnotherNode_thatHasEndedTrust_isRight() {
            ledger.backupCode(replies(Word.SIGN_IN_AGAIN, Word.VERIFIED));
            assertNoViolation();
        }

        @Test
        void newSet_refusedAfterOneThatNobodyHasHeardOf_isRight() {
            ledger.newSet(reply(Word.VERIFIED, ""), reply(Word.UNKNOWN, ""));
            ledger.newSet(reply(Word.VERIFIED, ""), reply(Word.STALE, ""));
            assertNoViolation();
        }

        @Test
        void newSet_refusedUnderAnotherKey_isRight() {
            ledger.newSet(reply(Word.VERIFIED, ""), new Reply("node 2", "other", Word.STALE, ""));
            assertNoViolation();
        }
    }

    @Test
    void nothingTried_isSaid() {
        assertThat(tally.untried()).contains("there were no SIGN_INS", "there were no REPLAYS");
    }
}
