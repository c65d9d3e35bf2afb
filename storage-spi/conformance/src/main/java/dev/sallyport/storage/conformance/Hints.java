// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

/** Usual causes that several tests name. */
final class Hints {
    static final String FINDS_OLD =
            "find reads from a cache, from a replica that is behind, or from an old snapshot of a transaction. Read the"
                    + " newest committed record.";
    static final String NOT_CONDITIONAL = "the write does not compare the version (UPDATE ... WHERE user_id"
            + " = ? AND version = ?), or the store ignores the number of changed rows.";
    static final String ERASES_TOO_LITTLE =
            "erase deletes only the version that it has read before, or only hides the row from some reads.";
    static final String UPSERT =
            "an upsert (MERGE, REPLACE INTO, ON CONFLICT DO UPDATE, put), or the store ignores the number of changed"
                    + " rows.";
    static final String ERASE_GIVES_UP =
            "erase reads the record and then deletes that version, and does not look whether the delete found it.";
    static final String OWN_REVISION =
            "the store compares a revision of its own that begins again after erase and insert (@Version of JPA, the"
                    + " version of a ZooKeeper node, a counter of the row). Compare the version of the record, or a"
                    + " revision that never repeats for a user.";
    static final String CHECKS_THEN_WRITES =
            "the store reads and compares in one step, and writes in another; or it takes its lock between the two. Do"
                    + " both in one statement, or under one lock.";
    static final String REPEATS =
            "the driver, the client or a proxy repeats a write whose answer was lost, and the repeated write meets its"
                    + " own first try. Switch the repetition of writes off.";
    static final String TIME_OUT_IS_DOUBT =
            "a time-out of a Future, a driver or a socket becomes false or empty, while the write goes on. A"
                    + " time-out is"
                    + " doubt: throw a StoreException.";
    static final String INTERRUPT_IS_DOUBT =
            "an interrupt becomes false or empty, while the write goes on. An interrupt is doubt: set the interrupt"
                    + " flag"
                    + " again, and throw a StoreException.";

    private Hints() {}
}
