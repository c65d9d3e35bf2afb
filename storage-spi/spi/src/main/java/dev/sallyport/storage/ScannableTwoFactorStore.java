// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import org.jspecify.annotations.Nullable;

/** A store that can also list its user ids, page by page. Key rotation and checks of all records need this. */
public interface ScannableTwoFactorStore extends TwoFactorStore {

    /**
     * Lists the ids under which something is stored. Every id that is present during the whole walk MUST appear at
     * least once, also if its record is spoiled. An id that is added or erased during the walk may appear or not. An id
     * may appear twice. The store chooses the order.
     *
     * @param cursor null for the first page, then the {@link UserIdPage#nextCursor()} of the page before. It may be
     *     kept and used in another process
     * @param limit the greatest number of ids, 1 or more
     * @return the next page. It may have fewer ids than {@code limit}, or none, although it is not the last page
     * @throws IllegalArgumentException if {@code limit} is less than 1
     * @throws StoreException if the store cannot read
     */
    UserIdPage userIds(@Nullable String cursor, int limit);
}
