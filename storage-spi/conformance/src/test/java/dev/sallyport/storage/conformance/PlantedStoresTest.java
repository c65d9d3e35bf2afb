// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.conformance.CorrectStore.Table;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.Events;

/** A kit that passes a broken store is worth nothing. Each of these stores has to fail, at the tests named here. */
class PlantedStoresTest {

    /**
     * A broken store.
     *
     * @param defect what is broken
     * @param opening opens an instance
     * @param hint part of the cause that the first failure has to name
     * @param tests the tests that have to fail, the one for this defect first
     * @param others beginnings of the names of tests that may fail too, depending on how threads meet
     */
    record Planted(
            String defect,
            Function<Table, ScannableTwoFactorStore> opening,
            String hint,
            List<String> tests,
            List<String> others) {

        static Planted of(
                String defect, Function<Table, ScannableTwoFactorStore> opening, String hint, String... tests) {
            return new Planted(defect, opening, hint, List.of(tests), List.of());
        }

        Planted andPerhaps(String... beginnings) {
            return new Planted(defect, opening, hint, tests, List.of(beginnings));
        }

        @Override
        public String toString() {
            return defect;
        }
    }

    static Stream<Planted> stores() {
        return Stream.of(
                // Writes that are not conditional
                Planted.of(
                                "lost update",
                                PlantedStores.LostUpdate::new,
                                "AND version = ?",
                                "replace_anotherVersion_isFalseAndChangesNothing",
                                "replace_twice_isTrueOnce",
                                "staleRecord_afterEraseAndInsert_isRefused",
                                "staleRecord_withTheSamePayload_isRefused",
                                "version_closeToAnother_isNotTakenForIt",
                                "spoiledRecord_isReportedAndNotChanged",
                                "secondInstance_withARecordFromBefore_isRefused",
                                "threads_replacingOneRecord_haveOneWinner")
                        .andPerhaps("anotherRoute_", "threads_", "core_"),
                Planted.of(
                                "insert overwriting",
                                PlantedStores.InsertOverwriting::new,
                                "an upsert",
                                "insert_recordExists_isFalseAndChangesNothing",
                                "spoiledRecord_isReportedAndNotChanged",
                                "secondInstance_withARecordFromBefore_isRefused",
                                "threads_insertingForOneUser_haveOneWinner")
                        .andPerhaps("anotherRoute_", "threads_writing", "core_reEnrollment"),
                Planted.of(
                                "insert overwriting, and answering false",
                                PlantedStores.InsertOverwritingAndAnsweringFalse::new,
                                "an upsert",
                                "insert_recordExists_isFalseAndChangesNothing",
                                "secondInstance_withARecordFromBefore_isRefused",
                                "threads_insertingForOneUser_haveOneWinner")
                        .andPerhaps("anotherRoute_", "threads_writing", "threads_insertingWhile", "core_reEnrollment"),
                Planted.of(
                                "replace that inserts",
                                PlantedStores.ReplaceThatInserts::new,
                                "an upsert",
                                "replace_noRecord_isFalseAndAddsNothing",
                                "replace_ofAnyRecordFromBeforeAnErase_isFalseAndAddsNothing",
                                "secondInstance_afterEachWrite_seesIt",
                                "secondInstance_withARecordFromBefore_isRefused",
                                "threads_replacingWhileOneErases_leaveNothing")
                        .andPerhaps("anotherRoute_", "threads_writing", "core_reEnrollment"),
                Planted.of(
                                "deleted rows in the way",
                                PlantedStores.SoftDelete::new,
                                "only marks the row",
                                "insert_afterErase_isTrue",
                                "staleRecord_afterEraseAndInsert_isRefused",
                                "secondInstance_afterAnEmptyAnswer_findsTheRecord",
                                "threads_insertingForOneUser_haveOneWinner",
                                "threads_erasingOneRecord_leaveNothing",
                                "threads_replacingWhileOneErases_leaveNothing",
                                "threads_insertingWhileOthersErase_leaveNothingOrAWinner",
                                "spoiledRecord_isErased",
                                "threads_eachWithAUserOfItsOwn_areAlone",
                                "walk_withPagesOfAnySize_findsEveryId")
                        .andPerhaps("threads_replacingWhileOneErasesAndInserts"),

                // Check first, then write
                Planted.of(
                                "check-then-act replace",
                                PlantedStores.CheckThenActReplace::new,
                                "reads and compares in one step",
                                "threads_replacingOneRecord_haveOneWinner",
                                "threads_countingInOneRecord_loseNoUpdate")
                        .andPerhaps("threads_replacingWhile", "threads_writing", "threads_replacingWhile", "core_"),
                Planted.of(
                                "check-then-act insert",
                                PlantedStores.CheckThenActInsert::new,
                                "reads and compares in one step",
                                "threads_insertingForOneUser_haveOneWinner")
                        .andPerhaps("threads_writing", "core_reEnrollment"),
                Planted.of(
                        "erase that gives up",
                        PlantedStores.EraseThatGivesUp::new,
                        "does not look whether the delete found it",
                        "threads_replacingWhileOneErases_leaveNothing"),
                Planted.of(
                        "erase that reads first",
                        PlantedStores.EraseThatReadsFirst::new,
                        "erase reads the record first",
                        "spoiledRecord_isErased"),
                Planted.of(
                                "erase failing if there is nothing",
                                PlantedStores.EraseFailingOnNothing::new,
                                "takes it for an error that no row was deleted",
                                "erase_noRecord_isNoError")
                        .andPerhaps("threads_insertingWhile"),
                Planted.of(
                                "erase by prefix",
                                PlantedStores.EraseByPrefix::new,
                                "not the whole user id",
                                "erase_ofOneUser_leavesOthers",
                                "id_withTrailingBlank_isAnother")
                        // The id of one thread's user may begin with that of another's.
                        .andPerhaps("id_", "threads_each"),

                // Spoiled rows
                Planted.of(
                        "spoiled row taken for nothing",
                        PlantedStores.SpoiledTakenForNothing::new,
                        "become an empty answer",
                        "spoiledRecord_isReportedAndNotChanged"),
                Planted.of(
                        "spoiled row taken for a failure",
                        PlantedStores.SpoiledTakenForAFailure::new,
                        "a plain StoreException",
                        "spoiledRecord_isReportedAndNotChanged"),
                Planted.of(
                        "walk without spoiled rows",
                        PlantedStores.WalkWithoutSpoiled::new,
                        "one that it cannot read",
                        "walk_withASpoiledRecord_findsItsId"),

                // The caller's transaction and session
                Planted.of(
                        "store in the caller's transaction",
                        PlantedStores.InCallersTransaction::new,
                        "takes part in the transaction of its caller",
                        "callersTransaction_rolledBack_keepsEveryWrite",
                        "callersTransaction_rolledBackAfterEachGuess_locksAllTheSame"),
                Planted.of(
                        "first-level cache of a session",
                        PlantedStores.FirstLevelCache::new,
                        "first-level cache of JPA under open-in-view",
                        "callersTransaction_whileAnotherThreadWrites_findsTheNewestRecord"),

                // Interrupts
                Planted.of(
                        "interrupt taken for no",
                        PlantedStores.InterruptTakenForNo::new,
                        "An interrupt is doubt",
                        "interrupt_duringReplace_isNoFalseAnswer",
                        "interrupt_duringInsert_isNoFalseAnswer",
                        "interrupt_duringFind_isNoEmptyAnswer"),
                Planted.of(
                        "interrupt flag lost",
                        PlantedStores.InterruptFlagLost::new,
                        "the interrupt flag of the thread was not set",
                        "interrupt_duringReplace_isNoFalseAnswer",
                        "interrupt_duringInsert_isNoFalseAnswer",
                        "interrupt_duringFind_isNoEmptyAnswer"),

                // Locks in the wrong place, writes in two steps
                Planted.of(
                                "lock of one instance",
                                PlantedStores.LockOfOneInstance::new,
                                "reads and compares in one step",
                                "threads_replacingOneRecord_haveOneWinner",
                                "threads_countingInOneRecord_loseNoUpdate")
                        .andPerhaps("threads_replacingWhile", "threads_writing", "threads_replacingWhile", "core_"),
                Planted.of(
                                "torn write",
                                PlantedStores.TornWrite::new,
                                "in two steps",
                                "threads_readingWhileOneWrites_findWholeRecordsInOrder")
                        .andPerhaps("threads_", "core_"),
                Planted.of(
                                "insert answering by what it reads afterwards",
                                PlantedStores.AnswerByReadingAgain::new,
                                "by what it reads after the write",
                                "threads_writingAndErasing_endEachRecordOnce")
                        .andPerhaps("core_reEnrollment"),
                Planted.of(
                                "readers that block writers",
                                PlantedStores.ReadersBlockWriters::new,
                                "readers lock the row",
                                "threads_readingWhileOneWrites_findWholeRecordsInOrder")
                        .andPerhaps("callersTransaction_while", "threads_replacingWhile", "threads_counting", "core_"),

                // Reads that are old
                Planted.of(
                                "stale read",
                                PlantedStores.StaleRead::new,
                                "a replica that is behind",
                                "find_afterEachWrite_isTheNewestRecord",
                                "replace_anotherVersion_isFalseAndChangesNothing",
                                "secondInstance_afterEachWrite_seesIt")
                        .andPerhaps(
                                "record_after",
                                "interrupt_",
                                "anotherRoute_",
                                "callersTransaction_",
                                "replace_",
                                "version_",
                                "payload_",
                                "summary_",
                                "id_",
                                "secondInstance_",
                                "threads_",
                                "core_"),
                Planted.of(
                                "cached read",
                                PlantedStores.CachedRead::new,
                                "its own cache",
                                "secondInstance_afterEachWrite_seesIt",
                                "secondInstance_afterAnEmptyAnswer_findsTheRecord",
                                "spoiledRecord_isReportedAndNotChanged")
                        .andPerhaps(
                                "anotherRoute_",
                                "callersTransaction_rolledBackAfter",
                                "secondInstance_",
                                "threads_",
                                "core_"),
                Planted.of(
                                "cached absence",
                                PlantedStores.CachedAbsence::new,
                                "the cache also keeps that there is no record",
                                "secondInstance_afterAnEmptyAnswer_findsTheRecord",
                                "secondInstance_afterEachWrite_seesIt")
                        .andPerhaps("anotherRoute_", "threads_", "core_"),
                Planted.of(
                        "eviction",
                        PlantedStores.Evicting::new,
                        "a cache with a bound",
                        "record_amongManyOthers_isNotEvicted"),
                Planted.of(
                                "member that is behind",
                                PlantedStores.MemberBehind::new,
                                "serializable reads of etcd",
                                "anotherRoute_afterEachWrite_seesIt")
                        .andPerhaps("threads_", "core_", "callersTransaction_rolledBackAfter"),
                Planted.of(
                                "sticky replica",
                                PlantedStores.StickyReplica::new,
                                "reads from a replica",
                                "secondInstance_afterEachWrite_seesIt",
                                "anotherRoute_afterEachWrite_seesIt")
                        .andPerhaps("secondInstance_", "anotherRoute_", "threads_", "core_", "callersTransaction_"),

                // Failures that are not reported
                Planted.of(
                        "swallowed exception",
                        PlantedStores.SwallowedException::new,
                        "turned into false or empty",
                        "brokenBackend_everyOperation_throwsStoreException",
                        "spoiledRecord_isReportedAndNotChanged"),
                Planted.of(
                        "exception of the engine",
                        PlantedStores.ForeignException::new,
                        "does not catch the exception of the engine",
                        "brokenBackend_everyOperation_throwsStoreException"),

                // Ids that are not compared exactly
                Planted.of(
                        "case-insensitive ids",
                        PlantedStores.CaseInsensitiveIds::new,
                        "without letter case: give the column a binary collation",
                        "id_ofAnotherCase_isAnother",
                        "walk_withPagesOfAnySize_findsEveryId"),
                Planted.of(
                        "ids without a blank at the end",
                        PlantedStores.TrailingSpaceIgnoringIds::new,
                        "PAD SPACE",
                        "id_withTrailingBlank_isAnother",
                        "walk_withPagesOfAnySize_findsEveryId"),
                Planted.of(
                        "ids without a blank at the beginning",
                        PlantedStores.LeadingSpaceIgnoringIds::new,
                        "ids are trimmed",
                        "id_withLeadingBlank_isAnother"),
                Planted.of(
                        "normalized ids",
                        PlantedStores.NormalizedIds::new,
                        "ids are normalized",
                        "id_ofAnotherNormalForm_isAnother",
                        "walk_withPagesOfAnySize_findsEveryId"),
                Planted.of(
                        "accent-insensitive ids",
                        PlantedStores.AccentInsensitiveIds::new,
                        "without accents",
                        "id_withAnotherAccent_isAnother",
                        "id_ofAnotherNormalForm_isAnother",
                        "id_withInvisibleCharacters_isAnother",
                        "walk_withPagesOfAnySize_findsEveryId"),
                Planted.of(
                        "ids in Latin-1",
                        PlantedStores.Latin1Ids::new,
                        "stores a '?'",
                        "id_ofAnyScript_isKeptAsItIs",
                        "id_ofAnotherCase_isAnother",
                        "id_ofAnotherNormalForm_isAnother",
                        "id_withAnotherAccent_isAnother",
                        "id_withInvisibleCharacters_isAnother",
                        "walk_withPagesOfAnySize_findsEveryId"),
                Planted.of(
                        "ids cut at 191 characters",
                        PlantedStores.ShortIds::new,
                        "the column is too short",
                        "id_of255Characters_isKeptWhole"),
                Planted.of(
                                "hash code for a key",
                                PlantedStores.HashCodeIds::new,
                                "the key is id.hashCode()",
                                "id_ofTheSameHashCode_isAnother",
                                "walk_withPagesOfAnySize_findsEveryId",
                                "walk_withASpoiledRecord_findsItsId",
                                "walk_whileOthersComeAndGo_findsEveryIdThatStays",
                                "walk_onAnotherInstance_goesOn")
                        .andPerhaps("spoiledRecord_"),
                Planted.of(
                        "numeric ids",
                        PlantedStores.NumericIds::new,
                        "compared as numbers",
                        "id_ofTheSameNumber_isAnother"),
                Planted.of(
                        "ids without invisible characters",
                        PlantedStores.InvisibleIgnoringIds::new,
                        "ignores control and format characters",
                        "id_withInvisibleCharacters_isAnother"),
                Planted.of(
                        "ids as patterns",
                        PlantedStores.PatternIds::new,
                        "Bind them as parameters",
                        "id_withSpecialCharacters_isKeptAsItIs",
                        "walk_withPagesOfAnySize_findsEveryId"),

                // The store does not return what was written
                Planted.of(
                        "truncated payload",
                        PlantedStores.TruncatedPayload::new,
                        "BLOB of MySQL",
                        "payload_ofAnySize_isKeptExactly"),
                Planted.of(
                                "padded payload",
                                PlantedStores.PaddedPayload::new,
                                "as bytes, or as Base64",
                                "payload_ofAnyBytes_isKeptExactly")
                        .andPerhaps("callersTransaction_rolledBackAfter", "core_"),
                Planted.of(
                                "payload array aliased inside the store",
                                PlantedStores.AliasedPayload::new,
                                "one array or buffer",
                                "payload_ofManyUsers_areKeptApart",
                                "record_amongManyOthers_isNotEvicted",
                                "erase_ofOneUser_leavesOthers")
                        .andPerhaps(
                                "record_",
                                "callersTransaction_",
                                "interrupt_",
                                "anotherRoute_",
                                "secondInstance_",
                                "id_",
                                "threads_",
                                "core_"),
                Planted.of(
                                "version kept as a double",
                                PlantedStores.VersionAsDouble::new,
                                "keeps the version as a double",
                                "version_anyPositiveLong_isKeptExactly",
                                "version_closeToAnother_isNotTakenForIt")
                        .andPerhaps("callersTransaction_rolledBackAfter", "core_"),
                Planted.of(
                        "version compared as an int",
                        PlantedStores.VersionComparedAsInt::new,
                        "or as an int",
                        "version_closeToAnother_isNotTakenForIt"),
                Planted.of(
                                "reused version",
                                PlantedStores.ReusedVersion::new,
                                "begins again after erase and insert",
                                "staleRecord_afterEraseAndInsert_isRefused")
                        .andPerhaps(
                                "threads_replacingWhileOneErasesAndInserts", "threads_writing", "core_reEnrollment"),
                Planted.of(
                                "own revision that restarts",
                                PlantedStores.OwnRevisionThatRestarts::new,
                                "begins again after erase and insert (@Version of JPA",
                                "threads_replacingWhileOneErasesAndInserts_leaveWhatWasInserted")
                        .andPerhaps("threads_", "core_reEnrollment"),
                Planted.of(
                        "payload compared instead of the version",
                        PlantedStores.PayloadComparedInsteadOfVersion::new,
                        "compares payloads",
                        "staleRecord_withTheSamePayload_isRefused",
                        "replace_anotherVersion_isFalseAndChangesNothing",
                        "version_closeToAnother_isNotTakenForIt"),
                Planted.of(
                        "summary that must not be null",
                        PlantedStores.SummaryNotNull::new,
                        "a column of the summary is NOT NULL",
                        "summary_ofAnyAccount_isTaken",
                        "core_reEnrollmentRacingVerifications_leavesNothingOfTheOldOne"),

                // Walks that miss ids
                Planted.of(
                        "pages by offset",
                        PlantedStores.PagesByOffset::new,
                        "OFFSET",
                        "walk_whileOthersComeAndGo_findsEveryIdThatStays"),
                Planted.of(
                        "case-insensitive cursor",
                        PlantedStores.CaseInsensitiveCursor::new,
                        "another collation",
                        "walk_withPagesOfAnySize_findsEveryId"),
                Planted.of(
                        "cursor of one instance",
                        PlantedStores.CursorOfOneInstance::new,
                        "memory of one process",
                        "walk_onAnotherInstance_goesOn"),
                Planted.of(
                        "endless walk",
                        PlantedStores.EndlessWalk::new,
                        "begins with the id of the cursor",
                        "walk_withPagesOfAnySize_findsEveryId",
                        "walk_withASpoiledRecord_findsItsId",
                        "walk_whileOthersComeAndGo_findsEveryIdThatStays",
                        "walk_onAnotherInstance_goesOn"),
                Planted.of(
                        "walk in a circle",
                        PlantedStores.WalkInACircle::new,
                        "the walk starts again",
                        "walk_withPagesOfAnySize_findsEveryId",
                        "walk_withASpoiledRecord_findsItsId",
                        "walk_whileOthersComeAndGo_findsEveryIdThatStays",
                        "walk_onAnotherInstance_goesOn"),
                Planted.of(
                        "walk stopped by a spoiled row",
                        PlantedStores.WalkStoppedBySpoiled::new,
                        "one that it cannot read stops it",
                        "walk_withASpoiledRecord_findsItsId"),
                Planted.of(
                        "limit of 0 for everything",
                        PlantedStores.LimitZero::new,
                        "0 or less may mean all",
                        "walk_withALimitUnder1_isRefused"));
    }

