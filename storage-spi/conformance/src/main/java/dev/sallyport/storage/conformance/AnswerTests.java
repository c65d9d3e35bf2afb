// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.Hints.ERASES_TOO_LITTLE;
import static dev.sallyport.storage.conformance.Hints.FINDS_OLD;
import static dev.sallyport.storage.conformance.Hints.NOT_CONDITIONAL;
import static dev.sallyport.storage.conformance.Hints.OWN_REVISION;
import static dev.sallyport.storage.conformance.Hints.UPSERT;
import static dev.sallyport.storage.conformance.TestContext.withVersion;

import dev.sallyport.storage.StoredRecord;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** One call after the other: the answers of the four operations. */
@Proves("the answers of find, insert, replace and erase")
abstract class AnswerTests extends StoreHooks {

    @Test
    @DisplayName("find MUST be empty if there is no record")
    void find_noRecord_isEmpty() {
        context.store()
                .mustHoldNothing(context.id("nobody"), "the store does not check for an empty answer of the backend.");
    }

    @Test
    @DisplayName("find MUST return the newest record, right after each write")
    void find_afterEachWrite_isTheNewestRecord() {
        StoreUnderTest store = context.store();
        StoredRecord first = context.record(context.id("user"));
        StoredRecord second = context.record(first.userId());
        StoredRecord third = context.record(first.userId());

        store.mustHoldNothing(first.userId(), FINDS_OLD);
        store.mustInsert(first);
        store.mustHold(first, FINDS_OLD);
        store.mustReplace(first, second);
        store.mustHold(second, FINDS_OLD);
        store.mustReplace(second, third);
        store.mustHold(third, FINDS_OLD);
        store.mustErase(third.userId());
        store.mustHoldNothing(first.userId(), FINDS_OLD);
    }

    @Test
    @DisplayName("insert MUST answer false and change nothing, if the user has a record")
    void insert_recordExists_isFalseAndChangesNothing() {
        StoreUnderTest store = context.store();
        StoredRecord record = context.inserted(context.id("user"));

        store.mustNotInsert(context.record(record.userId()), UPSERT);
        store.mustHold(record, UPSERT);
        store.mustNotInsert(record, UPSERT);
        store.mustHold(record, UPSERT);
    }

    @Test
    @DisplayName("insert MUST answer true again, if the record was erased")
    void insert_afterErase_isTrue() {
        StoreUnderTest store = context.store();
        String hint = "erase only marks the row, and insert finds it still there.";
        StoredRecord first = context.inserted(context.id("user"));
        StoredRecord second = context.record(first.userId());

        store.mustErase(first.userId(), hint);
        store.mustInsert(second, hint);
        store.mustHold(second, hint);
    }

    @Test
    @DisplayName("replace MUST answer false and add nothing, if the user has no record")
    void replace_noRecord_isFalseAndAddsNothing() {
        StoreUnderTest store = context.store();
        StoredRecord never = context.record(context.id("never"));
        StoredRecord gone = context.inserted(context.id("gone"));
        store.mustErase(gone.userId());

        for (StoredRecord current : List.of(never, gone)) {
            store.mustNotReplace(current, context.record(current.userId()), UPSERT);
            store.mustHoldNothing(current.userId(), UPSERT);
        }
    }

    @Test
    @DisplayName("replace MUST answer false and change nothing, if the stored version is different")
    void replace_anotherVersion_isFalseAndChangesNothing() {
        StoreUnderTest store = context.store();
        StoredRecord old = context.inserted(context.id("user"));
        StoredRecord record = context.record(old.userId());
        StoredRecord next = context.record(old.userId());
        store.mustReplace(old, record);

        for (StoredRecord stale : List.of(old, withVersion(record, record.version() + 100), withVersion(record, 1))) {
            store.mustNotReplace(stale, next, NOT_CONDITIONAL);
            store.mustHold(record, NOT_CONDITIONAL);
        }
    }

    @Test
    @DisplayName("replace MUST answer true once, if it is asked twice")
    void replace_twice_isTrueOnce() {
        StoreUnderTest store = context.store();
        StoredRecord record = context.inserted(context.id("user"));
        StoredRecord next = context.record(record.userId());

        store.mustReplace(record, next);
        store.mustNotReplace(record, next, NOT_CONDITIONAL);
        store.mustHold(next, NOT_CONDITIONAL);
    }

    @Test
    @DisplayName("erase MUST remove the record, whatever its version is")
    void erase_anyVersion_removesTheRecord() {
        StoreUnderTest store = context.store();
        StoredRecord inserted = context.inserted(context.id("inserted"));
        StoredRecord old = context.inserted(context.id("replaced"));
        StoredRecord replaced = context.record(old.userId());
        store.mustReplace(old, replaced);

        for (StoredRecord record : List.of(inserted, replaced)) {
            store.mustErase(record.userId(), ERASES_TOO_LITTLE);
            store.mustHoldNothing(record.userId(), ERASES_TOO_LITTLE);
        }
    }

    @Test
    @DisplayName("erase MUST succeed and add nothing, if the user has no record")
    void erase_noRecord_isNoError() {
        StoreUnderTest store = context.store();
        String hint =
                "the store takes it for an error that no row was deleted, or that its mark of a deleted row is there.";
        String never = context.id("never");
        String gone = context.inserted(context.id("gone")).userId();

        for (String userId : List.of(never, gone)) {
            for (int i = 0; i < 2; i++) {
                store.mustErase(userId, hint);
                store.mustHoldNothing(userId, hint);
            }
        }
    }

    @Test
    @DisplayName("erase MUST leave the records of other users")
    void erase_ofOneUser_leavesOthers() {
        StoreUnderTest store = context.store();
        String hint = "the condition of the delete is not the whole user id.";
        StoredRecord one = context.inserted(context.id("user"));
        List<StoredRecord> others = Stream.of("user1", "use", "another")
                .map(end -> context.inserted(context.id(end)))
                .toList();

        store.mustErase(one.userId(), hint);

        others.forEach(other -> store.mustHold(other, hint));
    }

    @Test
    @DisplayName("replace MUST answer false to every record from before an erase, and add nothing")
    void replace_ofAnyRecordFromBeforeAnErase_isFalseAndAddsNothing() {
        StoreUnderTest store = context.store();
        StoredRecord first = context.inserted(context.id("user"));
        StoredRecord second = context.record(first.userId());
        store.mustReplace(first, second);

        store.mustErase(first.userId());

        for (StoredRecord before : List.of(first, second)) {
            store.mustNotReplace(before, context.record(first.userId()), UPSERT);
            store.mustHoldNothing(first.userId(), UPSERT);
        }
    }

    @Test
    @DisplayName("replace MUST answer false to a record from before an erase and an insert (ABA)")
    void staleRecord_afterEraseAndInsert_isRefused() {
        StoreUnderTest store = context.store();
        StoredRecord before = context.inserted(context.id("user"));
        store.mustErase(before.userId());
        StoredRecord after = context.inserted(before.userId());

        store.mustNotReplace(before, context.record(before.userId()), OWN_REVISION);
        store.mustHold(after, OWN_REVISION);
    }

    @Test
    @DisplayName("replace MUST compare the version, even if the payload is the same")
    void staleRecord_withTheSamePayload_isRefused() {
        StoreUnderTest store = context.store();
        String hint = "the store compares payloads, or hashes of them, and not versions.";
        StoredRecord record = context.inserted(context.id("user"));
        StoredRecord stale = withVersion(record, record.version() - 1);

        store.mustNotReplace(stale, context.record(record.userId()), hint);
        store.mustHold(record, hint);
    }
}
