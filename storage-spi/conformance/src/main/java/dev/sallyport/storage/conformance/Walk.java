// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.text;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.UserIdPage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One walk over all users of a store. The instances answer for the pages in turn. It collects the ids of this test. */
final class Walk {
    /** A limit with which a walk over a hundred thousand users has few pages. */
    static final int LARGE = 10_000;

    /** The most pages of a walk whose limit can be chosen. */
    static final int MOST_PAGES = 200;

    private final TestContext context;
    private final Set<String> found = new TreeSet<>();
    private int ids;

    Walk(TestContext context, int limit, Consumer<UserIdPage> afterEachPage, List<ScannableTwoFactorStore> instances) {
        this.context = context;
        Set<String> cursors = new HashSet<>();
        String cursor = null;
        for (int pages = 0; ; pages++) {
            UserIdPage page = page(instances.get(pages % instances.size()), cursor, limit);
            if (page.userIds().size() > limit) {
                throw context.store()
                        .broken(
                                "A page has " + page.userIds().size() + " ids, and MUST have at most the " + limit
                                        + " that were asked for.",
                                "the limit is not passed on, or is only a hint to the backend.");
            }
            ids += page.userIds().size();
            page.userIds().stream().filter(context::isOurs).forEach(found::add);
            afterEachPage.accept(page);
            String next = page.nextCursor();
            if (next == null) {
                return;
            }
            if (!cursors.add(next)) {
                throw context.store()
                        .broken(
                                "A page has the cursor " + text(next)
                                        + ", which the walk has used before, and the walk MUST come to an end.",
                                "the page begins with the id of the cursor, and not with the one after it; or the"
                                        + " store passes"
                                        + " on the mark of the end (the 0 of Redis) instead of null, and the walk"
                                        + " starts again.");
            }
            cursor = next;
        }
    }

    private UserIdPage page(ScannableTwoFactorStore instance, @Nullable String cursor, int limit) {
        try {
            return instance.userIds(cursor, limit);
        } catch (RuntimeException e) {
            throw new AssertionError(
                    context.store()
                            .message(
                                    StoreUnderTest.rootCause(e) + "\nuserIds with the limit " + limit
                                            + " threw this, and MUST return a page, because the backend is not broken.",
                                    "the walk reads the whole records, and one that it cannot read stops it."),
                    e);
        }
    }

    /** How many ids it got, with those of others. */
    int ids() {
        return ids;
    }

    /** The smallest limit with which another walk does not have too many pages. */
    int leastLimit() {
        return Math.max(1, (ids + MOST_PAGES - 1) / MOST_PAGES);
    }

    void mustHaveFound(Set<String> present, String hint) {
        Set<String> missing = new TreeSet<>(present);
        missing.removeAll(found);
        if (!missing.isEmpty()) {
            throw context.store()
                    .broken(
                            "A walk did not list " + missing.size() + " of " + present.size() + " ids, "
                                    + text(missing.iterator().next()) + " first, and MUST list each at least once.",
                            hint);
        }
    }

    void mustHaveFoundNoOther(Set<String> present, String hint) {
        Set<String> others = new TreeSet<>(found);
        others.removeAll(present);
        if (!others.isEmpty()) {
            throw context.store()
                    .broken(
                            "A walk listed " + text(others.iterator().next())
                                    + ", and MUST list only ids under which something is stored.",
                            hint);
        }
    }
}
