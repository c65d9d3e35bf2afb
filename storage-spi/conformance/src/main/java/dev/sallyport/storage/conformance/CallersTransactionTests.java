// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.Rejected;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.conformance.Application.Phone;
import dev.sallyport.storage.conformance.Trial.Answer;
import dev.sallyport.storage.conformance.Trial.Operation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The caller has a transaction, in which it calls the store, and which it rolls back. */
@Proves("independence of the caller's transaction")
abstract class CallersTransactionTests extends ReadingTests {
    private static final String JOINS =
            "the store takes part in the transaction of its caller (JdbcTemplate, JPA with REQUIRED, a data source"
                    + " that is"
                    + " aware of transactions, JTA). Give it a connection of its own, with auto-commit.";
    private static final String FIRST_LEVEL_CACHE =
            "the store reads through the caller's session (the first-level cache of JPA under open-in-view), or in the"
                    + " caller's transaction, whose snapshot is old. Read on a connection of its own.";

    @Test
    @DisplayName("caller's transaction: after its rollback every write MUST be there that was answered")
    void callersTransaction_rolledBack_keepsEveryWrite() throws Exception {
        StoreUnderTest store = context.store();
        Map<Trial, Answer> answers = new LinkedHashMap<>();
        Map<Operation, Trial> trials = new LinkedHashMap<>();
        for (Operation operation : List.of(Operation.INSERT, Operation.REPLACE, Operation.ERASE)) {
            trials.put(operation, new Trial(context, operation, "in-transaction-" + operation));
        }

        inCallersTransactionThatRollsBack(() ->
                trials.values().forEach(trial -> answers.put(trial, trial.call(store.store()))));

        mustHaveRun(!answers.isEmpty());
        answers.forEach((trial, answer) ->
                trial.judge("inside of the caller's transaction, which was rolled back,", answer, JOINS));
        if (answers.values().stream().allMatch(answer -> answer.thrown() != null)) {
            context.note("inside of the caller's transaction the store refuses every write with an exception");
        }
    }

    @Test
    @DisplayName("caller's transaction: find MUST return the newest record, although it has found an older one before")
    void callersTransaction_whileAnotherThreadWrites_findsTheNewestRecord() throws Exception {
        StoreUnderTest store = context.store();
        StoredRecord first = context.inserted(context.id("user"));
        StoredRecord second = context.record(first.userId());
        StoredRecord third = context.record(first.userId());
        AtomicBoolean ran = new AtomicBoolean();

        inCallersTransactionThatRollsBack(() -> {
            ran.set(true);
            store.mustHold(first, FIRST_LEVEL_CACHE);
            elsewhere(() -> store.mustReplace(first, second));
            store.mustHold(second, FIRST_LEVEL_CACHE);
            elsewhere(() -> store.mustReplace(second, third));
            store.mustHold(third, FIRST_LEVEL_CACHE);
        });

        mustHaveRun(ran.get());
    }

    @Test
    @DisplayName("caller's transaction: wrong guesses MUST lock the user, although each of them is rolled back")
    void callersTransaction_rolledBackAfterEachGuess_locksAllTheSame() throws Exception {
        Application application = new Application(context.instances());
        UserId user = UserId.of(context.id("user"));
        application.enroll(user, Phone.OLD);
        String wrong = Phone.OLD.wrongAt(application.now());
        int free = Application.POLICY.failuresBeforeLockout();
        List<VerificationResult> results = new ArrayList<>();

        for (int i = 0; i <= free; i++) {
            inCallersTransactionThatRollsBack(() -> {
                try {
                    results.add(application.signIn(0, user, wrong));
                } catch (StoreException e) {
                    // A guess without an answer helps nobody.
                }
            });
        }

        long answered = results.stream().filter(Rejected.class::isInstance).count();
        if (answered > free) {
            throw context.store()
                    .broken(
                            answered
                                    + " wrong guesses were answered, each in a transaction that was rolled back, and at"
                                    + " most " + free + " MUST be.",
                            JOINS);
        }
    }

    private void elsewhere(Runnable work) {
        try (ConcurrentThreads thread = new ConcurrentThreads(1)) {
            thread.run(number -> {
                work.run();
                return number;
            });
        }
    }

    private void mustHaveRun(boolean ran) {
        if (!ran) {
            throw context.store()
                    .broken(
                            "inCallersTransactionThatRollsBack(..) did not run its work, and MUST run it.",
                            "the work is not called, or another thread calls it later.");
        }
    }
}
