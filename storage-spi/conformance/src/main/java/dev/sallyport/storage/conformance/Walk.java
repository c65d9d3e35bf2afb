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

/** One walk over all users of a store, its pages asked from the instances in turn. It collects those of this session. */
final class Walk {
    /** A limit that makes a walk over a hundred thousand users a short one. */
    static final int LARGE = 10_000;

    /** How many pages a walk may have where there is a choice. */
    static final int MOST_PAGES = 200;

    private final Session session;
    private final Set<String> found = new TreeSet<>();
    private int ids;

    Walk(Session session, int limit, Consumer<UserIdPage> afterEachPage, List<ScannableTwoFactorStore> instances) {
        this.session = session;
        Set<String> cursors = new HashSet<>();
        String cursor = null;
        for (int pages = 0; ; pages++) {
            UserIdPage page = instances.get(pages % instances.size()).userIds(cursor, limit);
            if (page.userIds().size() > limit) {
                throw session.store()
                        .broken(
                                "A page has " + page.userIds().size() + " ids, and MUST have at most the " + limit
                                        + " that were asked for.",
                                "the limit is not passed on, or is only a hint to the backend.");
            }
            ids += page.userIds().size();
            page.userIds().stream().filter(session::isOurs).forEach(found::add);
            afterEachPage.accept(page);
            String next = page.nextCursor();
            if (next == null) {
                return;
            }
            if (!cursors.add(next)) {
                throw session.store()
                        .broken(
                                "A page says to go on where the walk has been, at the cursor " + text(next)
                                        + ", and the walk MUST come to an end.",
                                "ids from the cursor on are listed, and not those after it; or the mark of the end (the 0 of"
                                        + " Redis) is passed on instead of null, and begins the walk anew.");
            }
            cursor = next;
        }
    }

    /** How many ids it was given, those of others included. */
    int ids() {
        return ids;
    }

    /** The smallest limit for another walk, if that is not to take too many pages. */
    int leastLimit() {
        return Math.max(1, (ids + MOST_PAGES - 1) / MOST_PAGES);
    }

    void mustHaveFound(Set<String> present, String hint) {
        Set<String> missing = new TreeSet<>(present);
        missing.removeAll(found);
        if (!missing.isEmpty()) {
            throw session.store()
                    .broken(
                            "A walk left out " + missing.size() + " of " + present.size() + " ids, "
                                    + text(missing.iterator().next()) + " first, and MUST give each at least once.",
                            hint);
        }
    }

    void mustHaveFoundNoOther(Set<String> present, String hint) {
        Set<String> others = new TreeSet<>(found);
        others.removeAll(present);
        if (!others.isEmpty()) {
            throw session.store()
                    .broken(
                            "A walk gave " + text(others.iterator().next())
                                    + ", and MUST give ids of users who have a record.",
                            hint);
        }
    }
}
