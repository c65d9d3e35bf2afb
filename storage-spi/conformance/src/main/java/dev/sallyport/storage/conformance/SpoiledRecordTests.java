// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.Hints.UPSERT;
import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Something is stored that is not a record. */
@Proves("spoiled records")
abstract class SpoiledRecordTests extends UserIdTests {

    private static final String SPOILED =
            "the damaged data become an empty answer, a plain StoreException or an exception of another type.";

    @Test
    @DisplayName("spoiled record: find MUST throw a SpoiledRecordException, and no write may change it")
    void spoiledRecord_isReportedAndNotChanged() throws Exception {
        StoreUnderTest store = context.store();
        StoredRecord record = context.inserted(context.id("user"));
        spoilRecord(record.userId());
        StoredRecord next = context.record(record.userId());

        mustBeSpoiled(record.userId());
        mustNotBeTrue("insert", () -> store.store().insert(next, SUMMARY));
        mustNotBeTrue("replace", () -> store.store().replace(record, next, SUMMARY));
        mustBeSpoiled(record.userId());
    }

    @Test
    @DisplayName("spoiled record: erase MUST remove it, and insert MUST succeed afterwards")
    void spoiledRecord_isErased() throws Exception {
        StoreUnderTest store = context.store();
        String hint = "erase reads the record first, or deletes only the version that it has read.";
        String userId = context.inserted(context.id("user")).userId();
        spoilRecord(userId);

        store.mustErase(userId, hint);
        store.mustHoldNothing(userId, hint);
        store.mustHold(context.inserted(userId), hint);
    }

    private void mustBeSpoiled(String userId) {
        assertThrows(
                SpoiledRecordException.class,
                () -> context.store().store().find(userId),
                "find of a spoiled record MUST throw a SpoiledRecordException.\nUsual cause: " + SPOILED + "\n");
    }

    /** A store may refuse with false or with a StoreException. */
    private void mustNotBeTrue(String operation, BooleanSupplier write) {
        try {
            assertFalse(
                    write.getAsBoolean(),
                    () -> operation + " over a spoiled record answered true, and MUST NOT change it.\nUsual cause: "
                            + UPSERT);
        } catch (StoreException e) {
            // This is the other way to refuse.
        }
    }
}
