// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.Account.Decision;
import dev.sallyport.Sealer.Purpose;
import dev.sallyport.Sealer.SubjectKey;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All access to accounts goes through this class. {@link #change} finds the record, opens it, lets a rule decide and
 * replaces the record. If somebody else has changed the record meanwhile, it starts again. A result is returned only
 * after its record is committed.
 */
final class Accounts {
    /**
     * With the default policy, other calls can win at most 20 writes between two lockouts. With a higher
     * {@code failuresBeforeLockout} an attacker can win more. Then the call throws, and the owner tries again.
     */
    private static final int TRIES = 32;

    private static final long FIRST_PAUSE_NANOS = 1_000_000;
    private static final int PAUSE_DOUBLINGS = 5;
    private static final Duration CLOCK_JUMP = Duration.ofDays(400);

    /** The first version of a row is the time in milliseconds x 2^20, plus this many random bits. */
    private static final int VERSION_RANDOM_BITS = 20;

    private final Settings settings;
    private final TwoFactorStore store;
    private final Sealer sealer;
    private final Bytes realm;
    private final Events events;

    /** What an application has chosen. */
    record Settings(TwoFactorPolicy policy, InstantSource clock, SecureRandom random, VersionWitness witness) {}

    /** Decides how an account changes. It runs once per try. */
    @FunctionalInterface
    interface Rule<R> {
        Decision<R> decide(Account account, Call call);
    }

    /**
     * Who calls.
     *
     * @param endsMissing whether the call works although the version witness says that the record is missing
     * @param renewsKey whether the call writes a record under a previous key even where its rule changes nothing
     */
    private record Caller(@Nullable String operator, boolean endsMissing, boolean renewsKey) {
        static final Caller APPLICATION = new Caller(null, false, false);
        static final Caller KEY_RENEWAL = new Caller(null, false, true);

        static Caller operator(String name, boolean endsMissing) {
            return new Caller(name, endsMissing, false);
        }
    }

    Accounts(Settings settings, TwoFactorStore store, Sealer sealer, Bytes realm, Events events) {
        this.settings = settings;
        this.store = store;
        this.sealer = sealer;
        this.realm = realm;
        this.events = events;
    }

    /** Reads an account and writes nothing. The rule gets an empty account if there is no record. */
    <R> R read(UserId user, Rule<R> rule) {
        Call call = call(user, Caller.APPLICATION);
        // The witness is asked before the record is read. Otherwise another node could commit a version and raise the
        // witness in between, and the record would seem to be missing.
        long witnessed = witnessed(user);
        StoredRecord stored = find(user);
        requireNotMissing(stored, witnessed);
        Account account = open(stored, keyOf(user), call);
        try {
            Decision<R> decision = rule.decide(account, call);
            events.publish(decision.events());
            return decision.result();
        } finally {
            account.destroySecrets();
        }
    }

    /** Runs a rule that may change the account. */
    <R> R change(UserId user, Rule<R> rule) {
        return change(user, Caller.APPLICATION, rule);
    }

    <R> R changeAsOperator(String operator, UserId user, Rule<R> rule) {
        return change(user, Caller.operator(operator, false), rule);
    }

    /** For the acts of an operator that end the state of a missing record. */
    <R> void changeAboveWitness(String operator, UserId user, Rule<R> rule) {
        change(user, Caller.operator(operator, true), rule);
    }

    private <R> R change(UserId user, Caller caller, Rule<R> rule) {
        long witnessed = witnessed(user);
        SubjectKey key = keyOf(user);
        for (int tries = 0; tries < TRIES; tries++) {
            Call call = call(user, caller);
            StoredRecord stored = find(user);
            if (!caller.endsMissing()) {
                requireNotMissing(stored, witnessed);
            }
            Account account = open(stored, key, call);
            byte[] before = {};
            byte[] after = {};
            try {
                Decision<R> decision = rule.decide(account.noLaterThan(call.now()), call);
                Account next = decision.next().updated(call.now());
                // What would be written is compared, so that no part of an account is forgotten.
                before = AccountCodec.encode(account.updated(call.now()));
                after = AccountCodec.encode(next);
                boolean renewsKey = caller.renewsKey() && isUnderPreviousKey(stored);
                if (MessageDigest.isEqual(after, before) && !renewsKey) {
                    events.publish(decision.events());
                    return decision.result();
                }
                StoredRecord sealed = seal(after, nextVersion(stored, witnessed, call), user, key);
                if (commit(stored, sealed, next.summary(call))) {
                    events.publish(withFindings(decision, stored, account, call), sealed.version());
                    return decision.result();
                }
            } finally {
                account.destroySecrets();
                Arrays.fill(before, (byte) 0);
                Arrays.fill(after, (byte) 0);
            }
            pause(tries);
        }
        throw new StoreException("lost " + TRIES + " writes to others: the store seems to refuse them all");
    }

    /** Removes whatever is stored, readable or not. */
    void erase(UserId user) {
        ask(() -> {
            store.erase(user.value());
            return user;
        });
    }

    /** Encrypts a record under the current key. Returns whether that was needed. */
    boolean renewKey(UserId user) {
        return isUnderPreviousKey(find(user))
                && change(user, Caller.KEY_RENEWAL, (account, call) -> Decision.of(account, true));
    }

    private boolean isUnderPreviousKey(@Nullable StoredRecord stored) {
        return stored != null && !sealer.isUnderCurrentKey(stored.payload());
    }

    /** Opens a record and closes it again. */
    void requireReadable(UserId user) {
        open(find(user), keyOf(user), call(user, Caller.APPLICATION)).destroySecrets();
    }

    /** For events of calls that do not reach the store. */
    void publish(TwoFactorEvent event) {
        events.publish(List.of(event));
    }

    Call call(UserId user) {
        return call(user, Caller.APPLICATION);
    }

    Call call(UserId user, String operator) {
        return call(user, Caller.operator(operator, false));
    }

    private Call call(UserId user, Caller caller) {
        Objects.requireNonNull(user, "user");
        Instant now = settings.clock().instant().truncatedTo(ChronoUnit.MILLIS);
        return new Call(user, now, settings.policy(), realm, caller.operator());
    }

    private long witnessed(UserId user) {
        try {
            return settings.witness().versionOf(user);
        } catch (RuntimeException e) {
            throw new StoreException("the version witness failed", e);
        }
    }

    private static void requireNotMissing(@Nullable StoredRecord stored, long witnessed) {
        if (witnessed > (stored == null ? 0 : stored.version())) {
            String found = stored == null ? "none" : "version " + stored.version();
            throw new MissingRecordException("the application has seen version " + witnessed
                    + " of this user's record, and the store has " + found + ": a row was deleted or put back");
        }
    }

    private @Nullable StoredRecord find(UserId user) {
        try {
            StoredRecord stored = ask(() -> store.find(user.value())).orElse(null);
            if (stored != null && !stored.userId().equals(user.value())) {
                throw new StoreException("the store answered with another user's record");
            }
            return stored;
        } catch (SpoiledRecordException e) {
            throw new UnreadableRecordException("what the store has for this user is not a record", e);
        }
    }

    private SubjectKey keyOf(UserId user) {
        return sealer.keyOf(Purpose.RECORD, user.value().getBytes(UTF_8));
    }

    private Account open(@Nullable StoredRecord stored, SubjectKey key, Call call) {
        if (stored == null) {
            return Account.none(settings.random().nextLong(), call.now());
        }
        byte[] plaintext = key.open(sealer.place(call.user(), stored.version()), stored.payload());
        try {
            return AccountCodec.decode(plaintext);
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    private StoredRecord seal(byte[] plaintext, long version, UserId user, SubjectKey key) {
        return StoredRecord.of(user.value(), version, key.seal(sealer.place(user, version), plaintext));
    }

    /** A user's versions only rise, even after the row was erased. They are always above the witnessed version. */
    private long nextVersion(@Nullable StoredRecord stored, long witnessed, Call call) {
        if (stored != null) {
            return Math.max(stored.version(), witnessed) + 1;
        }
        long random = settings.random().nextLong() >>> (Long.SIZE - VERSION_RANDOM_BITS);
        return Math.max(witnessed + 1, (call.now().toEpochMilli() << VERSION_RANDOM_BITS) + random);
    }

    private boolean commit(@Nullable StoredRecord stored, StoredRecord next, RecordSummary summary) {
        return ask(() -> stored == null ? store.insert(next, summary) : store.replace(stored, next, summary));
    }

    /**
     * Adds the events for what a write has revealed besides its purpose. Each committed version has at least one event.
     */
    private <R> List<TwoFactorEvent> withFindings(
            Decision<R> decision, @Nullable StoredRecord stored, Account before, Call call) {
        List<TwoFactorEvent> all = new ArrayList<>(decision.events());
        if (isUnderPreviousKey(stored)) {
            all.add(call.event(Type.KEY_RENEWED).with(Detail.KEY_ID, sealer.currentKeyId()));
        }
        Duration sinceLastWrite = Duration.between(before.header().updatedAt(), call.now());
        if (sinceLastWrite.abs().compareTo(CLOCK_JUMP) > 0) {
            all.add(call.event(Type.CLOCK_JUMPED));
        }
        if (all.isEmpty()) {
            // Every rule that changes something has an event. So this write only corrects an instant.
            all.add(call.event(Type.CLOCK_CORRECTED));
        }
        return all;
    }

    static <T> T ask(Supplier<T> question) {
        try {
            return Objects.requireNonNull(question.get(), "the store's answer");
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new StoreException("the store failed with an exception of its own", e);
        }
    }

    /**
     * Waits a random part of 1 ms, then of 2, 4 and up to 32 ms, so that two calls that collided do not collide again.
     */
    private void pause(int tries) {
        long longest = FIRST_PAUSE_NANOS << Math.min(tries, PAUSE_DOUBLINGS);
        LockSupport.parkNanos(Math.floorMod(settings.random().nextLong(), longest));
    }
}
