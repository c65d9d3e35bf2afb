// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** What a walk over the users of a {@link MapTwoFactorStore} sees, with pages of any size. */
class UserIdWalkTest {

    @Property
    @Label("A walk sees every id once, in pages of no more than was asked for")
    void walk_ofAStoreThatNobodyChanges_seesEachOnce(
            @ForAll("ids") Set<String> ids, @ForAll @IntRange(min = 1, max = 20) int limit) {
        assertThat(walk(mapOf(ids), limit, List.of(), List.of())).containsExactlyInAnyOrderElementsOf(ids);
    }

    @Property
    @Label("A walk sees every id that is there all the time, whatever comes and goes meanwhile")
    void walk_whileOthersComeAndGo_seesThoseThatStay(
            @ForAll("ids") Set<String> staying,
            @ForAll("ids") Set<String> coming,
            @ForAll("ids") Set<String> going,
            @ForAll @IntRange(min = 1, max = 20) int limit) {
        coming.removeAll(staying);
        going.removeAll(staying);
        going.removeAll(coming);
        ConcurrentMap<String, String> map = mapOf(staying);
        map.putAll(mapOf(going));

        List<String> seen = walk(map, limit, List.copyOf(coming), List.copyOf(going));

        assertThat(seen).containsAll(staying).doesNotHaveDuplicates();
    }

    /** After each page, one comes and one goes. */
    private static List<String> walk(
            ConcurrentMap<String, String> map, int limit, List<String> coming, List<String> going) {
        MapTwoFactorStore store = new MapTwoFactorStore(map);
        List<String> seen = new ArrayList<>();
        UserIdPage page = store.userIds(null, limit);
        for (int pages = 0; ; pages++) {
            assertThat(page.userIds()).hasSizeLessThanOrEqualTo(limit);
            seen.addAll(page.userIds());
            if (page.nextCursor() == null) {
                return seen;
            }
            if (pages < coming.size()) {
                map.put(coming.get(pages), "");
            }
            if (pages < going.size()) {
                map.remove(going.get(pages));
            }
            page = store.userIds(page.nextCursor(), limit);
        }
    }

    private static ConcurrentMap<String, String> mapOf(Set<String> ids) {
        ConcurrentMap<String, String> map = new ConcurrentHashMap<>();
        ids.forEach(id -> map.put(id, ""));
        return map;
    }

    @Provide
    Arbitrary<Set<String>> ids() {
        return Arbitraries.strings()
                .withCharRange('a', 'e')
                .withChars("\u0130\uffff\ud83d\udd11 ")
                .ofMinLength(1)
                .ofMaxLength(3)
                .set()
                .ofMaxSize(40);
    }
}
