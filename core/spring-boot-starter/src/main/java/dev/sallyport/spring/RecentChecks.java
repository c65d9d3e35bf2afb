// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.UserId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Remembers for the check interval that a sign-in without a session was good, so that an API does not read the record
 * for each request. Only good answers are kept. At most {@value #MAX} of them: the oldest one goes first. Safe for use
 * by many threads.
 */
final class RecentChecks {
    static final int MAX = 10_000;

    private final Duration interval;
    private final Map<Key, Instant> checks = new LinkedHashMap<>();

    RecentChecks(Duration interval) {
        this.interval = interval;
    }

    /** The stamp is null for a user without two-factor authentication whose sign-in carries none. */
    private record Key(UserId user, @Nullable String stamp) {}

    boolean isRecent(UserId user, @Nullable String stamp, Instant now) {
        synchronized (checks) {
            Instant at = checks.get(new Key(user, stamp));
            return at != null && isWithin(at, now, interval);
        }
    }

    void add(UserId user, @Nullable String stamp, Instant now) {
        if (interval.isZero()) {
            return;
        }
        Key key = new Key(user, stamp);
        synchronized (checks) {
            // To the end of the order: the first entry is always the oldest one.
            checks.remove(key);
            checks.put(key, now);
            if (checks.size() > MAX) {
                checks.remove(checks.keySet().iterator().next());
            }
        }
    }

    /** Forgets that a user needs no code, because from now on they do. */
    void dropWithoutStamp(UserId user) {
        synchronized (checks) {
            checks.remove(new Key(user, null));
        }
    }

    int size() {
        synchronized (checks) {
            return checks.size();
        }
    }

    /** A clock that was put back does not make a check last longer. */
    static boolean isWithin(Instant at, Instant now, Duration interval) {
        return !now.isBefore(at) && Duration.between(at, now).compareTo(interval) < 0;
    }
}
