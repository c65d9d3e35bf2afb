// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.KeyRing;
import dev.sallyport.examples.benchmarks.Report.Verdict;
import dev.sallyport.examples.benchmarks.StormUsers.Count;
import dev.sallyport.examples.benchmarks.StormUsers.SignIn;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StormTest {
    private static final int USERS = 10;
    private static final int SIGN_INS = 400;

    private static StormUsers users(TwoFactorStore store) {
        return new StormUsers(store, KeyRing.generate(), "user-", USERS, 42);
    }

    private static Map<SignIn, Count> counts(TwoFactorStore store) {
        StormUsers users = users(store);
        for (int i = 0; i < SIGN_INS; i++) {
            users.signIn();
        }
        return users.takeCounts();
    }

    @Test
    void signIn_manyTimes_hasTheMix() {
        assertThat(counts(new ObjectStore()))
                .hasSize(SignIn.values().length)
                .allSatisfy((kind, count) -> assertThat(count.signIns()).isEqualTo(SIGN_INS * kind.ofTwenty() / 20));
    }

    @Test
    void kinds_all_areTwenty() {
        int all = 0;
        for (SignIn kind : SignIn.values()) {
            all += kind.ofTwenty();
        }

        assertThat(all).isEqualTo(20);
    }

    @Test
    void counts_storeWithoutOtherWriters_areWhatIsDesigned() {
        counts(new ObjectStore()).forEach((kind, count) -> {
            assertThat(count.reads()).as(kind.words()).isEqualTo(count.signIns() * kind.mostReads());
            assertThat(count.writes()).as(kind.words()).isEqualTo(count.signIns() * kind.mostWrites());
            assertThat(count.mostReads()).as(kind.words()).isEqualTo(kind.mostReads());
            assertThat(count.mostWrites()).as(kind.words()).isEqualTo(kind.mostWrites());
        });
    }

    @Test
    void takeCounts_twice_startsAgain() {
        StormUsers users = users(new ObjectStore());
        users.signIn();

        assertThat(users.takeCounts()).hasSize(1);
        assertThat(users.takeCounts()).isEmpty();
    }

    @Test
    void report_storeWithoutOtherWriters_meetsTheGoals() {
        Report report = Storm.report("| threads |\n", counts(new ObjectStore()));

        assertThat(report.missed()).isZero();
        assertThat(report.verdicts()).hasSize(6);
        assertThat(report.table())
                .startsWith("| threads |\n")
                .contains("| in a remembered browser | 70.0 % | 1.000 | 1 | 1 | 0.000 | 0 | 0 |")
                .contains("| with a right code | 25.0 % | 2.000 | 2 | 2 | 1.000 | 1 | 1 |")
                .contains("| with a wrong code | 5.0 % | 2.000 | 2 | 2 | 1.000 | 1 | 1 |");
    }

    @Test
    void report_oneWriteThatHadToBeRepeated_missesTheGoalsOfItsKind() {
        Report report = Storm.report("", counts(new WatchedStore(true)));

        assertThat(report.verdicts())
                .filteredOn(verdict -> !verdict.met())
                .extracting(Verdict::sentence)
                .containsExactly(
                        "reads of a sign-in with a right code: 3.00 (goal: at most 2.00)",
                        "writes of a sign-in with a right code: 2.00 (goal: at most 1.00)");
    }

    @Test
    void signIn_manyTimes_nobodyFailsTwiceInARow() {
        WatchedStore store = new WatchedStore(false);
        counts(store);

        assertThat(store.mostFailures).isEqualTo(1);
    }

    /** Notes the most failures of an account. May say once that another writer was faster, at the first right code. */
    private static final class WatchedStore implements TwoFactorStore {
        private final ObjectStore store = new ObjectStore();
        private boolean losesARace;
        private int mostFailures;

        WatchedStore(boolean losesARace) {
            this.losesARace = losesARace;
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            return store.find(userId);
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            return store.insert(record, summary);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            mostFailures = Math.max(mostFailures, summary.failedAttempts());
            if (losesARace && summary.failedAttempts() == 0) {
                losesARace = false;
                return false;
            }
            return store.replace(current, next, summary);
        }

        @Override
        public void erase(String userId) {
            store.erase(userId);
        }
    }

    @Test
    void report_kindThatNeverCame_fails() {
        Map<SignIn, Count> counts = counts(new ObjectStore());
        counts.remove(SignIn.WRONG_CODE);

        assertThatThrownBy(() -> Storm.report("", counts))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("with a wrong code");
    }

    @Test
    void signIn_accountsThatAreGone_fails() {
        ObjectStore store = new ObjectStore();
        StormUsers users = users(store);
        for (int i = 0; i < USERS; i++) {
            store.erase("user-0000" + i + "@acme.example");
        }

        for (int i = 0; i < SIGN_INS; i++) {
            assertThatThrownBy(users::signIn).isInstanceOf(IllegalStateException.class);
        }
        assertThat(users.takeCounts()).isEmpty();
    }
}
