// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps the accounts at one service apart from those at others. The export of an app or a vault has accounts at many
 * services, and alice at one of them need not be alice at another.
 */
final class Issuers {
    private final Optional<String> wanted;
    private final Set<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    private int others;

    Issuers(Optional<String> wanted) {
        this.wanted = wanted;
    }

    boolean accepts(String issuer) {
        seen.add(issuer);
        boolean accepted = wanted.isEmpty() || wanted.get().equalsIgnoreCase(issuer);
        others += accepted ? 0 : 1;
        return accepted;
    }

    void requireOne(Path file) throws BadInput {
        if (wanted.isEmpty() && seen.size() > 1) {
            String some = String.join(
                    ", ",
                    seen.stream()
                            .limit(5)
                            .map(one -> one.isEmpty() ? "(none)" : Labels.show(one))
                            .toList());
            throw BadInput.at(
                    file.toString(),
                    "it has accounts at " + seen.size() + " issuers (" + some
                            + "): say with --from-issuer whose users are to come over");
        }
    }

    void note(Inventory.Builder inventory) {
        inventory.note("authenticators of other issuers, skipped", others);
    }
}
