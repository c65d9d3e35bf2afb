// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.StoredRecord;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Two instances over the same data. */
@Proves("a second instance over the same data")
abstract class InstanceTests extends SpoiledRecordTests {

    private static final String INSTANCE_CACHES =
            "each instance has its own cache, reads from a replica, or keeps a transaction open whose snapshot is old.";
    private static final String MEMBER_BEHIND =
            "a member or a replica that is behind answers by itself (serializable reads of etcd, ZooKeeper without"
                    + " sync, a"
                    + " read preference). Let the leader or a majority answer.";

    @Test
    @DisplayName("second instance MUST see every write of the first at once, and the first every write of the second")
    void secondInstance_afterEachWrite_seesIt() {
        mustSeeEachOther(context.second(), INSTANCE_CACHES);
    }

    private void mustSeeEachOther(StoreUnderTest second, String hint) {
        StoreUnderTest first = context.store();
        StoredRecord current = context.record(context.id("user"));
        first.mustHoldNothing(current.userId(), hint);
        second.mustHoldNothing(current.userId(), hint);
        first.mustInsert(current);
        for (int i = 0; i < 20; i++) {
            StoreUnderTest writes = i % 2 == 0 ? first : second;
            StoreUnderTest reads = i % 2 == 0 ? second : first;
            StoredRecord next = context.record(current.userId());
            reads.mustHold(current, hint);
            writes.mustReplace(current, next, hint);
            reads.mustHold(next, hint);
            current = next;
        }
        first.mustErase(current.userId());
        second.mustHoldNothing(current.userId(), hint);
        second.mustNotReplace(current, context.record(current.userId()), hint);
        second.mustHoldNothing(current.userId(), hint);
    }

    @Test
    @DisplayName("second instance MUST find the record of a user whom it did not find before")
    void secondInstance_afterAnEmptyAnswer_findsTheRecord() {
        StoreUnderTest first = context.store();
        StoreUnderTest second = context.second();
        String hint = "the cache also keeps that there is no record.";
        StoredRecord record = context.record(context.id("user"));

        for (int i = 0; i < 5; i++) {
            second.mustHoldNothing(record.userId(), hint);
            first.mustInsert(record, hint);
            second.mustHold(record, hint);
            first.mustErase(record.userId(), hint);
            record = context.record(record.userId());
        }
    }

    @Test
    @DisplayName("second instance MUST refuse to replace what the first has changed since, and change nothing")
    void secondInstance_withARecordFromBefore_isRefused() {
        StoreUnderTest first = context.store();
        StoreUnderTest second = context.second();
        StoredRecord stale = context.inserted(context.id("user"));
        StoredRecord record = context.record(stale.userId());
        second.mustHold(stale, INSTANCE_CACHES);
        first.mustReplace(stale, record);

        second.mustNotInsert(context.record(stale.userId()), INSTANCE_CACHES);
        second.mustNotReplace(stale, context.record(stale.userId()), INSTANCE_CACHES);
        first.mustHold(record, INSTANCE_CACHES);
        second.mustHold(record, INSTANCE_CACHES);
        second.mustErase(stale.userId(), INSTANCE_CACHES);
        first.mustHoldNothing(stale.userId(), INSTANCE_CACHES);
        first.mustNotReplace(record, context.record(stale.userId()), INSTANCE_CACHES);
        first.mustHoldNothing(stale.userId(), INSTANCE_CACHES);
    }

    @Test
    @DisplayName("another route MUST see every write of the first instance at once, and the first every write of it")
    void anotherRoute_afterEachWrite_seesIt() {
        mustSeeEachOther(context.anotherRoute(), MEMBER_BEHIND);
    }

    @Test
    @DisplayName("another route MUST refuse to replace what the first instance has changed since, and change nothing")
    void anotherRoute_withARecordFromBefore_isRefused() {
        StoreUnderTest first = context.store();
        StoreUnderTest other = context.anotherRoute();
        for (int i = 0; i < 10; i++) {
            StoredRecord stale = context.inserted(context.id("user-" + i));
            StoredRecord record = context.record(stale.userId());
            other.mustHold(stale, MEMBER_BEHIND);
            first.mustReplace(stale, record);

            other.mustNotReplace(stale, context.record(stale.userId()), MEMBER_BEHIND);
            first.mustHold(record, MEMBER_BEHIND);
            other.mustErase(stale.userId(), MEMBER_BEHIND);
            first.mustHoldNothing(stale.userId(), MEMBER_BEHIND);
        }
    }
}
