// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.otp.HmacAlgorithm;
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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An account as bytes, field by field, in the order of the methods below. Numbers are big-endian, instants milliseconds
 * since 1970, texts UTF-8 behind their length. What is read was authenticated before; it is checked all the same, and no
 * length in it allocates more than the input holds.
 */
final class AccountCodec {
    /** The largest account that a policy allows takes 7 KB. */
    private static final int MAX_BYTES = 8192;

    private static final byte FORMAT = 1;
    private static final byte TOTP = 1;
    private static final byte HOTP = 2;
    private static final int HASH_BYTES = 32;
    private static final long NO_INSTANT = Long.MIN_VALUE;

    private AccountCodec() {}

    /** The caller zeroes the bytes after use. */
    static byte[] encode(Account account) {
        byte[] room = new byte[MAX_BYTES];
        Writer out = new Writer(ByteBuffer.wrap(room));
        out.out.put(FORMAT).putLong(account.recordId()).putLong(account.trustEpoch());
        out.instant(account.enabledAt());
        out.instant(account.updatedAt());
        out.list(account.authenticators(), out::authenticator);
        out.backupCodes(account.backupCodes());
        out.list(account.browsers(), out::browser);
        out.limits(account.limits());
        out.list(account.pending() == null ? List.of() : List.of(account.pending()), out::pending);
        byte[] bytes = Arrays.copyOf(room, out.out.position());
        Arrays.fill(room, (byte) 0);
        return bytes;
    }

    static Account decode(byte[] bytes) {
        Reader in = new Reader(ByteBuffer.wrap(bytes));
        try {
            if (in.in.get() != FORMAT) {
                throw new UnreadableRecordException("the record has a format that this release does not know");
            }
            Account account = new Account(
                    in.in.getLong(),
                    in.in.getLong(),
                    in.instant(),
                    in.requiredInstant(),
                    in.list(in::authenticator),
                    in.backupCodes(),
                    in.list(in::browser),
                    in.limits(),
                    in.list(in::pending).stream().findFirst().orElse(null));
            if (in.in.hasRemaining()) {
                throw new UnreadableRecordException("the record is longer than its content");
            }
            return account;
        } catch (BufferUnderflowException | IllegalArgumentException | DateTimeException e) {
            // Without the cause: its message might quote the content.
            throw new UnreadableRecordException("the record is not well-formed");
        }
    }

    private record Writer(ByteBuffer out) {
        private <T> void list(List<T> items, Consumer<T> each) {
            out.put((byte) items.size());
            items.forEach(each);
        }

        private void bytes(byte[] bytes) {
            out.put((byte) bytes.length).put(bytes);
        }

        private void text(String text) {
            bytes(text.getBytes(UTF_8));
        }

        private void instant(@Nullable Instant instant) {
            out.putLong(instant == null ? NO_INSTANT : instant.toEpochMilli());
        }

        private void id(String id) {
            out.put(HexFormat.of().parseHex(id));
        }

        private void authenticator(Authenticator one) {
            id(one.id().value());
            text(one.label());
            seed(one.seed());
            instant(one.added());
            instant(one.lastUsed());
        }

        private void seed(AuthenticatorSeed seed) {
            TotpParameters totp = seed.totp();
            out.put(totp != null ? TOTP : HOTP)
                    .put(
                            switch (seed.algorithm()) {
                                case SHA1 -> (byte) 1;
                                case SHA256 -> (byte) 2;
                                case SHA512 -> (byte) 3;
                            })
                    .put((byte) seed.digits());
            if (totp != null) {
                out.putLong(totp.period().toSeconds()).putLong(totp.t0().getEpochSecond());
            }
            out.putLong(seed.watermark());
            byte[] secret = seed.secret().toBytes();
            bytes(secret);
            Arrays.fill(secret, (byte) 0);
        }

        private void backupCodes(BackupCodeSet set) {
            bytes(set.salt().toArray());
            out.putInt(set.iterations());
            list(
                    set.slots(),
                    slot -> out.put((byte) (slot.spent() ? 1 : 0))
                            .put(slot.hash().toArray()));
        }

