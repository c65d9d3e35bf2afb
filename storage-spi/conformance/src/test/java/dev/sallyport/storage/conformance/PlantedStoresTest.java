// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.HonestStore.Table;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A kit that passes a broken store is worth nothing. Each of these stores has to fail, and at the tests named here. */
class PlantedStoresTest {

    /**
     * A broken store.
     *
     * @param defect what is wrong with it
     * @param opening opens an instance
     * @param hint part of what the failures have to give as the cause
     * @param tests the tests that have to fail, the one for this defect first
     * @param others beginnings of the names of tests that may fail besides, if two threads are unlucky
     */
    record Planted(
            String defect,
            Function<Table, TwoFactorStore> opening,
            String hint,
            List<String> tests,
            List<String> others) {

        static Planted of(String defect, Function<Table, TwoFactorStore> opening, String hint, String... tests) {
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
                                "staleRecord_afterDeleteAndInsert_isRefused",
                                "staleRecord_withTheSamePayload_isRefused",
                                "version_closeToAnother_isNotTakenForIt",
                                "secondInstance_withARecordFromBefore_isRefused",
                                "threads_replacingOneRecord_haveOneWinner")
                        .andPerhaps("threads_", "core_"),
                Planted.of(
                                "delete ignoring the version",
                                PlantedStores.DeleteIgnoringTheVersion::new,
                                "AND version = ?",
                                "delete_anotherVersion_isFalseAndChangesNothing",
                                "staleRecord_afterDeleteAndInsert_isRefused",
                                "staleRecord_withTheSamePayload_isRefused",
                                "version_closeToAnother_isNotTakenForIt",
                                "secondInstance_withARecordFromBefore_isRefused")
                        .andPerhaps("threads_writing"),
                Planted.of(
                                "insert overwriting",
                                PlantedStores.InsertOverwriting::new,
                                "an upsert",
                                "insert_recordExists_isFalseAndChangesNothing",
                                "secondInstance_withARecordFromBefore_isRefused",
                                "threads_insertingForOneUser_haveOneWinner")
                        .andPerhaps("threads_writing", "core_reEnrollment"),
                Planted.of(
                                "insert overwriting, and answering false",
                                PlantedStores.InsertOverwritingAndAnsweringFalse::new,
                                "an upsert",
                                "insert_recordExists_isFalseAndChangesNothing",
                                "secondInstance_withARecordFromBefore_isRefused",
                                "threads_insertingForOneUser_haveOneWinner")
                        .andPerhaps("threads_writing", "core_reEnrollment"),
                Planted.of(
                                "replace that inserts",
                                PlantedStores.ReplaceThatInserts::new,
                                "an upsert",
                                "replace_noRecord_isFalseAndAddsNothing")
                        .andPerhaps("threads_writing", "core_reEnrollment"),
                Planted.of(
                        "deleted rows in the way",
                        PlantedStores.SoftDelete::new,
                        "only marks the row",
                        "insert_afterDelete_isTrue",
                        "staleRecord_afterDeleteAndInsert_isRefused",
                        "secondInstance_afterAnEmptyAnswer_findsTheRecord",
                        "threads_insertingForOneUser_haveOneWinner",
                        "threads_deletingOneRecord_haveOneWinner",
                        "threads_eachWithAUserOfItsOwn_areAlone",
                        "walk_withPagesOfAnySize_findsEveryId",
                        "core_reEnrollmentRacingVerifications_leavesNothingOfTheOldOne"),

                // Look first, write then
                Planted.of(
                                "check-then-act replace",
                                PlantedStores.CheckThenActReplace::new,
                                "looks first and writes then",
                                "threads_replacingOneRecord_haveOneWinner",
                                "threads_countingInOneRecord_loseNoUpdate")
                        .andPerhaps("threads_writing", "core_"),
                Planted.of(
                                "check-then-act insert",
                                PlantedStores.CheckThenActInsert::new,
                                "looks first and writes then",
                                "threads_insertingForOneUser_haveOneWinner")
                        .andPerhaps("threads_writing", "core_reEnrollment"),
                Planted.of(
                                "check-then-act delete",
                                PlantedStores.CheckThenActDelete::new,
                                "looks first and writes then",
                                "threads_deletingOneRecord_haveOneWinner")
                        .andPerhaps("threads_writing", "core_reEnrollment"),
                Planted.of(
                                "lock of one instance",
                                PlantedStores.LockOfOneInstance::new,
                                "looks first and writes then",
                                "threads_replacingOneRecord_haveOneWinner",
                                "threads_countingInOneRecord_loseNoUpdate")
                        .andPerhaps("threads_writing", "core_"),
                Planted.of(
                                "torn write",
                                PlantedStores.TornWrite::new,
                                "in two steps",
                                "threads_readingWhileOneWrites_findWholeRecordsInOrder")
                        .andPerhaps("threads_", "core_"),
                Planted.of(
                                "insert answering by what it reads afterwards",
                                PlantedStores.AnswerByReadingAgain::new,
                                "reading again after the write",
                                "threads_writingAndDeleting_endEachRecordOnce")
                        .andPerhaps("core_reEnrollment"),
                Planted.of(
                                "readers in the way of the writer",
                                PlantedStores.ReadersInTheWay::new,
                                "readers lock the row",
                                "threads_readingWhileOneWrites_findWholeRecordsInOrder")
                        .andPerhaps("threads_counting", "core_"),

                // Reads that are old
                Planted.of(
                                "stale read",
                                PlantedStores.StaleRead::new,
                                "a replica that lags behind",
                                "find_afterEachWrite_isTheNewestRecord",
                                "replace_anotherVersion_isFalseAndChangesNothing",
                                "secondInstance_afterEachWrite_seesIt")
                        .andPerhaps(
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
                                "a cache of its own",
                                "secondInstance_afterEachWrite_seesIt",
                                "secondInstance_afterAnEmptyAnswer_findsTheRecord")
                        .andPerhaps("secondInstance_", "threads_", "core_"),
                Planted.of(
                                "cached absence",
                                PlantedStores.CachedAbsence::new,
                                "no record is cached too",
                                "secondInstance_afterAnEmptyAnswer_findsTheRecord",
                                "secondInstance_afterEachWrite_seesIt")
                        .andPerhaps("threads_", "core_"),
                Planted.of(
                        "eviction",
                        PlantedStores.Evicting::new,
                        "a cache with a bound",
                        "record_amongManyOthers_isNotEvicted"),

                // Failures that are not told
                Planted.of(
                        "swallowed exception",
                        PlantedStores.SwallowedException::new,
                        "turned into false or empty",
                        "brokenBackend_everyOperation_throwsStoreException"),
                Planted.of(
                        "exception of the engine",
                        PlantedStores.ForeignException::new,
                        "the exception of the engine is not caught",
                        "brokenBackend_everyOperation_throwsStoreException"),

                // Ids that are not compared byte for byte
                Planted.of(
                        "case-blind ids",
                        PlantedStores.CaseBlindIds::new,
                        "case-blind: give the column a binary collation",
                        "id_ofAnotherCase_isAnother",
                        "walk_withPagesOfAnySize_findsEveryId"),
                Planted.of(
                        "ids blind to a blank at the end",
                        PlantedStores.TrailingSpaceBlindIds::new,
                        "PAD SPACE",
                        "id_withTrailingBlank_isAnother",
                        "walk_withPagesOfAnySize_findsEveryId"),
                Planted.of(
                        "ids blind to a blank at the beginning",
                        PlantedStores.LeadingSpaceBlindIds::new,
                        "ids are trimmed",
                        "id_withLeadingBlank_isAnother"),
                Planted.of(
                        "normalized ids",
                        PlantedStores.NormalizedIds::new,
                        "ids are normalized",
                        "id_ofAnotherNormalForm_isAnother",
                        "walk_withPagesOfAnySize_findsEveryId"),
                Planted.of(
                        "accent-blind ids",
                        PlantedStores.AccentBlindIds::new,
                        "accent-blind",
                        "id_withAnotherAccent_isAnother",
                        "id_ofAnotherNormalForm_isAnother",
                        "id_withInvisibleCharacters_isAnother",
                        "walk_withPagesOfAnySize_findsEveryId"),
                Planted.of(
                        "ids in Latin-1",
                        PlantedStores.QuestionMarkedIds::new,
                        "keeps a '?'",
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
                        "numeric ids",
                        PlantedStores.NumericIds::new,
                        "compared as numbers",
                        "id_ofTheSameNumber_isAnother"),
                Planted.of(
                        "ids blind to invisible characters",
                        PlantedStores.InvisibleBlindIds::new,
                        "ignores control and format characters",
                        "id_withInvisibleCharacters_isAnother"),
                Planted.of(
                        "ids as patterns",
                        PlantedStores.PatternIds::new,
                        "bound as a parameter",
                        "id_withSpecialCharacters_isKeptAsItIs",
                        "walk_withPagesOfAnySize_findsEveryId"),

                // What is kept is not what was given
                Planted.of(
                        "truncated payload",
                        PlantedStores.TruncatedPayload::new,
                        "BLOB of MySQL",
                        "payload_ofAnySize_isKeptExactly"),
                Planted.of(
                                "padded payload",
                                PlantedStores.PaddedPayload::new,
                                "Keep it as bytes",
                                "payload_ofAnyBytes_isKeptExactly")
                        .andPerhaps("core_"),
                Planted.of(
                                "payload array aliased inside the store",
                                PlantedStores.AliasedPayload::new,
                                "one array or buffer",
                                "payload_ofManyUsers_areKeptApart",
                                "record_amongManyOthers_isNotEvicted")
                        .andPerhaps("id_", "threads_", "core_"),
                Planted.of(
                                "version kept as a double",
                                PlantedStores.VersionAsDouble::new,
                                "kept as a double",
                                "version_anyPositiveLong_isKeptExactly",
                                "version_closeToAnother_isNotTakenForIt")
                        .andPerhaps("core_"),
                Planted.of(
                        "version compared as an int",
                        PlantedStores.VersionComparedAsInt::new,
                        "or as an int",
                        "version_closeToAnother_isNotTakenForIt"),
                Planted.of(
                                "reused version",
                                PlantedStores.ReusedVersion::new,
                                "begins anew with each row",
                                "staleRecord_afterDeleteAndInsert_isRefused")
                        .andPerhaps("threads_writing", "core_reEnrollment"),
                Planted.of(
                        "payload compared instead of the version",
                        PlantedStores.PayloadComparedInsteadOfVersion::new,
                        "payloads are compared",
                        "staleRecord_withTheSamePayload_isRefused",
                        "replace_anotherVersion_isFalseAndChangesNothing",
                        "delete_anotherVersion_isFalseAndChangesNothing",
                        "version_closeToAnother_isNotTakenForIt"),
                Planted.of(
                        "summary that must not be null",
                        PlantedStores.SummaryNotNull::new,
                        "a column of the summary is NOT NULL",
                        "summary_ofAnyAccount_isTaken"),

                // Walks that leave somebody out
                Planted.of(
                        "pages by offset",
                        PlantedStores.PagesByOffset::new,
                        "OFFSET",
                        "walk_whileOthersComeAndGo_findsEveryIdThatStays"),
                Planted.of(
                        "case-blind cursor",
                        PlantedStores.CaseBlindCursor::new,
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
                        "ids from the cursor on",
                        "walk_withPagesOfAnySize_findsEveryId",
                        "walk_whileOthersComeAndGo_findsEveryIdThatStays",
                        "walk_onAnotherInstance_goesOn"),
                Planted.of(
                        "walk in a circle",
                        PlantedStores.WalkInACircle::new,
                        "begins the walk anew",
                        "walk_withPagesOfAnySize_findsEveryId",
                        "walk_whileOthersComeAndGo_findsEveryIdThatStays",
                        "walk_onAnotherInstance_goesOn"),
                Planted.of(
                        "walk on the first instance only",
                        PlantedStores::walkOnTheFirstInstance,
                        "passes on four methods only",
                        "walk_onAnotherInstance_goesOn"),
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
                        "takes its lock between them",
                        "threads_replacingOneRecord_haveOneWinner",
                        "threads_countingInOneRecord_loseNoUpdate")
                .andPerhaps("threads_writing", "core_"));
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
