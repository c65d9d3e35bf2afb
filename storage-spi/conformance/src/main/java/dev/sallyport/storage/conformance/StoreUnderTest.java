// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.RecordSummary.State;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store and the answers that it must give. It records each call with its answer, and a failure lists the calls before
 * it.
 */
final class StoreUnderTest {
    static final RecordSummary SUMMARY = new RecordSummary(
            State.ENABLED,
            0,
            null,
            10,
            0,
            Instant.parse("2026-03-02T12:00:00Z"),
            Instant.parse("2026-03-02T12:00:00Z"));

    private static final String PLAIN = "this is the simplest case. Repair it first.";
    private static final int MOST_CALLS_LISTED = 40;
    private static final int MOST_CAUSES = 32;
    private static final int MOST_CHARACTERS_OF_AN_ID = 60;

    private final TwoFactorStore store;
    private final String name;
    private final Queue<String> calls;

    private StoreUnderTest(TwoFactorStore store, String name, Queue<String> calls) {
        this.store = store;
        this.name = name;
        this.calls = calls;
    }

    static StoreUnderTest of(TwoFactorStore store) {
        return new StoreUnderTest(store, "", new ConcurrentLinkedQueue<>());
    }

    /** Another instance over the same data. The calls of both are in one list. */
    StoreUnderTest anotherInstance(String itsName, TwoFactorStore other) {
        return new StoreUnderTest(other, itsName, calls);
    }

    TwoFactorStore store() {
        return store;
    }

    // --- The answers of the four operations. The hint names the usual cause of another answer ---

    void mustInsert(StoredRecord record) {
        mustInsert(record, PLAIN);
    }

    void mustReplace(StoredRecord current, StoredRecord next) {
        mustReplace(current, next, PLAIN);
    }

    void mustErase(String userId) {
        mustErase(userId, PLAIN);
    }

    void mustInsert(StoredRecord record, String hint) {
        mustAnswer(true, "insert(" + text(record) + ")", () -> store.insert(record, SUMMARY), hint);
    }

    void mustNotInsert(StoredRecord record, String hint) {
        mustAnswer(false, "insert(" + text(record) + ")", () -> store.insert(record, SUMMARY), hint);
    }

    void mustReplace(StoredRecord current, StoredRecord next, String hint) {
        mustAnswer(true, replacing(current, next), () -> store.replace(current, next, SUMMARY), hint);
    }

    void mustNotReplace(StoredRecord current, StoredRecord next, String hint) {
        mustAnswer(false, replacing(current, next), () -> store.replace(current, next, SUMMARY), hint);
    }

    void mustErase(String userId, String hint) {
        ask(
                "erase(" + text(userId) + ")",
                () -> {
                    store.erase(userId);
                    return "returned";
                },
                String::valueOf,
                hint);
    }

    /** The store holds exactly this record. */
    void mustHold(StoredRecord expected, String hint) {
        String call = "find(" + text(expected.userId()) + ")";
        StoredRecord found = ask(call, () -> store.find(expected.userId()), StoreUnderTest::text, hint)
                .orElse(null);
        if (!expected.equals(found)) {
            throw broken(call + " gave back " + difference(expected, found) + ".", hint);
        }
    }

    void mustHoldNothing(String userId, String hint) {
        String call = "find(" + text(userId) + ")";
        Optional<StoredRecord> found = ask(call, () -> store.find(userId), StoreUnderTest::text, hint);
        if (found.isPresent()) {
            throw broken(call + " gave back " + text(found.get()) + ", and MUST be empty.", hint);
        }
    }

    /** For a find by many threads of a record that is replaced and never erased. */
    StoredRecord present(Optional<StoredRecord> found) {
        return found.orElseThrow(() -> broken(
                "find was empty while the record was replaced, and MUST give back one or the other.",
                "replace deletes and inserts, and not in one transaction."));
    }

    void mustAnswer(boolean expected, String call, Supplier<Boolean> asking, String hint) {
        boolean answer = ask(call, asking, String::valueOf, hint);
        if (answer != expected) {
            throw broken(call + " answered " + answer + ", and MUST answer " + expected + ".", hint);
        }
    }

    private <T> T ask(String call, Supplier<T> asking, Function<T, String> text, String hint) {
        try {
            T answer = asking.get();
            calls.add(name + call + " -> " + text.apply(answer));
            return answer;
        } catch (RuntimeException e) {
            calls.add(name + call + " -> " + e);
            String foreign = e instanceof StoreException
                    ? ""
                    : " Besides, every exception of the backend MUST become a StoreException.";
            return fail(
                    message(
                            rootCause(e) + "\n" + call + " threw this, and MUST answer, because the backend is not"
                                    + " broken.",
                            "what the first line says. If that is no help: " + hint + foreign),
                    e);
        }
    }

    /** The innermost cause, which names the fault, and then the exception that was thrown. */
    static String rootCause(Throwable thrown) {
        Throwable root = thrown;
        for (int depth = 0; root.getCause() != null && depth < MOST_CAUSES; depth++) {
            root = root.getCause();
        }
        return root.equals(thrown) ? thrown.toString() : root + " (thrown as " + thrown + ")";
    }

    /** A failure with what the store did, what usually causes it, and the calls before it. */
    AssertionError broken(String what, String hint) {
        return new AssertionError(message(what, hint));
    }

    String message(String what, String hint) {
        List<String> listed = calls.stream().toList();
        int omitted = Math.max(0, listed.size() - MOST_CALLS_LISTED);
        StringBuilder message =
                new StringBuilder(name).append(what).append("\nUsual cause: ").append(hint);
        message.append(listed.isEmpty() ? "" : "\nCalls before the failure:");
        if (omitted > 0) {
            message.append("\n  ... ").append(omitted).append(" earlier calls");
        }
        listed.subList(omitted, listed.size())
                .forEach(call -> message.append("\n  ").append(call));
        return message.toString();
    }

    private static String replacing(StoredRecord current, StoredRecord next) {
        return "replace(" + text(current) + " by version " + next.version() + ", " + size(next) + ")";
    }

    static String text(StoredRecord record) {
        return text(record.userId()) + " version " + record.version() + ", " + size(record);
    }

    private static String text(Optional<StoredRecord> found) {
        return found.map(StoreUnderTest::text).orElse("empty");
    }

    private static String size(StoredRecord record) {
        return record.payload().length + " bytes";
    }

    /** An id as in Java source, so that blanks and accents are visible. */
    static String text(String userId) {
        StringBuilder text = new StringBuilder("\"");
        int end = Math.min(userId.length(), MOST_CHARACTERS_OF_AN_ID);
        userId.substring(0, end)
                .chars()
                .forEach(c ->
                        text.append(' ' <= c && c <= '~' ? "" + (char) c : String.format(Locale.ROOT, "\\u%04X", c)));
        return text.append(end < userId.length() ? "\"... (" + userId.length() + " characters)" : "\"")
                .toString();
    }

    private static String difference(StoredRecord expected, @Nullable StoredRecord found) {
        if (found == null) {
            return "nothing, and MUST give back " + text(expected);
        }
        if (!expected.userId().equals(found.userId())) {
            return "the record of " + text(found.userId()) + ", and MUST give back that of " + text(expected.userId());
        }
        if (expected.version() != found.version()) {
            return "version " + found.version() + ", and MUST give back version " + expected.version();
        }
        byte[] was = expected.payload();
        byte[] is = found.payload();
        return "a payload of " + is.length + " bytes that differs from byte " + Arrays.mismatch(was, is)
                + " on, and MUST give back the " + was.length + " bytes that were written";
    }
}
