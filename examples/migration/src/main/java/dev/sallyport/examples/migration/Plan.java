// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.EnrollmentRequest;
import dev.sallyport.UserId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who comes over with what, as far as this does not depend on the store.
 *
 * @param users in the order of the source
 */
record Plan(List<Planned> users) {
    private static final int MAX_AUTHENTICATORS = 5;

    /**
     * An authenticator of the source.
     *
     * @param old what it is
     * @param request what to import; empty if it cannot come over
     * @param reason why it cannot come over; empty if it can
     */
    record Part(OldAuthenticator old, Optional<EnrollmentRequest> request, String reason) {}

    /**
     * A user of the source.
     *
     * @param old who it is
     * @param user the id at the target; null if there is none
     * @param problem why there is no id; empty if there is one
     * @param parts the authenticators, in the order of the source
     */
    record Planned(OldUser old, @Nullable UserId user, String problem, List<Part> parts) {

        List<EnrollmentRequest> requests() {
            return parts.stream().flatMap(part -> part.request().stream()).toList();
        }

        /** Why this user has no second factor afterwards. */
        String whyLeft() {
            List<String> reasons = new ArrayList<>();
            if (!problem.isEmpty()) {
                reasons.add(problem);
            }
            parts.stream()
                    .filter(part -> part.request().isEmpty())
                    .forEach(part -> reasons.add(part.old().where() + ": " + part.reason()));
            old.leftBehind().forEach((what, count) -> reasons.add(what + " cannot come over (" + count + ")"));
            return String.join("; ", reasons);
        }
    }

    static Plan of(Inventory inventory, Optional<UserMap> map, Rehearsal rehearsal) throws BadInput {
        List<Planned> users = new ArrayList<>();
        Map<String, OldUser> taken = new HashMap<>();
        for (OldUser old : inventory.users()) {
            Planned planned = plan(old, map, rehearsal);
            UserId user = planned.user();
            if (user != null && taken.put(user.value(), old) != null) {
                throw new BadInput(
                        "two users would get the user id " + Labels.show(user.value()) + ": correct the user map");
            }
            users.add(planned);
        }
        return new Plan(users);
    }

    private static Planned plan(OldUser old, Optional<UserMap> map, Rehearsal rehearsal) throws BadInput {
        String id = old.id() != null ? old.id() : old.name();
        if (map.isPresent()) {
            id = map.get().find(old);
            if (id == null) {
                return new Planned(old, null, "it is not in the user map", parts(old, rehearsal));
            }
        }
        try {
            return new Planned(old, UserId.of(id), "", parts(old, rehearsal));
        } catch (IllegalArgumentException e) {
            return new Planned(old, null, String.valueOf(e.getMessage()), parts(old, rehearsal));
        }
    }

    /** Those that cannot come over do not keep back the others: without them, the user would have no second factor. */
    private static List<Part> parts(OldUser old, Rehearsal rehearsal) {
        List<Part> parts = new ArrayList<>();
        List<EnrollmentRequest> coming = new ArrayList<>();
        for (OldAuthenticator one : old.authenticators()) {
            Optional<String> refusal = one.refusal();
            if (refusal.isEmpty() && coming.size() == MAX_AUTHENTICATORS) {
                refusal = Optional.of("a user has at most " + MAX_AUTHENTICATORS
                        + " authenticators, and as many come before it in the file");
            }
            EnrollmentRequest request = null;
            if (refusal.isEmpty()) {
                request = request(old, one);
                coming.add(request);
                refusal = rehearsal.refusal(coming);
                if (refusal.isPresent()) {
                    coming.remove(coming.size() - 1);
                }
            }
            parts.add(
                    refusal.isPresent()
                            ? new Part(one, Optional.empty(), refusal.get())
                            : new Part(one, Optional.ofNullable(request), ""));
        }
        return parts;
    }

    private static EnrollmentRequest request(OldUser old, OldAuthenticator one) {
        String name = Labels.fit(old.name(), "account");
        return EnrollmentRequest.of(name).label(one.label()).existing(one.existing());
    }
}
