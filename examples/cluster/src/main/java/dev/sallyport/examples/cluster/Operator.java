// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import dev.sallyport.KeyRing;
import dev.sallyport.Reencryption;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.UserIdPage;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Kills nodes and starts them again, and changes the encryption key half-way, while users sign in. */
final class Operator {
    private static final int PAGES = 12;
    private static final int PAGES_PER_REPORT = 3;

    private final Options options;
    private final Cluster cluster;
    private final ScannableTwoFactorStore store;
    private final Tally tally;
    private final PrintStream out;
    private final Random random = new Random();
    private final Keys oldKeys = Keys.generate("2026-11");
    private final Keys newKeys = Keys.generate("2027-11");
    private final int accounts;
    private Keys keys = oldKeys;
    private long start;
    private int killsByChance;
    private int renewed;

    Operator(Options options, Cluster cluster, ScannableTwoFactorStore store, Tally tally, PrintStream out) {
        this.options = options;
        this.cluster = cluster;
        this.store = store;
        this.tally = tally;
        this.out = out;
        this.accounts = options.accounts();
    }

    /** The keys that are deployed at the moment. */
    KeyRing keyRing() {
        return keys.ring();
    }

    int killsByChance() {
        return killsByChance;
    }

    int renewed() {
        return renewed;
    }

    double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    void startAll() throws IOException {
        for (int node = 0; node < cluster.count(); node++) {
            cluster.start(node, keys);
        }
        start = System.nanoTime();
    }

    /** Takes as long as the options say, or as the key rotation takes. */
    void operate() throws IOException, InterruptedException {
        killUntil(options.seconds() / 2);
        rotate();
        killUntil(options.seconds());
    }

    private void killUntil(int end) throws IOException, InterruptedException {
        while (options.killEvery() > 0 && seconds() + options.killEvery() <= end) {
            TimeUnit.SECONDS.sleep(options.killEvery());
            int node = random.nextInt(cluster.count());
            double killed = seconds();
            cluster.kill(node);
            cluster.start(node, keys);
            killsByChance++;
            say("node %d killed, and started again within %.1f s", node + 1, seconds() - killed);
        }
        TimeUnit.MILLISECONDS.sleep(Math.max(0, Math.round(1000 * (end - seconds()))));
    }

    private void rotate() throws IOException {
        deploy(oldKeys.reading(newKeys), "each node can read what the new key writes");
        deploy(newKeys.reading(oldKeys), "each node writes with the new key");
        walk();
        deploy(newKeys, "no node has the old key");
    }

    /** Node by node, and without waiting for anybody to finish. */
    private void deploy(Keys next, String what) throws IOException {
        keys = next;
        for (int node = 0; node < cluster.count(); node++) {
            cluster.kill(node);
            cluster.start(node, keys);
        }
        say("keys %s deployed: %s", keys, what);
    }

    private void walk() {
        int limit = Math.max(1, accounts / PAGES);
        int seen = 0;
        int pages = 0;
        Reencryption reencryption = Reencryption.of(store, keyRing());
        String cursor = null;
        do {
            Reencryption.Page page = reencryption.renew(cursor, limit);
            page.unreadable().forEach(id -> tally.violation(id + ": unreadable during the key rotation"));
            seen += page.seen();
            renewed += page.renewed();
            cursor = page.nextCursor();
            pages++;
            if (pages % PAGES_PER_REPORT == 0) {
                say("re-encryption: %,d of %,d records seen, %,d renewed", seen, accounts, renewed);
            }
            if (pages == PAGES / 2) {
                // Another process can go on, on another day: the cursor is all that it takes.
                say("re-encryption stopped, and resumed after \"%s\"", cursor);
                reencryption = Reencryption.of(store, keyRing());
            }
        } while (cursor != null);
        say("re-encryption: done, %,d records seen, %,d renewed", seen, renewed);
        if (seen != accounts) {
            tally.violation("the key rotation saw " + seen + " records of " + accounts);
        }
    }

    /** With the keys that are deployed, nothing is left to renew, each record opens, and no sleeper is locked. */
    void inspect() {
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(keyRing())
                .build();
        int left = 0;
        int seen = 0;
        String cursor = null;
        do {
            UserIdPage ids = store.userIds(cursor, accounts);
            left += Reencryption.of(store, keyRing()).renew(cursor, accounts).renewed();
            for (String id : ids.userIds()) {
                inspect(id, twoFactor);
                seen++;
            }
            cursor = ids.nextCursor();
        } while (cursor != null);
        if (left > 0 || seen != accounts) {
            tally.violation(left + " records were under another key, and " + seen + " of " + accounts + " are there");
        }
        say("inspected with keys %s: %,d records, %d under another key", keys, seen, left);
    }

    private void inspect(String id, TwoFactor twoFactor) {
        try {
            TwoFactorStatus status = twoFactor.status(UserId.of(id));
            if (status.state() != TwoFactorStatus.State.ENABLED) {
                tally.violation(id + ": is " + status.state());
            }
            if (id.startsWith("sleeper")
                    && (status.strangers().lock().isPresent()
                            || status.known().lock().isPresent())) {
                tally.violation(id + ": is locked, and nobody has guessed");
            }
        } catch (RuntimeException e) {
            tally.violation(id + ": " + e);
        }
    }

    private void say(String format, @Nullable Object... values) {
        out.println(String.format(Locale.ROOT, "%4.0f s  ", seconds()) + String.format(Locale.ROOT, format, values));
    }
}
