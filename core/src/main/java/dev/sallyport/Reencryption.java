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
 * themselves as people sign in; this is for the others.
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
 * compare-and-set, and nothing in it changes but its key, its version and its time of writing. No record is skipped
 * that was there all the time. Immutable and safe for use by many threads.
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
     * A walk over a store.
     *
     * @param store where the records are
     * @param keyRing the key to go to as the current one, and those to come from as previous ones
     * @return the walk, not begun: without a namespace, under the default policy, without a listener
     */
    public static Reencryption of(ScannableTwoFactorStore store, KeyRing keyRing) {
        return new Reencryption(store, keyRing, "", TwoFactorPolicy.defaults(), event -> {}, user -> 0);
    }

    /**
     * The same for records in a namespace.
     *
     * @param namespace as given to {@link TwoFactor.Builder#namespace}
     * @return a new object
     * @throws IllegalArgumentException if it is no namespace
     */
    public Reencryption namespace(String namespace) {
        return new Reencryption(store, keyRing, Text.requireNamespace(namespace), policy, listener, versionWitness);
    }

    /**
     * The same under another policy, which decides what the summary beside each record says about locks.
     *
     * @param policy as given to {@link TwoFactor.Builder#policy}
     * @return a new object
     */
    public Reencryption policy(TwoFactorPolicy policy) {
        return new Reencryption(store, keyRing, namespace, policy, listener, versionWitness);
    }

    /**
     * The same with a listener, which hears of each new version: needed where a {@link VersionWitness} is raised by
     * events.
     *
     * @param listener as given to {@link TwoFactor.Builder#listener}
     * @return a new object
     */
    public Reencryption listener(TwoFactorListener listener) {
        return new Reencryption(store, keyRing, namespace, policy, listener, versionWitness);
    }

    /**
     * The same with a version witness: needed where the application keeps one. Without it, the walk would write an older
     * record that was put back, and give it the version that the witness knows.
     *
     * @param versionWitness as given to {@link TwoFactor.Builder#versionWitness}
     * @return a new object
     */
    public Reencryption versionWitness(VersionWitness versionWitness) {
        return new Reencryption(store, keyRing, namespace, policy, listener, versionWitness);
    }

    /**
     * What became of one page of users.
     *
     * @param seen how many users it had
     * @param renewed how many records were brought under the current key; the others were under it already, or are gone
     * @param unreadable ids of users whose records could not be opened, or are older than the version witness says: they are left as they are, for somebody to look
     *     at. A record that names the current key is not opened here: see {@link RecordCheck}
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
