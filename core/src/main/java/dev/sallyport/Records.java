// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one way to an account: open the record, let a rule decide, and put the outcome in its place if, and only if, nobody
 * else has changed it since; otherwise all over again. A result leaves after its record is committed, or not at all.
 */
final class Records {
    /** Between two lockouts at most 20 writes can be lost to others: a store that lets more be lost does not tell the truth. */
    private static final int TRIES = 32;

    /** Nonce, version and the pause of a first try. */
    private static final int RANDOM_BYTES_OF_A_TRY = Sealer.NONCE_BYTES + 2 * Long.BYTES;

    private static final long FIRST_PAUSE_NANOS = 1_000_000;
    private static final int LONGEST_PAUSE_DOUBLINGS = 5;
    private static final Duration CLOCK_JUMP = Duration.ofDays(400);

    private final TwoFactorStore store;
    private final Sealer sealer;
    private final Bytes realm;
    private final TwoFactorPolicy policy;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Events events;
    private final Predicate<UserId> enabledWitness;
    private final BackupCodeHasher hasher = new BackupCodeHasher();

    Records(
            TwoFactorStore store,
            Sealer sealer,
            Bytes realm,
            TwoFactorPolicy policy,
            InstantSource clock,
            SecureRandom random,
            Events events,
            Predicate<UserId> enabledWitness) {
        this.store = store;
        this.sealer = sealer;
        this.realm = realm;
        this.policy = policy;
        this.clock = clock;
        this.random = random;
        this.events = events;
        this.enabledWitness = enabledWitness;
    }

    /** Decides what becomes of a user's account; null stands for none. */
    @FunctionalInterface
    interface Rule<R> {
        Outcome<R> apply(@Nullable Account account, Call call);
    }

    /** A call that looks and does not touch. */
    <R> R read(UserId user, Rule<R> rule) {
        StoredRecord stored = find(user);
        Account account = open(user, stored);
        try {
            Call call = call(user, 0);
            requireNotMissing(user, account);
            Outcome<R> outcome = rule.apply(account == null ? null : account.noLaterThan(call.now()), call);
            events.publish(outcome.events());
            return outcome.result();
        } finally {
            destroySecrets(account);
        }
    }

    /** A call that may change the account; the rule runs once per try. */
    <R> R change(UserId user, int randomBytes, Rule<R> rule) {
        Call first = call(user, randomBytes + RANDOM_BYTES_OF_A_TRY);
        for (int tries = 0; tries < TRIES; tries++) {
            StoredRecord stored = find(user);
            Account opened = open(user, stored);
            try {
                requireNotMissing(user, opened);
                Call call = first.at(now());
                Outcome<R> outcome = rule.apply(opened == null ? null : opened.noLaterThan(call.now()), call);
                if (commit(stored, opened, outcome.next(), call)) {
                    events.publish(withFindings(outcome.events(), stored, opened, outcome.next(), call));
                    return outcome.result();
                }
            } finally {
                destroySecrets(opened);
            }
            pause(tries, first.draw());
        }
        throw new StoreException("lost " + TRIES + " writes to others: the store seems to refuse them all");
    }

    /** Deletes without opening; says whether there was anything. */
    boolean erase(UserId user) {
        for (int tries = 0; tries < TRIES; tries++) {
            StoredRecord stored = find(user);
            if (stored == null) {
                return false;
            }
            if (ask(() -> store.delete(stored))) {
                return true;
            }
        }
        throw new StoreException("lost " + TRIES + " writes to others: the store seems to refuse them all");
    }

    Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    Call call(UserId user, int randomBytes) {
        return new Call(user, now(), policy, realm, hasher, new Draw(random, randomBytes));
    }

    private @Nullable StoredRecord find(UserId user) {
        StoredRecord stored = ask(() -> store.find(user.value())).orElse(null);
        if (stored != null && !stored.userId().equals(user.value())) {
            throw new StoreException("the store answered with another user's record");
        }
        return stored;
    }

    private @Nullable Account open(UserId user, @Nullable StoredRecord stored) {
        if (stored == null) {
            return null;
        }
        byte[] plaintext =
                sealer.open(Sealer.Purpose.RECORD, user.value(), place(user, stored.version()), stored.payload());
        try {
            return AccountCodec.decode(plaintext);
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    private StoredRecord seal(Account account, long version, Call call) {
        byte[] plaintext = AccountCodec.encode(account);
        try {
            return StoredRecord.of(
                    call.user().value(),
                    version,
                    sealer.seal(
                            Sealer.Purpose.RECORD,
                            call.user().value(),
                            place(call.user(), version),
                            plaintext,
                            call.draw().take(Sealer.NONCE_BYTES)));
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    private static byte[] place(UserId user, long version) {
        byte[] id = user.value().getBytes(UTF_8);
        return ByteBuffer.allocate(Long.BYTES + id.length)
                .putLong(version)
                .put(id)
                .array();
    }

    private boolean commit(@Nullable StoredRecord stored, @Nullable Account opened, @Nullable Account next, Call call) {
        if (Objects.equals(next, opened)) {
            return true;
        }
        if (next == null) {
            return stored == null || ask(() -> store.delete(stored));
        }
        Account updated = next.updated(call.now());
        var summary = updated.summary(policy, call.now());
        if (stored == null) {
            // A version never comes back for a user, deleted or not, so no stale write ever fits.
            StoredRecord record = seal(updated, (call.draw().takeLong() >>> 2) + 1, call);
            return ask(() -> store.insert(record, summary));
        }
        StoredRecord record = seal(updated, stored.version() + 1, call);
        return ask(() -> store.replace(stored, record, summary));
    }

    private List<TwoFactorEvent> withFindings(
            List<TwoFactorEvent> decided,
            @Nullable StoredRecord stored,
            @Nullable Account opened,
            @Nullable Account next,
            Call call) {
        if (stored == null || opened == null || next == null || next.equals(opened)) {
            return decided;
        }
        List<TwoFactorEvent> all = new ArrayList<>(decided);
        if (!sealer.isCurrent(stored.payload())) {
            all.add(call.event(Type.KEY_RENEWED, Map.of(Detail.KEY_ID, sealer.currentKeyId())));
        }
        if (Duration.between(opened.updatedAt(), call.now()).abs().compareTo(CLOCK_JUMP) > 0) {
            all.add(call.event(Type.CLOCK_JUMPED));
        }
        return all;
    }

    private void requireNotMissing(UserId user, @Nullable Account account) {
        if ((account == null || !account.isEnabled()) && enabledWitness.test(user)) {
            throw new MissingRecordException(
                    "the application has two-factor authentication on for this user, and the store has no such record");
        }
    }

    private static <T> T ask(Supplier<T> question) {
        try {
            return Objects.requireNonNull(question.get(), "the store's answer");
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new StoreException("the store failed in a way of its own", e);
        }
    }

    private static void destroySecrets(@Nullable Account account) {
        if (account != null) {
            account.authenticators().forEach(one -> one.seed().secret().destroy());
            if (account.pending() != null) {
                account.pending().candidate().seed().secret().destroy();
            }
        }
    }

    /** A random part of 1 ms, then 2, 4, up to 32 ms, so that those who lost to each other do not meet again. */
    private static void pause(int tries, Draw draw) {
        long longest = FIRST_PAUSE_NANOS << Math.min(tries, LONGEST_PAUSE_DOUBLINGS);
        LockSupport.parkNanos(Math.floorMod(draw.takeLong(), longest));
    }
}
