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
 * Re-encrypts all records under the current key of a key ring, so that the previous keys can be deleted. Every call
 * that changes a record re-encrypts it, too. This class is for all other records.
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
 * <p>Users may sign in meanwhile, on nodes whose key ring has the same current key. Each record is replaced by
 * compare-and-set. Only its key, its version and its time of writing change. A record that exists during the whole walk
 * is not skipped. Immutable and safe for use by many threads.
 */
public final class Reencryption {
    private final ScannableTwoFactorStore store;
    private final KeyRing keyRing;
    private final String namespace;
    private final TwoFactorPolicy policy;
    private final TwoFactorListener listener;
    private final VersionWitness versionWitness;
    private final Accounts accounts;

    private Reencryption(
            ScannableTwoFactorStore store,
            KeyRing keyRing,
            String namespace,
            TwoFactorPolicy policy,
            TwoFactorListener listener,
            VersionWitness versionWitness) {
        this.store = store;
        this.keyRing = keyRing;
        this.namespace = namespace;
        this.policy = policy;
        this.listener = listener;
        this.versionWitness = versionWitness;
        SecureRandom random = new SecureRandom();
        Accounts.Settings settings = new Accounts.Settings(policy, InstantSource.system(), random, versionWitness);
        this.accounts = new Accounts(
                settings, store, new Sealer(keyRing, namespace, random), Bytes.EMPTY, new Events(listener));
    }

    /**
     * Makes a walk over a store.
     *
     * @param store where the records are
     * @param keyRing the new key as the current one, and the old keys as previous ones
     * @return the walk, which has not begun; it has no namespace, the default policy and no listener
     */
    public static Reencryption of(ScannableTwoFactorStore store, KeyRing keyRing) {
        return new Reencryption(store, keyRing, "", TwoFactorPolicy.defaults(), event -> {}, user -> 0);
    }

    /**
     * Makes the same walk for records in a namespace.
     *
     * @param namespace as given to {@link TwoFactor.Builder#namespace}
     * @return a new object
     * @throws IllegalArgumentException if it is not a valid namespace
     */
    public Reencryption namespace(String namespace) {
        return new Reencryption(store, keyRing, Text.requireNamespace(namespace), policy, listener, versionWitness);
    }

    /**
     * Makes the same walk with another policy. The policy determines the lock in the summary of each record.
     *
     * @param policy as given to {@link TwoFactor.Builder#policy}
     * @return a new object
     */
    public Reencryption policy(TwoFactorPolicy policy) {
        return new Reencryption(store, keyRing, namespace, policy, listener, versionWitness);
    }

    /**
     * Makes the same walk with a listener, which receives an event for each new version. It is needed if the
     * application has a {@link VersionWitness}.
     *
     * @param listener as given to {@link TwoFactor.Builder#listener}
     * @return a new object
     */
    public Reencryption listener(TwoFactorListener listener) {
        return new Reencryption(store, keyRing, namespace, policy, listener, versionWitness);
    }

    /**
     * The same with a version witness: needed where the application keeps one. Without it, the walk would write an
     * older record that was put back, and give it the version that the witness knows.
     *
     * @param versionWitness as given to {@link TwoFactor.Builder#versionWitness}
     * @return a new object
     */
    public Reencryption versionWitness(VersionWitness versionWitness) {
        return new Reencryption(store, keyRing, namespace, policy, listener, versionWitness);
    }

    /**
     * The result for one page of users.
     *
     * @param seen how many users it had
     * @param renewed how many records were re-encrypted; the others were under the current key already, are unreadable,
     *     or were deleted meanwhile
     * @param unreadable ids of users whose records could not be opened, or are older than the version witness says.
     *     These records stay as they are, so that somebody can examine them. A record that names the current key is not
     *     opened here: see {@link RecordCheck}
     * @param nextCursor the cursor of the next page; keep it to resume the walk later; null after the last page
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
     * @return the result for this page
     * @throws IllegalArgumentException if {@code limit} is under 1
     * @throws dev.sallyport.storage.StoreException if the store failed; begin again at the same cursor
     */
    public Page renew(@Nullable String cursor, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a page has room for 1 user or more, not " + limit);
        }
        UserIdPage page = Accounts.ask(() -> store.userIds(cursor, limit));
        int renewed = 0;
        List<String> unreadable = new ArrayList<>();
        for (String id : page.userIds()) {
            try {
                renewed += accounts.renewKey(UserId.of(id)) ? 1 : 0;
            } catch (UnreadableRecordException | MissingRecordException | IllegalArgumentException e) {
                unreadable.add(id);
            }
        }
        return new Page(page.userIds().size(), renewed, List.copyOf(unreadable), page.nextCursor());
    }
}
