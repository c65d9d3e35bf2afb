// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.Sealer.Purpose;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.storage.RecordSummary;
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
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one way to an account: open the record, let a rule decide, and put the outcome in its place if, and only if, nobody
 * else has changed it since; otherwise all over again. A result leaves after its record is committed, or not at all.
 */
final class Records {
    /** Between two lockouts at most 20 writes can be lost to others. A store that refuses more is not to be believed. */
    private static final int TRIES = 32;

    /** Of a first try: id and version of a new record, nonce, pause. */
    private static final int RANDOM_BYTES = 3 * Long.BYTES + Sealer.NONCE_BYTES;

    private static final long FIRST_PAUSE_NANOS = 1_000_000;
    private static final int PAUSE_DOUBLINGS = 5;
    private static final Duration CLOCK_JUMP = Duration.ofDays(400);

    private final Settings settings;
    private final TwoFactorStore store;
    private final Sealer sealer;
    private final Bytes realm;
    private final Events events;
    private final BackupCodeHasher hasher = new BackupCodeHasher();

    /** What an application has chosen. */
    record Settings(
            TwoFactorPolicy policy, InstantSource clock, SecureRandom random, Predicate<UserId> enabledWitness) {}

    Records(Settings settings, TwoFactorStore store, Sealer sealer, Bytes realm, Events events) {
        this.settings = settings;
        this.store = store;
        this.sealer = sealer;
        this.realm = realm;
        this.events = events;
    }

    /** A call that looks and does not touch. The rule gets an empty account where there is no record. */
    <R> R read(UserId user, BiFunction<Account, Call, R> rule) {
        Call call = call(user, 0);
        StoredRecord stored = find(user);
        Account account = stored == null ? Account.empty(0, call.now()) : open(user, stored);
        try {
            requireNotMissing(user, account);
            return rule.apply(account, call);
        } finally {
            account.destroySecrets();
        }
    }

    /** A call that may change the account. The rule runs once per try, on an empty account where there is no record. */
    <R> R change(UserId user, int randomBytes, BiFunction<Account, Call, Outcome<R>> rule) {
        return untilCommitted(user, randomBytes, (stored, call) -> {
            Account account = stored == null ? Account.empty(call.draw().takeLong(), call.now()) : open(user, stored);
            try {
                requireNotMissing(user, account);
                Outcome<R> outcome = rule.apply(account.noLaterThan(call.now()), call);
                boolean changes = !account.equals(outcome.next());
                if (changes && !commit(stored, outcome.next(), call)) {
                    return Optional.empty();
                }
                events.publish(outcome.events());
                events.publish(changes ? findings(stored, account, outcome.next(), call) : List.of());
                return Optional.of(outcome.result());
            } finally {
                account.destroySecrets();
            }
        });
    }

    /** Deletes without opening. */
    void erase(UserId user) {
        untilCommitted(user, 0, (stored, call) -> {
            boolean gone = stored == null || ask(() -> store.delete(stored));
            return gone ? Optional.of(gone) : Optional.empty();
        });
    }

    /** Puts a record under the current key and changes nothing else in it; says whether that was needed. */
    boolean renewKey(UserId user) {
        return untilCommitted(user, 0, (stored, call) -> {
            if (stored == null || sealer.isUnderCurrentKey(stored.payload())) {
                return Optional.of(false);
            }
            Account account = open(user, stored);
            StoredRecord renewed = seal(account, stored.version() + 1, call);
            account.destroySecrets();
            boolean replaced = ask(() -> store.replace(stored, renewed, account.summary(call)));
            return replaced ? Optional.of(true) : Optional.empty();
        });
    }

    /** Tries again, with what the store holds by then, for as long as a try loses its write to somebody else's. */
    private <R> R untilCommitted(
            UserId user, int randomBytes, BiFunction<@Nullable StoredRecord, Call, Optional<R>> attempt) {
        Call first = call(user, randomBytes + RANDOM_BYTES);
        for (int tries = 0; tries < TRIES; tries++) {
            Optional<R> result = attempt.apply(find(user), first.at(now()));
            if (result.isPresent()) {
                return result.get();
            }
            pause(tries, first.draw());
        }
        throw new StoreException("lost " + TRIES + " writes to others: the store seems to refuse them all");
    }

