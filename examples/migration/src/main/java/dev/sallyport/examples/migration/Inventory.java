// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a file contains.
 *
 * @param users in the order of the file
 * @param identity which text of the file names a user
 * @param notes what else was counted, for the report
 */
record Inventory(List<OldUser> users, Identity identity, Map<String, Integer> notes) {

    /**
     * Which text of the source names a user.
     *
     * @param text for the report, such as "the Keycloak user ids"
     * @param permanent whether it never changes. A login name may change, or may be given to somebody else
     */
    record Identity(String text, boolean permanent) {}

    /** Collects users, whose authenticators may be anywhere in the file. */
    static final class Builder {
        private final Map<String, OldUser.Builder> users = new LinkedHashMap<>();
        private final Map<String, Integer> notes = new LinkedHashMap<>();

        /** The user of that id, or of that name where the source has no ids. */
        OldUser.Builder user(@Nullable String id, String name) {
            String key = id != null ? "id " + id : "name " + name;
            return users.computeIfAbsent(key, unused -> new OldUser.Builder(id, name));
        }

        Builder note(String what, int count) {
            if (count > 0) {
                notes.merge(what, count, Integer::sum);
            }
            return this;
        }

        Inventory build(Identity identity) {
            List<OldUser> built = new ArrayList<>();
            for (OldUser.Builder user : users.values()) {
                built.add(user.build());
                note("duplicates, counted once", user.duplicates());
            }
            return new Inventory(built, identity, notes);
        }
    }
}
