// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a walk over the users of a store.
 *
 * @param userIds the ids
 * @param nextCursor the cursor of the next page; null if this is the last page
 */
public record UserIdPage(List<String> userIds, @Nullable String nextCursor) {

    /**
     * Makes a page.
     *
     * @param userIds the ids, copied
     * @param nextCursor what to ask the next page with; null after the last
     */
    public UserIdPage {
        userIds = List.copyOf(userIds);
    }
}
