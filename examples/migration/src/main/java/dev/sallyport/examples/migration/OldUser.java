// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A user of the other product.
 *
 * @param id the source's id of the user, which never changes; null where the source has none
 * @param name the source's name of the user, which the app shows
 * @param authenticators those that may come over, and those that cannot, in the source's order
 * @param leftBehind other second factors, which cannot come over: what they are, and how many
 */
record OldUser(
        @Nullable String id, String name, List<OldAuthenticator> authenticators, Map<String, Integer> leftBehind) {

    /** Whether the password alone was enough. */
    boolean hadNoSecondFactor() {
        return authenticators.isEmpty() && leftBehind.isEmpty();
    }

    /** Collects the authenticators of a user. */
    static final class Builder {
        private final @Nullable String id;
        private final String name;
        private final List<OldAuthenticator> authenticators = new ArrayList<>();
        private final Map<String, Integer> leftBehind = new LinkedHashMap<>();
        private int duplicates;

        Builder(@Nullable String id, String name) {
            this.id = id;
            this.name = name;
        }

        Builder add(OldAuthenticator authenticator) {
            for (int i = 0; i < authenticators.size(); i++) {
                if (authenticators.get(i).isSameAs(authenticator)) {
                    authenticators.set(i, authenticators.get(i).furtherOf(authenticator));
                    duplicates++;
                    return this;
                }
            }
            authenticators.add(authenticator);
            return this;
        }

        Builder leaveBehind(String what, int count) {
            leftBehind.merge(what, count, Integer::sum);
            return this;
        }

        int duplicates() {
            return duplicates;
        }

        OldUser build() {
            return new OldUser(id, name, List.copyOf(authenticators), leftBehind);
        }
    }
}
