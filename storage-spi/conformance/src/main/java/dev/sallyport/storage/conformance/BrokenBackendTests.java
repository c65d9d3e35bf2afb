// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static dev.sallyport.storage.conformance.TestContext.withVersion;
import static org.junit.jupiter.api.Assertions.fail;

import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The backend is broken. */
@Proves("a broken backend")
abstract class BrokenBackendTests extends CoreTests {

    @Test
    // JUnit runs the tests in the order of these names. This one has to be the last, because a backend may stay broken.
    @DisplayName(
            "when the backend is broken, every operation MUST throw a StoreException, and not answer false or empty")
    void brokenBackend_everyOperation_throwsStoreException() throws Exception {
        StoreUnderTest store = context.store();
        TwoFactorStore broken = store.store();
        StoredRecord kept = context.inserted(context.id("kept"));
        StoredRecord next = context.record(kept.userId());
        StoredRecord stale = withVersion(kept, kept.version() - 1);
        StoredRecord never = context.record(context.id("never"));
        Map<String, Call> calls = new LinkedHashMap<>();
        calls.put("find", () -> broken.find(kept.userId()));
        calls.put("find without a record", () -> broken.find(never.userId()));
        calls.put("insert", () -> broken.insert(never, SUMMARY));
        calls.put("insert for a user who has a record", () -> broken.insert(next, SUMMARY));
        calls.put("replace", () -> broken.replace(kept, next, SUMMARY));
        calls.put("replace of a stale record", () -> broken.replace(stale, next, SUMMARY));
        calls.put("erase", () -> erase(broken, kept.userId()));
        calls.put("erase without a record", () -> erase(broken, never.userId()));
        calls.putAll(moreCalls(broken));
        try {
            breakBackend();
            // All at once, because each may wait for its time-out.
            List<Map.Entry<String, Call>> list = List.copyOf(calls.entrySet());
            try (ConcurrentThreads threads = new ConcurrentThreads(list.size())) {
                threads.run(i -> mustThrowStoreException(
                        list.get(i).getKey(), list.get(i).getValue()));
            }
        } finally {
            context.abandonStore();
            repairBackend();
        }
    }

    /** The calls of what the store offers besides the four operations. */
    Map<String, Call> moreCalls(TwoFactorStore broken) {
        return Map.of();
    }

    private static String erase(TwoFactorStore store, String userId) {
        store.erase(userId);
        return "as if it had worked";
    }

    /** A call to the store, with any answer. */
    interface Call {
        Object make();
    }

    private boolean mustThrowStoreException(String name, Call call) {
        Object answer;
        try {
            answer = call.make();
        } catch (StoreException e) {
            return true;
        } catch (RuntimeException e) {
            return fail(
                    StoreUnderTest.rootCause(e) + "\n" + name
                            + " threw this while the backend is broken, and MUST throw a StoreException.\n"
                            + "Usual cause: the store does not catch the exception of the engine, or not every kind"
                            + " of it.",
                    e);
        }
        return fail(name + " answered " + answer + " while the backend is broken, and MUST throw a StoreException.\n"
                + "Usual cause: an exception is turned into false or empty, or a cache answers. The user who signs"
                + " in then has"
                + " no second factor, or the failed attempt is not counted.");
    }
}
