// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.text;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.UserIdPage;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** One walk over all users of a store, its pages asked from the instances in turn. It collects those of this session. */
final class Walk {
    private final Session session;
    private final Set<String> found = new TreeSet<>();

    Walk(Session session, int limit, Consumer<UserIdPage> afterEachPage, List<ScannableTwoFactorStore> instances) {
        this.session = session;
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
            page.userIds().stream().filter(session::isOurs).forEach(found::add);
            afterEachPage.accept(page);
            String next = page.nextCursor();
            if (next == null) {
                return;
            }
            if (next.equals(cursor)) {
                throw session.store()
                        .broken(
                                "A page says to go on where it began, at the cursor " + text(next)
                                        + ", and the walk MUST come to an end.",
                                "ids from the cursor on are listed, and not those after it.");
            }
            cursor = next;
        }
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
