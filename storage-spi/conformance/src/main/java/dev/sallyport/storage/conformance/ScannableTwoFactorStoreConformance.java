// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Tests a {@link ScannableTwoFactorStore}: all tests of {@link TwoFactorStoreConformance}, and tests of the walk over
 * all users.
 *
 * <p>If the database has so many users that a walk over them would have more than 200 pages, the kit leaves out small
 * pages, and the report says so. On an empty database it tries pages of a single id.
 */
@Proves("the walk over all users")
public abstract class ScannableTwoFactorStoreConformance extends TwoFactorStoreConformance {
    private static final int MOST_IDS_OF_A_PAGE = 64;

    /** For subclasses. */
    protected ScannableTwoFactorStoreConformance() {}

    @Override
    protected abstract ScannableTwoFactorStore createStore() throws Exception;

    @Override
    protected abstract ScannableTwoFactorStore secondInstance() throws Exception;

    @Override
    Map<String, Call> moreCalls(TwoFactorStore broken) {
        ScannableTwoFactorStore scannable = (ScannableTwoFactorStore) broken;
        return Map.of("userIds", () -> scannable.userIds(null, 10));
    }

    @Test
    @DisplayName("walk: every id MUST appear, with pages of any size, exactly as it was written")
    void walk_withPagesOfAnySize_findsEveryId() {
        ScannableTwoFactorStore store = scannable();
        Set<String> present = new TreeSet<>();
        for (String end :
                "a|A|a |a  |\u00E9|e\u0301|e|\uD83D\uDE00|\uD83D\uDE01|\uFF5E|%|_|'|\"|\\|a,b|a\nb|z|Z|\u00DF|ss|0|00|~|."
                        .split("\\|", -1)) {
            present.add(context.inserted(context.id(end)).userId());
        }
        context.store().mustErase(context.inserted(context.id("gone")).userId());

        for (int limit : limits(store, 1, 2, 7, present.size() - 1, present.size(), 1_000)) {
            Walk walk = new Walk(context, limit, page -> {}, List.of(store));
            walk.mustHaveFound(
                    present,
                    "the cursor is compared with another collation than the one that sorts the ids, or an id that is"
                            + " equal to"
                            + " it in that collation is skipped.");
            walk.mustHaveFoundNoOther(present, "rows that are only marked as deleted are listed, or ids are changed.");
        }
    }

    @Test
    @DisplayName("walk: every id that is there all the time MUST appear, while others come and go")
    void walk_whileOthersComeAndGo_findsEveryIdThatStays() {
        ScannableTwoFactorStore store = scannable();
        for (int limit : limits(store, 1, 2, 7)) {
            Assumptions.assumeTrue(
                    limit <= MOST_IDS_OF_A_PAGE,
                    "the store has so many users that one page would hold all users of this test; use an emptier"
                            + " store");
            Set<String> stay = new TreeSet<>();
            Map<String, StoredRecord> go = new HashMap<>();
            List<StoredRecord> records = context.insertedAtOnce(IntStream.range(0, Math.max(30, 4 * limit))
                    .mapToObj(i -> context.id(limit + "-" + (10 + i)))
                    .toList());
            for (int i = 0; i < records.size(); i += 2) {
                stay.add(records.get(i).userId());
                StoredRecord goes = records.get(i + 1);
                go.put(goes.userId(), goes);
            }
            AtomicInteger pages = new AtomicInteger();
            Walk walk = new Walk(
                    context,
                    limit,
                    page -> {
                        for (String seen : page.userIds()) {
                            StoredRecord goes = go.remove(seen);
                            if (goes != null) {
                                context.store().mustErase(goes.userId());
                            }
                        }
                        int number = pages.incrementAndGet();
                        if (number % 3 == 0 && number < 90) {
                            context.inserted(context.id(limit + "-" + (100 - number) + "-comes"));
                        }
                    },
                    List.of(store));
            walk.mustHaveFound(
                    stay,
                    "pages use OFFSET, so that rows move from page to page; or the cursor is lost when its row is"
                            + " erased. Let"
                            + " the cursor be the last id, and ask for the ids after it.");
        }
    }

    @Test
    @DisplayName("walk: the id of a spoiled record MUST appear")
    void walk_withASpoiledRecord_findsItsId() throws Exception {
        ScannableTwoFactorStore store = scannable();
        Set<String> present = new TreeSet<>();
        for (String end : List.of("a", "b", "c")) {
            present.add(context.inserted(context.id(end)).userId());
        }
        spoilRecord(context.id("b"));

        for (int limit : limits(store, 1, 1_000)) {
            new Walk(context, limit, page -> {}, List.of(store))
                    .mustHaveFound(
                            present,
                            "the walk reads the whole records, and stops at or skips one that it cannot read.");
        }
    }

    @Test
    @DisplayName("walk: a cursor MUST work on another instance")
    void walk_onAnotherInstance_goesOn() {
        ScannableTwoFactorStore other =
                (ScannableTwoFactorStore) context.second().store();
        ScannableTwoFactorStore store = scannable();
        Set<String> present = new TreeSet<>();
        for (int i = 0; i < 10; i++) {
            present.add(context.inserted(context.id("user-" + i)).userId());
        }
        for (int limit : limits(store, 3)) {
            new Walk(context, limit, page -> {}, List.of(store, other))
                    .mustHaveFound(present, "the cursor refers to the memory of one process. Let it be the last id.");
        }
    }

    @Test
    @DisplayName("walk: a limit under 1 MUST be refused with an IllegalArgumentException")
    void walk_withALimitUnder1_isRefused() {
        ScannableTwoFactorStore store = scannable();
        for (int limit : new int[] {0, -1, Integer.MIN_VALUE}) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> store.userIds(null, limit),
                    "userIds with the limit " + limit + " MUST throw an IllegalArgumentException.\n"
                            + "Usual cause: the store passes the limit on to the backend, where 0 or less may mean"
                            + " all.\n");
        }
    }

    /** These limits, or greater ones where the walk would have too many pages because of other users. */
    private List<Integer> limits(ScannableTwoFactorStore store, int... wanted) {
        Walk whole = new Walk(context, Walk.LARGE, page -> {}, List.of(store));
        int least = whole.leastLimit();
        if (least > wanted[0]) {
            context.note(
                    "walks with pages of fewer than " + least + " ids were left out: the store holds " + whole.ids()
                            + " ids, and the pages would be more than " + Walk.MOST_PAGES + ". Use an emptier store");
        }
        return IntStream.of(wanted)
                .map(limit -> Math.max(limit, least))
                .distinct()
                .boxed()
                .toList();
    }

    private ScannableTwoFactorStore scannable() {
        return (ScannableTwoFactorStore) context.store().store();
    }
}
