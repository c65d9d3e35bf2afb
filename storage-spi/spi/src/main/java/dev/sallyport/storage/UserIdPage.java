// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a walk over a store's users.
 *
 * @param userIds the ids
 * @param nextCursor what to ask the next page with; null after the last
 */
public record UserIdPage(List<String> userIds, @Nullable String nextCursor) {

    /**
     * Makes a page.
     *
     * @param userIds the ids
     * @param nextCursor what to ask the next page with; null after the last
     */
    public UserIdPage {
        userIds = List.copyOf(userIds);
    }
}
