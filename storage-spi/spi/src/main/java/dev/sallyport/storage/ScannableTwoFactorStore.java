// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import org.jspecify.annotations.Nullable;

/** A store that can also list its users, page by page: what key rotation and clean-up need. */
public interface ScannableTwoFactorStore extends TwoFactorStore {

    /**
     * Lists ids of users who have a record. Every id present throughout the walk MUST appear at least once; one that is
     * added or removed meanwhile may or may not, and any may appear twice. The order is the store's own.
     *
     * @param cursor null for the first page, then each page's {@link UserIdPage#nextCursor()}; it may be kept and used
     *     in another process
     * @param limit how many ids at most, 1 or more
     * @return the next page; it may hold fewer ids than {@code limit}, even none, and not be the last
     * @throws IllegalArgumentException if {@code limit} is under 1
     * @throws StoreException if the store cannot tell
     */
    UserIdPage userIds(@Nullable String cursor, int limit);
}
