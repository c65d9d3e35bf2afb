// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Label;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** The inside of a record, which only somebody with the key can write. It is read with care all the same. */
class AccountCodecTest {
    /** What the largest account may take up, many times over. */
    static final long MANY_BYTES = 1 << 20;

    @Property(tries = 100)
    @Label("What is written is what is read")
    void encode_andDecode_isTheSame(@ForAll("accounts") Account account) {
        Account decoded = AccountCodec.decode(AccountCodec.encode(account));

        assertThat(AccountCodec.encode(decoded)).isEqualTo(AccountCodec.encode(account));
        assertThat(parts(decoded)).isEqualTo(parts(account));
    }

    /** Every part by itself, so that a failure names the part that differs. */
    private static List<@Nullable Object> parts(Account account) {
        PendingSlot slot = account.pending();
        return Arrays.asList(
                account.header(),
                account.authenticators().stream().map(AccountCodecTest::parts).toList(),
                account.backupCodes(),
                account.browsers(),
                account.limits(),
                slot == null
                        ? null
                        : List.of(
                                slot.id(),
                                parts(slot.candidate()),
                                slot.accountName(),
                                slot.begun(),
                                slot.failures(),
                                slot.restsOn()));
    }

    private static List<@Nullable Object> parts(Authenticator one) {
        AuthenticatorSeed seed = one.seed();
        return Arrays.asList(
                one.id(),
                one.label(),
                seed.secret(),
                seed.algorithm(),
                seed.digits(),
                seed.totp(),
                seed.watermark(),
                seed.ownClock(),
                seed.offset(),
                one.added(),
                one.lastUsed());
    }

    @Property
    @Label("Any bytes at all are an account or unreadable")
    void decode_anyBytes_isAnAccountOrUnreadable(@ForAll byte[] bytes) {
        assertAccountOrUnreadable(bytes);
    }

    @Property
    @Label("Any bytes at all behind the format are an account or unreadable")
    void decode_anyBytesBehindTheFormat_isAnAccountOrUnreadable(@ForAll("upTo8Kb") byte[] bytes) {
        bytes[0] = 1;

        assertAccountOrUnreadable(bytes);
    }

