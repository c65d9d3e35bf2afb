// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static dev.sallyport.storage.conformance.StoreUnderTest.text;

import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One call that something disturbs, for a user of its own, and the truth about it afterwards. */
final class Trial {
    /** A write that goes on after its answer was false is over by then. A right answer does not depend on it. */
    private static final Duration LATE_WRITE = Duration.ofMillis(300);

    private static final long BETWEEN_LOOKS_NANOS = 2_000_000;

    private final StoreUnderTest direct;
    private final Operation operation;
    private final String userId;
    private final @Nullable StoredRecord before;
    private final @Nullable StoredRecord after;

    /** The operations of a store. */
    enum Operation {
        FIND,
        INSERT,
        REPLACE,
        ERASE
    }

    /** What a call did: it answered, or it threw. */
    record Answer(@Nullable Object value, @Nullable RuntimeException thrown) {
        @Override
        public String toString() {
            return thrown != null ? "threw " + thrown : "answered " + value;
        }
    }

    Trial(TestContext context, Operation operation, String end) {
        this.direct = context.store();
        this.operation = operation;
        this.userId = context.id(end);
        this.before = operation == Operation.INSERT ? null : context.inserted(userId);
        this.after = switch (operation) {
            case FIND -> before;
            case INSERT, REPLACE -> context.record(userId);
            case ERASE -> null;
        };
    }

    String userId() {
        return userId;
    }

    Answer call(TwoFactorStore instance) {
        try {
            return new Answer(
                    switch (operation) {
                        case FIND -> instance.find(userId);
                        case INSERT -> instance.insert(record(after), SUMMARY);
                        case REPLACE -> instance.replace(record(before), record(after), SUMMARY);
                        case ERASE -> erase(instance);
                    },
                    null);
        } catch (RuntimeException e) {
            return new Answer(null, e);
        }
    }

    private Object erase(TwoFactorStore instance) {
        instance.erase(userId);
        return true;
    }

    private static StoredRecord record(@Nullable StoredRecord record) {
        return Objects.requireNonNull(record);
    }

    /** Compares the answer with what is stored. */
    void judge(String event, Answer answer, String hint) {
        RuntimeException thrown = answer.thrown();
        if (thrown != null) {
            judgeException(event, thrown, hint);
        } else if (operation == Operation.FIND) {
            if (!Optional.ofNullable(before).equals(answer.value())) {
                throw broken(event, "found " + shown(answer.value()) + " while " + shown(before) + " was stored", hint);
            }
        } else if (Boolean.TRUE.equals(answer.value())) {
            StoredRecord stored = stored();
            if (!Objects.equals(after, stored)) {
                throw broken(
                        event,
                        (operation == Operation.ERASE ? "returned" : "answered true") + ", and then " + shown(stored)
                                + " was stored",
                        hint);
            }
        } else if (isChangedLate()) {
            throw broken(event, "answered false although the record was changed", hint);
        }
    }

    private void judgeException(String event, RuntimeException thrown, String hint) {
        if (!(thrown instanceof StoreException) || thrown instanceof SpoiledRecordException) {
            throw direct.broken(
                    StoreUnderTest.rootCause(thrown) + "\n" + name(event)
                            + " threw this, and MUST throw a StoreException that says nothing about the record.",
                    "the store does not catch the exception of the engine, or not every kind of it. Or: " + hint);
        }
        StoredRecord stored = stored();
        if (!Objects.equals(before, stored) && !Objects.equals(after, stored)) {
            throw broken(event, "threw, and then " + shown(stored) + " was stored", hint);
        }
    }

    private AssertionError broken(String event, String did, String hint) {
        return direct.broken(
                name(event) + " " + did
                        + ". It MUST tell what happened, or throw a StoreException if it does not know.",
                hint);
    }

    private String name(String event) {
        return switch (operation) {
                    case FIND -> "find";
                    case INSERT -> "insert";
                    case REPLACE -> "replace";
                    case ERASE -> "erase";
                }
                + " " + event;
    }

    private static String shown(@Nullable Object found) {
        Object value = found instanceof Optional<?> optional ? optional.orElse(null) : found;
        return value instanceof StoredRecord record ? text(record) : "nothing";
    }

    private @Nullable StoredRecord stored() {
        return direct.store().find(userId).orElse(null);
    }

    private boolean isChangedLate() {
        for (long start = System.nanoTime(); System.nanoTime() - start < LATE_WRITE.toNanos(); ) {
            if (!Objects.equals(before, stored())) {
                return true;
            }
            LockSupport.parkNanos(BETWEEN_LOOKS_NANOS);
        }
        return !Objects.equals(before, stored());
    }
}
