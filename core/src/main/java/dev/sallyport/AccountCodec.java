// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes an account as bytes, field by field, and reads it back. Each {@code put} stands above the {@code get} that
 * reads the same fields. Numbers are big-endian. Instants are milliseconds since 1970. Texts are UTF-8. Each list and
 * each text is preceded by its length in one byte. A part that may be absent is preceded by a byte that says whether it
 * is there.
 *
 * <p>The bytes were authenticated before. They are checked all the same. No length in them causes an allocation that is
 * larger than the input.
 *
 * <p>Each list has a loop of its own. One method for all lists would need a lambda for each, and a fresh JVM spins a
 * class for every lambda.
 */
final class AccountCodec {
    /**
     * More than an authenticator or a browser ever needs. A pending enrollment needs less than two times as much, and
     * the rest of an account less than three times.
     */
    private static final int MOST_BYTES_PER_ITEM = 384;

    private static final byte FORMAT = 1;
    private static final byte TOTP = 1;
    private static final byte HOTP = 2;
    private static final byte TOTP_OWN_CLOCK = 3;
    private static final int ID_BYTES = 8;
    private static final int HASH_BYTES = 32;
    private static final long NO_INSTANT = Long.MIN_VALUE;

    private AccountCodec() {}

    /** The caller overwrites the bytes with zeros after use. */
    static byte[] encode(Account account) {
        int items = account.authenticators().size() + account.browsers().size() + (account.pending() == null ? 3 : 5);
        ByteBuffer out = ByteBuffer.allocate(items * MOST_BYTES_PER_ITEM);
        put(out.put(FORMAT), account);
        byte[] bytes = Arrays.copyOf(out.array(), out.position());
        Arrays.fill(out.array(), (byte) 0);
        return bytes;
    }

