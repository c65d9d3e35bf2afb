// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts the passwords that somebody tries for a user on the page that enables two-factor authentication. It counts
 * over all sessions and filter chains of this node, because a program has no session, and remember-me opens new ones.
 * At most {@value #MAX} users: the oldest one goes first. Safe for use by many threads.
 */
final class PasswordTries {
    static final int MAX = 10_000;
    static final int MAX_TRIES = 10;
    static final Duration WINDOW = Duration.ofMinutes(15);

    private final Map<UserId, Tries> users = new LinkedHashMap<>();

    private record Tries(int count, Instant since) {}

    /** Counts a try before the password is checked. {@return whether it may be checked} */
    boolean begin(UserId user, Instant now) {
        synchronized (users) {
            Tries before = users.remove(user);
            Tries tries = before != null && RecentChecks.isWithin(before.since(), now, WINDOW)
                    ? new Tries(Math.min(before.count(), MAX_TRIES) + 1, before.since())
                    : new Tries(1, now);
            users.put(user, tries);
            if (users.size() > MAX) {
                users.remove(users.keySet().iterator().next());
            }
            return tries.count() <= MAX_TRIES;
        }
    }

    /** The password was right. */
    void succeeded(UserId user) {
        synchronized (users) {
            users.remove(user);
        }
    }
}