        private void browser(RememberedBrowser browser) {
            id(browser.id().value());
            out.put(browser.tokenHash().toArray());
            text(browser.label());
            instant(browser.remembered());
        }

        private void limits(Limits limits) {
            out.putInt(limits.codeFailures());
            instant(limits.lastCodeFailure());
            list(limits.budget().days(), day -> out.putLong(day.day()).putInt(day.failures()));
            instant(limits.budgetEmptied());
            out.putInt(limits.backupFailures());
            instant(limits.lastBackupFailure());
        }

        private void pending(PendingSlot slot) {
            authenticator(slot.candidate());
            text(slot.accountName());
            instant(slot.begun());
            out.put((byte) slot.failures()).putLong(slot.trustEpoch());
        }
    }

    /** Reads in the order in which {@link Writer} writes; Java evaluates arguments from left to right. */
    private record Reader(ByteBuffer in) {
        private <T> List<T> list(Supplier<T> each) {
            int size = Byte.toUnsignedInt(in.get());
            List<T> items = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                items.add(each.get());
            }
            return items;
        }

        private byte[] bytes(int length) {
            if (length > in.remaining()) {
                throw new BufferUnderflowException();
            }
            byte[] bytes = new byte[length];
            in.get(bytes);
            return bytes;
        }

        private byte[] bytes() {
            return bytes(Byte.toUnsignedInt(in.get()));
        }

        private String text() {
            return new String(bytes(), UTF_8);
        }

        private @Nullable Instant instant() {
            long milliseconds = in.getLong();
            return milliseconds == NO_INSTANT ? null : Instant.ofEpochMilli(milliseconds);
        }

        private Instant requiredInstant() {
            return Instant.ofEpochMilli(in.getLong());
        }

        private String id() {
            return HexFormat.of().formatHex(bytes(Long.BYTES));
        }

        private Authenticator authenticator() {
            return new Authenticator(new AuthenticatorId(id()), text(), seed(), requiredInstant(), instant());
        }

        private AuthenticatorSeed seed() {
            byte type = in.get();
            if (type != TOTP && type != HOTP) {
                throw new IllegalArgumentException("type of authenticator");
            }
            HmacAlgorithm algorithm = switch (in.get()) {
                case 1 -> HmacAlgorithm.SHA1;
                case 2 -> HmacAlgorithm.SHA256;
                case 3 -> HmacAlgorithm.SHA512;
                default -> throw new IllegalArgumentException("algorithm");
            };
            int digits = in.get();
            TotpParameters totp = type == HOTP
                    ? null
                    : new TotpParameters(
                            algorithm, digits, Duration.ofSeconds(in.getLong()), Instant.ofEpochSecond(in.getLong()));
            long watermark = in.getLong();
            byte[] secret = bytes();
            try {
                return new AuthenticatorSeed(SharedSecret.fromBytes(secret), algorithm, digits, totp, watermark);
            } finally {
                Arrays.fill(secret, (byte) 0);
            }
        }

        private BackupCodeSet backupCodes() {
            return new BackupCodeSet(
                    Bytes.copyOf(bytes()), in.getInt(), list(() -> new BackupCodeSet.Slot(in.get() != 0, hash())));
        }

        private Bytes hash() {
            return Bytes.copyOf(bytes(HASH_BYTES));
        }

        private RememberedBrowser browser() {
            return new RememberedBrowser(new BrowserId(id()), hash(), text(), requiredInstant());
        }

        private Limits limits() {
            return new Limits(
                    in.getInt(),
                    instant(),
                    new FailureBudget(list(() -> new FailureBudget.Day(in.getLong(), in.getInt()))),
                    instant(),
                    in.getInt(),
                    instant());
        }

        private PendingSlot pending() {
            return new PendingSlot(
                    authenticator(), text(), requiredInstant(), Byte.toUnsignedInt(in.get()), in.getLong());
        }
    }
}