    static Account decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            if (in.get() != FORMAT) {
                throw new UnreadableRecordException("the record has a format that this release does not know", null);
            }
            Account account = getAccount(in);
            if (in.hasRemaining()) {
                throw new UnreadableRecordException("the record is longer than its content", null);
            }
            return account;
        } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
            // The cause is left out, because its message may quote a secret.
            throw new UnreadableRecordException("the record is not well-formed", null);
        }
    }

    private static void put(ByteBuffer out, Account account) {
        Account.Header header = account.header();
        put(out.putLong(header.recordId()).putLong(header.epoch()), header.enabledAt());
        put(out, header.updatedAt());
        putSize(out, account.authenticators());
        for (Authenticator one : account.authenticators()) {
            put(out, one);
        }
        put(out, account.backupCodes());
        putSize(out, account.browsers());
        for (KnownBrowser browser : account.browsers()) {
            put(out, browser);
        }
        put(out, account.limits());
        PendingSlot pending = account.pending();
        put(out, pending != null);
        if (pending != null) {
            put(out, pending);
        }
    }

    // Java evaluates arguments from left to right, so every "get" reads in the order in which it is written.
    private static Account getAccount(ByteBuffer in) {
        return new Account(
                new Account.Header(in.getLong(), in.getLong(), getInstant(in), getRequiredInstant(in)),
                getAuthenticators(in),
                getBackupCodes(in),
                getBrowsers(in),
                getLimits(in),
                getBoolean(in) ? getPending(in) : null);
    }

    private static void put(ByteBuffer out, Authenticator one) {
        putId(out, one.id().value());
        put(out, one.label());
        put(out, one.seed());
        put(out, one.added());
        put(out, one.lastUsed());
    }

    private static List<Authenticator> getAuthenticators(ByteBuffer in) {
        List<Authenticator> all = new ArrayList<>();
        for (int left = getSize(in); left > 0; left--) {
            all.add(getAuthenticator(in));
        }
        return all;
    }

    private static Authenticator getAuthenticator(ByteBuffer in) {
        AuthenticatorId id = new AuthenticatorId(getId(in));
        return new Authenticator(id, getText(in), getSeed(in), getRequiredInstant(in), getInstant(in));
    }

    private static void put(ByteBuffer out, AuthenticatorSeed seed) {
        TotpParameters totp = seed.totp();
        put(
                out.put(totp == null ? HOTP : seed.ownClock() ? TOTP_OWN_CLOCK : TOTP),
                seed.algorithm().name());
        out.put((byte) seed.digits()).putLong(seed.watermark());
        if (totp != null) {
            out.putLong(totp.period().toSeconds()).putLong(totp.t0().getEpochSecond());
            out.put((byte) seed.offset());
        }
        byte[] secret = seed.secret().toBytes();
        put(out, secret);
        Arrays.fill(secret, (byte) 0);
    }

    private static AuthenticatorSeed getSeed(ByteBuffer in) {
        byte type = in.get();
        HmacAlgorithm algorithm = HmacAlgorithm.valueOf(getText(in));
        int digits = in.get();
        long watermark = in.getLong();
        TotpParameters totp = null;
        int offset = 0;
        if (type == TOTP || type == TOTP_OWN_CLOCK) {
            Duration period = Duration.ofSeconds(in.getLong());
            totp = new TotpParameters(algorithm, digits, period, Instant.ofEpochSecond(in.getLong()));
            offset = in.get();
        } else if (type == HOTP) {
            // Refuses digits that no code has.
            Hotp.of(algorithm, digits);
        } else {
            throw new IllegalArgumentException("there is no type of authenticator " + type);
        }
        byte[] secret = getBytes(in);
        SharedSecret copy = SharedSecret.fromBytes(secret);
        Arrays.fill(secret, (byte) 0);
        return new AuthenticatorSeed(copy, algorithm, digits, totp, watermark, type == TOTP_OWN_CLOCK, offset);
    }

    private static void put(ByteBuffer out, BackupCodeSet set) {
        put(out, set.salt().toArray());
        putSize(out, set.slots());
        for (BackupCodeSet.Slot slot : set.slots()) {
            put(out, slot.spent());
            slot.hash().write(out);
        }
        BackupCodeSet.Temporary temporary = set.temporary();
        put(out, temporary != null);
        if (temporary != null) {
            put(out, temporary);
        }
    }

    private static BackupCodeSet getBackupCodes(ByteBuffer in) {
        return new BackupCodeSet(Bytes.copyOf(getBytes(in)), getSlots(in), getBoolean(in) ? getTemporary(in) : null);
    }

    private static List<BackupCodeSet.Slot> getSlots(ByteBuffer in) {
        List<BackupCodeSet.Slot> slots = new ArrayList<>();
        for (int left = getSize(in); left > 0; left--) {
            slots.add(new BackupCodeSet.Slot(getBoolean(in), getHash(in)));
        }
        return slots;
    }

    private static void put(ByteBuffer out, BackupCodeSet.Temporary code) {
        put(out, code.salt().toArray());
        code.hash().write(out);
        put(out, code.issued());
        out.putInt(code.lifetimeSeconds());
    }

    private static BackupCodeSet.Temporary getTemporary(ByteBuffer in) {
        Bytes salt = Bytes.copyOf(getBytes(in));
        return new BackupCodeSet.Temporary(salt, getHash(in), getRequiredInstant(in), in.getInt());
    }

    private static void put(ByteBuffer out, KnownBrowser browser) {
        putId(out, browser.id().value());
        browser.tokenHash().write(out);
        put(out, browser.label());
        put(out, browser.lastUsed());
        put(out, browser.remembered());
        put(out, browser.row());
    }

    private static List<KnownBrowser> getBrowsers(ByteBuffer in) {
        List<KnownBrowser> browsers = new ArrayList<>();
        for (int left = getSize(in); left > 0; left--) {
            browsers.add(getBrowser(in));
        }
        return browsers;
    }

    private static KnownBrowser getBrowser(ByteBuffer in) {
        return new KnownBrowser(
                new BrowserId(getId(in)), getHash(in), getText(in), getRequiredInstant(in), getInstant(in), getRow(in));
    }

    private static void put(ByteBuffer out, FailureRow row) {
        put(out.putInt(row.failures()), row.last());
    }

    private static FailureRow getRow(ByteBuffer in) {
        return new FailureRow(in.getInt(), getInstant(in));
    }

    private static void put(ByteBuffer out, FailureBudget budget) {
        putSize(out, budget.days());
        for (FailureBudget.Day day : budget.days()) {
            out.putInt(day.day()).putInt(day.failures());
        }
    }

    private static FailureBudget getBudget(ByteBuffer in) {
        List<FailureBudget.Day> days = new ArrayList<>();
        for (int left = getSize(in); left > 0; left--) {
            days.add(new FailureBudget.Day(in.getInt(), in.getInt()));
        }
        return new FailureBudget(days);
    }

    private static void put(ByteBuffer out, Limits limits) {
        put(out, limits.strangers());
        put(out, limits.strangersBudget());
        put(out.putInt(limits.knownFailures()), limits.knownBudget());
        put(out, limits.stepUp());
    }

    private static Limits getLimits(ByteBuffer in) {
        return new Limits(getRow(in), getBudget(in), in.getInt(), getBudget(in), getRow(in));
    }

    private static void put(ByteBuffer out, PendingSlot slot) {
        putId(out, slot.id());
        put(out, slot.candidate());
        put(out, slot.accountName());
        put(out, slot.begun());
        put(out.putInt(slot.failures()), slot.restsOn().value());
    }

    private static PendingSlot getPending(ByteBuffer in) {
        return new PendingSlot(
                getId(in),
                getAuthenticator(in),
                getText(in),
                getRequiredInstant(in),
                in.getInt(),
                TrustStamp.of(getText(in)));
    }

    private static void putSize(ByteBuffer out, List<?> list) {
        out.put((byte) list.size());
    }

    private static int getSize(ByteBuffer in) {
        return Byte.toUnsignedInt(in.get());
    }

    private static void put(ByteBuffer out, boolean bit) {
        out.put((byte) (bit ? 1 : 0));
    }

    private static boolean getBoolean(ByteBuffer in) {
        return in.get() != 0;
    }

    private static void put(ByteBuffer out, byte[] bytes) {
        out.put((byte) bytes.length).put(bytes);
    }

    private static byte[] getBytes(ByteBuffer in) {
        return getBytes(in, Byte.toUnsignedInt(in.get()));
    }

    private static byte[] getBytes(ByteBuffer in, int length) {
        byte[] bytes = new byte[Math.min(length, in.remaining() + 1)];
        in.get(bytes);
        return bytes;
    }

    private static Bytes getHash(ByteBuffer in) {
        return Bytes.read(in, HASH_BYTES);
    }

    private static void put(ByteBuffer out, String text) {
        put(out, text.getBytes(UTF_8));
    }

    private static String getText(ByteBuffer in) {
        return new String(getBytes(in), UTF_8);
    }

    private static void putId(ByteBuffer out, String id) {
        out.put(HexFormat.of().parseHex(id));
    }

    private static String getId(ByteBuffer in) {
        return HexFormat.of().formatHex(getBytes(in, ID_BYTES));
    }

    private static void put(ByteBuffer out, @Nullable Instant instant) {
        out.putLong(instant == null ? NO_INSTANT : instant.toEpochMilli());
    }

    private static @Nullable Instant getInstant(ByteBuffer in) {
        long milliseconds = in.getLong();
        return milliseconds == NO_INSTANT ? null : Instant.ofEpochMilli(milliseconds);
    }

    private static Instant getRequiredInstant(ByteBuffer in) {
        return Instant.ofEpochMilli(in.getLong());
    }
}