    Call call(UserId user, int randomBytes) {
        return new Call(
                Objects.requireNonNull(user, "user"),
                now(),
                settings.policy(),
                realm,
                hasher,
                new Draw(settings.random(), randomBytes));
    }

    private Instant now() {
        return settings.clock().instant().truncatedTo(ChronoUnit.MILLIS);
    }

    private @Nullable StoredRecord find(UserId user) {
        StoredRecord stored = ask(() -> store.find(user.value())).orElse(null);
        if (stored != null && !stored.userId().equals(user.value())) {
            throw new StoreException("the store answered with another user's record");
        }
        return stored;
    }

    private Account open(UserId user, StoredRecord stored) {
        byte[] plaintext = sealer.open(Purpose.RECORD, user, place(user, stored.version()), stored.payload());
        try {
            return AccountCodec.decode(plaintext);
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    private StoredRecord seal(Account account, long version, Call call) {
        byte[] plaintext = AccountCodec.encode(account);
        try {
            byte[] place = place(call.user(), version);
            byte[] nonce = call.draw().take(Sealer.NONCE_BYTES);
            byte[] payload = sealer.seal(Purpose.RECORD, call.user(), place, plaintext, nonce);
            return StoredRecord.of(call.user().value(), version, payload);
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    static byte[] place(UserId user, long version) {
        byte[] id = user.value().getBytes(UTF_8);
        return ByteBuffer.allocate(Long.BYTES + id.length)
                .putLong(version)
                .put(id)
                .array();
    }

    private boolean commit(@Nullable StoredRecord stored, @Nullable Account next, Call call) {
        if (next == null) {
            return stored == null || ask(() -> store.delete(stored));
        }
        Account updated = next.updated(call.now());
        RecordSummary summary = updated.summary(call);
        // 62 random bits: a version never comes back for a user, so no write meant for an old record ever fits.
        long version = stored == null ? (call.draw().takeLong() >>> 2) + 1 : stored.version() + 1;
        StoredRecord record = seal(updated, version, call);
        return ask(() -> stored == null ? store.insert(record, summary) : store.replace(stored, record, summary));
    }

    /** What a write has shown besides what it was for. */
    private List<TwoFactorEvent> findings(
            @Nullable StoredRecord stored, Account before, @Nullable Account next, Call call) {
        List<TwoFactorEvent> findings = new ArrayList<>();
        if (stored != null && next != null && !sealer.isUnderCurrentKey(stored.payload())) {
            findings.add(call.event(Type.KEY_RENEWED).with(Detail.KEY_ID, sealer.currentKeyId()));
        }
        Duration sinceLastWrite = Duration.between(before.header().updatedAt(), call.now());
        if (sinceLastWrite.abs().compareTo(CLOCK_JUMP) > 0) {
            findings.add(call.event(Type.CLOCK_JUMPED));
        }
        return findings;
    }

    private void requireNotMissing(UserId user, Account account) {
        if (!account.isEnabled() && settings.enabledWitness().test(user)) {
            throw new MissingRecordException(
                    "the application has two-factor authentication on for this user, and the store has no such record");
        }
    }

    static <T> T ask(Supplier<T> question) {
        try {
            return Objects.requireNonNull(question.get(), "the store's answer");
        } catch (StoreException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new StoreException("the store failed in a way of its own", e);
        }
    }

    /** A random part of 1 ms, then 2, 4, up to 32 ms, so that those who lost to each other do not meet again. */
    private static void pause(int tries, Draw draw) {
        long longest = FIRST_PAUSE_NANOS << Math.min(tries, PAUSE_DOUBLINGS);
        LockSupport.parkNanos(Math.floorMod(draw.takeLong(), longest));
    }
}