    @Property(tries = 50)
    @Label("An account with some bytes changed is an account or unreadable")
    void decode_aChangedAccount_isAnAccountOrUnreadable(@ForAll("accounts") Account account, @ForAll Random random) {
        byte[] encoded = AccountCodec.encode(account);
        for (int i = 0; i < 100; i++) {
            byte[] changed = encoded.clone();
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                byte[] values = {0, 1, 2, 127, -128, -1, (byte) random.nextInt()};
                changed[random.nextInt(changed.length)] = values[random.nextInt(values.length)];
            }
            assertAccountOrUnreadable(changed);
        }
    }

    private static void assertAccountOrUnreadable(byte[] bytes) {
        long before = allocatedBytes();
        try {
            AccountCodec.decode(bytes);
        } catch (UnreadableRecordException e) {
            // Anything else fails the test.
        }
        assertThat(allocatedBytes() - before).isLessThan(MANY_BYTES);
    }

    /** By this thread, since it began. By reflection, because these tests are compiled as a part of a module without it. */
    static long allocatedBytes() {
        try {
            Object threads = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            Method bytes = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
            return (long) bytes.invoke(threads);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the test platform counts what a thread allocates", e);
        }
    }

    @Example
    void allocation_ofWhatDecodeMustNot_isSeen() {
        long before = allocatedBytes();
        byte[] huge = new byte[2 << 20];

        assertThat(allocatedBytes() - before)
                .isGreaterThanOrEqualTo(huge.length)
                .isGreaterThan(MANY_BYTES);
    }

    @Example
    void decode_cutOffAnywhere_isUnreadable() {
        byte[] bytes = AccountCodec.encode(FullAccount.at(Instant.EPOCH));

        IntStream.range(0, bytes.length)
                .forEach(length -> assertThatThrownBy(() -> AccountCodec.decode(Arrays.copyOf(bytes, length)))
                        .isInstanceOf(UnreadableRecordException.class));
    }

    @Example
    void decode_withAnotherByteAtTheEnd_isUnreadable() {
        byte[] bytes = AccountCodec.encode(FullAccount.at(Instant.EPOCH));

        assertThatThrownBy(() -> AccountCodec.decode(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(UnreadableRecordException.class);
    }

    @Example
    void decode_aTypeOfAuthenticatorToCome_isUnreadable() {
        SharedSecret secret = SharedSecret.fromBytes(new byte[20]);
        Authenticator token = new Authenticator(
                new AuthenticatorId("0123456789abcdef"),
                "x",
                hotp(secret, HmacAlgorithm.SHA1, 6, 0),
                Instant.EPOCH,
                null);
        byte[] bytes = AccountCodec.encode(new Account(
                new Account.Header(42, 7, null, Instant.EPOCH),
                List.of(token),
                BackupCodeSet.NONE,
                List.of(),
                Limits.NONE,
                null));
        // Behind format and header, and the number of authenticators, an id and the label.
        int type = 1 + 4 * Long.BYTES + 1 + Long.BYTES + 2;
        assertThat(bytes[type]).isEqualTo((byte) 2);
        bytes[type] = 4;

        assertThatThrownBy(() -> AccountCodec.decode(bytes)).isInstanceOf(UnreadableRecordException.class);
    }

    @Example
    void decode_aTokenWithDigitsThatNoCodeHas_isUnreadable() {
        for (int digits : new int[] {-1, 0, 5, 9, 127}) {
            Authenticator token = new Authenticator(
                    new AuthenticatorId("0123456789abcdef"),
                    "x",
                    hotp(SharedSecret.fromBytes(new byte[20]), HmacAlgorithm.SHA1, digits, 0),
                    Instant.EPOCH,
                    null);
            Account account = new Account(
                    new Account.Header(42, 7, null, Instant.EPOCH),
                    List.of(token),
                    BackupCodeSet.NONE,
                    List.of(),
                    Limits.NONE,
                    null);

            assertThatThrownBy(() -> AccountCodec.decode(AccountCodec.encode(account)))
                    .isInstanceOf(UnreadableRecordException.class);
        }
    }

    @Example
    void decode_aLengthOfMoreThanThereIs_allocatesNoMoreThanThereIs() {
        // A header, and 255 authenticators of which none is there.
        byte[] bytes = new byte[1 + 4 * Long.BYTES + 1];
        bytes[0] = 1;
        bytes[bytes.length - 1] = (byte) 255;
        assertUnreadable(bytes);
        long before = allocatedBytes();

        assertUnreadable(bytes);

        // Less than 255 of anything would take up. The exception and its stack are the most of it.
        assertThat(allocatedBytes() - before).isLessThan(32 * 1024);
    }

    private static void assertUnreadable(byte[] bytes) {
        try {
            AccountCodec.decode(bytes);
        } catch (UnreadableRecordException e) {
            return;
        }
        throw new AssertionError("this is no account");
    }

    @Example
    void decode_aFormatToCome_isUnreadableAndSaysSo() {
        byte[] bytes = AccountCodec.encode(FullAccount.at(Instant.EPOCH));
        bytes[0] = 2;

        assertThatThrownBy(() -> AccountCodec.decode(bytes))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessageContaining("format");
    }

    @Provide
    Arbitrary<byte[]> upTo8Kb() {
        return Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(8192);
    }

    @Provide
    Arbitrary<Account> accounts() {
        Arbitrary<Account.Header> headers = Combinators.combine(
                        Arbitraries.longs(), Arbitraries.longs(), instants().injectNull(0.2), instants())
                .as(Account.Header::new);
        return Combinators.combine(
                        headers,
                        authenticators().list().ofMaxSize(5),
                        backupCodeSets(),
                        browsers().list().ofMaxSize(20),
                        limits(),
                        pendingSlots().injectNull(0.5))
                .as(Account::new);
    }

    private static Arbitrary<Instant> instants() {
        return Arbitraries.longs()
                .between(-4_102_444_800_000L, 253_402_300_799_999L)
                .map(Instant::ofEpochMilli);
    }

    private static Arbitrary<String> ids() {
        return Arbitraries.longs().map(HexFormat.of()::toHexDigits);
    }

    private static Arbitrary<String> labels() {
        return Arbitraries.oneOf(
                Arbitraries.strings()
                        .alpha()
                        .numeric()
                        .withChars(" .@-")
                        .ofMinLength(1)
                        .ofMaxLength(128),
                Arbitraries.strings()
                        .withChars("äß\u0130\u0661\u4e2d")
                        .ofMinLength(1)
                        .ofMaxLength(42),
                Arbitraries.of("\ud83d\udd11".repeat(32)));
    }

    private static Arbitrary<Bytes> bytes(int length) {
        return Arbitraries.bytes().array(byte[].class).ofSize(length).map(Bytes::copyOf);
    }

    private static Arbitrary<Authenticator> authenticators() {
        return Combinators.combine(
                        ids().map(AuthenticatorId::new),
                        labels(),
                        Arbitraries.oneOf(totps(), hotps()),
                        instants(),
                        instants().injectNull(0.3))
                .as(Authenticator::new);
    }

    private static Arbitrary<SharedSecret> secrets() {
        return Arbitraries.bytes()
                .array(byte[].class)
                .ofMinSize(16)
                .ofMaxSize(FullAccount.LONGEST_SECRET)
                .map(SharedSecret::fromBytes);
    }

    private static Arbitrary<AuthenticatorSeed> totps() {
        return Combinators.combine(
                        secrets(),
                        Arbitraries.of(HmacAlgorithm.class),
                        Arbitraries.integers().between(6, 8),
                        Arbitraries.integers().between(15, 300),
                        Arbitraries.longs().between(-1_000_000, 1_000_000_000_000L),
                        Arbitraries.oneOf(
                                Arbitraries.just(Totp.NO_STEP),
                                Arbitraries.longs().between(-100, 100_000_000)),
                        Arbitraries.of(true, false),
                        Arbitraries.integers().between(-AuthenticatorSeed.MAX_OFFSET, AuthenticatorSeed.MAX_OFFSET))
                .as((secret, algorithm, digits, period, t0, watermark, ownClock, offset) -> new AuthenticatorSeed(
                        secret,
                        algorithm,
                        digits,
                        new TotpParameters(algorithm, digits, Duration.ofSeconds(period), Instant.ofEpochSecond(t0)),
                        watermark,
                        ownClock,
                        offset));
    }

    private static Arbitrary<AuthenticatorSeed> hotps() {
        return Combinators.combine(
                        secrets(),
                        Arbitraries.of(HmacAlgorithm.class),
                        Arbitraries.integers().between(6, 8),
                        Arbitraries.longs().between(0, 1L << 62))
                .as(AccountCodecTest::hotp);
    }

    private static AuthenticatorSeed hotp(SharedSecret secret, HmacAlgorithm algorithm, int digits, long counter) {
        return new AuthenticatorSeed(secret, algorithm, digits, null, counter - 1, false, 0);
    }

    private static Arbitrary<BackupCodeSet> backupCodeSets() {
        Arbitrary<BackupCodeSet.Slot> slots =
                Combinators.combine(Arbitraries.of(true, false), bytes(32)).as(BackupCodeSet.Slot::new);
        Arbitrary<BackupCodeSet.Temporary> temporary = Combinators.combine(
                        bytes(16), bytes(32), instants(), Arbitraries.integers().between(60, 86_400))
                .as(BackupCodeSet.Temporary::new);
        return Arbitraries.oneOf(
                Arbitraries.just(BackupCodeSet.NONE),
                Combinators.combine(bytes(16), slots.list().ofMinSize(1).ofMaxSize(20), temporary.injectNull(0.5))
                        .as(BackupCodeSet::new));
    }

    private static Arbitrary<KnownBrowser> browsers() {
        return Combinators.combine(
                        ids().map(BrowserId::new),
                        bytes(32),
                        labels().filter(label -> label.getBytes(UTF_8).length <= 64),
                        instants(),
                        instants().injectNull(0.5),
                        rows())
                .as(KnownBrowser::new);
    }

    private static Arbitrary<FailureRow> rows() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 100), instants().injectNull(0.3))
                .as(FailureRow::new);
    }

    private static Arbitrary<Limits> limits() {
        Arbitrary<FailureBudget> budgets = Combinators.combine(
                        Arbitraries.integers().between(0, 100_000),
                        Arbitraries.integers().between(1, 1_000_000))
                .as(FailureBudget.Day::new)
                .list()
                .ofMaxSize(FailureBudget.MAX_DAYS)
                .map(FailureBudget::new);
        return Combinators.combine(rows(), budgets, Arbitraries.integers().greaterOrEqual(0), budgets, rows())
                .as(Limits::new);
    }

    private static Arbitrary<PendingSlot> pendingSlots() {
        Arbitrary<TrustStamp> stamps = Combinators.combine(
                        Arbitraries.longs(), ids().map(BrowserId::new).injectNull(0.5))
                .as(TrustStamp::new);
        return Combinators.combine(
                        ids(),
                        authenticators(),
                        labels(),
                        instants(),
                        Arbitraries.integers().between(0, 100),
                        stamps)
                .as(PendingSlot::new);
    }
}
