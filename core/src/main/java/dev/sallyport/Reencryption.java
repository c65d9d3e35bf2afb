// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.UserIdPage;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings all records under the current key of a key ring, so that the previous keys can be thrown away. Records renew
 * themselves as people sign in; this is for those who do not.
 *
 * <pre>{@code
 * Reencryption reencryption = Reencryption.of(store, keyRing);
 * String cursor = null;                                  // or where the last run was stopped
 * do {
 *     Reencryption.Page page = reencryption.renew(cursor, 500);
 *     report(page.seen(), page.renewed(), page.unreadable());
 *     cursor = page.nextCursor();
 * } while (cursor != null);
 * }</pre>
 *
 * <p>Users may sign in meanwhile, on nodes whose key ring has the same current key: each record is replaced by
 * compare-and-set, and nothing in it changes but its key. No record is skipped that was there all the time. Immutable
 * and safe for use by many threads.
 */
public final class Reencryption {
    private final ScannableTwoFactorStore store;
    private final Records records;

    private Reencryption(ScannableTwoFactorStore store, Records records) {
        this.store = store;
        this.records = records;
    }

    /**
     * For a store whose accounts go by the default policy.
     *
     * @param store where the records are
     * @param keyRing the key to go to as the current one, and those to come from as previous ones
     * @return the re-encryption, not begun
     */
    public static Reencryption of(ScannableTwoFactorStore store, KeyRing keyRing) {
        return of(store, keyRing, TwoFactorPolicy.defaults());
    }

    /**
     * For a store whose accounts go by another policy, which tells the summary beside each record until when it is locked.
     *
     * @param store where the records are
     * @param keyRing the key to go to as the current one, and those to come from as previous ones
     * @param policy the policy
     * @return the re-encryption, not begun
     */
    public static Reencryption of(ScannableTwoFactorStore store, KeyRing keyRing, TwoFactorPolicy policy) {
        Records.Settings settings =
                new Records.Settings(policy, InstantSource.system(), new SecureRandom(), user -> false);
        Records records = new Records(settings, store, new Sealer(keyRing), Bytes.EMPTY, new Events(event -> {}));
        return new Reencryption(store, records);
    }

    /**
     * What became of one page of users.
     *
     * @param seen how many users it had
     * @param renewed how many records were brought under the current key; the others were, or are gone
     * @param unreadable ids of users whose records could not be opened: they are left as they are, for somebody to look at.
     *     A record that names the current key is not opened here
     * @param nextCursor where to go on, to be kept if the walk is to be resumed later; null after the last page
     */
    public record Page(
            int seen,
            int renewed,
            List<String> unreadable,
            @Nullable String nextCursor) {}

    /**
     * Renews the records of one page of users.
     *
     * @param cursor null to begin, then each page's {@link Page#nextCursor()}
     * @param limit how many users at most, 1 or more
     * @return what became of them
     * @throws IllegalArgumentException if {@code limit} is under 1
     * @throws dev.sallyport.storage.StoreException if the store failed; begin again at the same cursor
     */
    public Page renew(@Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a page has room for 1 user or more, not " + limit);
        }
        UserIdPage page = Records.ask(() -> store.userIds(cursor, limit));
        int renewed = 0;
        List<String> unreadable = new ArrayList<>();
        for (String id : page.userIds()) {
            try {
                renewed += records.renewKey(UserId.of(id)) ? 1 : 0;
            } catch (UnreadableRecordException | IllegalArgumentException e) {
                unreadable.add(id);
            }
        }
        return new Page(page.userIds().size(), renewed, List.copyOf(unreadable), page.nextCursor());
    }
}
