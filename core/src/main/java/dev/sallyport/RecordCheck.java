// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.UserIdPage;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks at start-up whether the key ring opens the records of a store, so that an operator finds a wrong key before
 * the first user does. It writes nothing. Immutable and safe for use by many threads.
 *
 * <pre>{@code
 * RecordCheck.Report report = RecordCheck.of(store, keyRing).sample(100);
 * if (!report.unreadable().isEmpty()) {
 *     throw new IllegalStateException(report.firstProblem());
 * }
 * }</pre>
 */
public final class RecordCheck {
    private final ScannableTwoFactorStore store;
    private final KeyRing keyRing;
    private final Accounts accounts;

    private RecordCheck(ScannableTwoFactorStore store, KeyRing keyRing, String namespace) {
        this.store = store;
        this.keyRing = keyRing;
        SecureRandom random = new SecureRandom();
        Accounts.Settings settings =
                new Accounts.Settings(TwoFactorPolicy.defaults(), InstantSource.system(), random, user -> 0);
        this.accounts = new Accounts(
                settings, store, new Sealer(keyRing, namespace, random), Bytes.EMPTY, new Events(event -> {}));
    }

    /**
     * Makes a check of a store.
     *
     * @param store where the records are
     * @param keyRing the keys that the application uses
     * @return the check, without a namespace
     */
    public static RecordCheck of(ScannableTwoFactorStore store, KeyRing keyRing) {
        return new RecordCheck(store, keyRing, "");
    }

    /**
     * Makes the same check for records in a namespace.
     *
     * @param namespace as given to {@link TwoFactor.Builder#namespace}
     * @return a new object
     * @throws IllegalArgumentException if it is not a valid namespace
     */
    public RecordCheck namespace(String namespace) {
        return new RecordCheck(store, keyRing, Text.requireNamespace(namespace));
    }

    /**
     * The result of a check.
     *
     * @param seen how many records were looked at
     * @param unreadable ids of users whose records do not open or are not records
     * @param firstProblem why the first of them does not open: it names the key id; empty text if all open
     */
    public record Report(int seen, List<String> unreadable, String firstProblem) {}

    /**
     * Opens the first records that the store lists.
     *
     * @param limit how many at most, 1 or more
     * @return what was found
     * @throws IllegalArgumentException if {@code limit} is under 1
     * @throws dev.sallyport.storage.StoreException if the store failed
     */
    public Report sample(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a sample has 1 record or more, not " + limit);
        }
        UserIdPage page = Accounts.ask(() -> store.userIds(null, limit));
        List<String> unreadable = new ArrayList<>();
        String firstProblem = "";
        for (String id : page.userIds()) {
            try {
                accounts.requireReadable(UserId.of(id));
            } catch (UnreadableRecordException | IllegalArgumentException e) {
                firstProblem = unreadable.isEmpty() ? String.valueOf(e.getMessage()) : firstProblem;
                unreadable.add(id);
            }
        }
        return new Report(page.userIds().size(), List.copyOf(unreadable), firstProblem);
    }
}