    @ParameterizedTest
    @MethodSource("stores")
    void kit_brokenStore_failsAtTheRightTests(Planted planted) {
        failsAtTheRightTests(planted);
    }

    @Test
    @DisplayName("[56] liboath: a store that takes its lock after the check fails the kit")
    void kit_lockAfterTheCheck_failsAtTheRightTests() {
        failsAtTheRightTests(Planted.of(
                        "lock taken after the check",
                        PlantedStores.LockAfterTheCheck::new,
                        "takes its lock between the two",
                        "threads_replacingOneRecord_haveOneWinner",
                        "threads_countingInOneRecord_loseNoUpdate")
                .andPerhaps("threads_replacingWhile", "threads_writing", "core_"));
    }

    /** Waits longer than the records live. */
    static final class KitThatWaits extends PlantedKit {
        @Override
        protected Duration longestLifetime() {
            return PlantedStores.Expiring.LIFETIME.plusMillis(100);
        }
    }

    @Test
    void kit_recordsThatExpire_failAtTheRightTest() {
        Events events = PlantedKit.run(
                PlantedStores.Expiring::new, selectMethod(KitThatWaits.class, "record_afterSomeTime_isStillThere"));

        assertThat(PlantedKit.messages(events.failed()).get("record_afterSomeTime_isStillThere"))
                .contains("MUST", "Usual cause: ", "a time to live");
    }

    private static void failsAtTheRightTests(Planted planted) {
        Map<String, String> failures =
                PlantedKit.messages(PlantedKit.run(planted.opening()).failed());

        Set<String> failed = failures.keySet();
        assertThat(failed).containsAll(planted.tests());
        assertThat(failed)
                .allMatch(test -> planted.tests().contains(test)
                        || planted.others().stream().anyMatch(test::startsWith));
        assertThat(failures.get(planted.tests().get(0))).contains("MUST", "Usual cause: ", planted.hint());
    }
}
