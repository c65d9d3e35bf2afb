// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.START;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.FuzzedText;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.Window;
import dev.sallyport.storage.StoredRecord;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What people type, before an account that is made anew for each input: malformed codes do not get as far as the store,
 * wrong ones are counted once, and no others are accepted than the right ones.
 */
class TypedCodeFuzzTest {
    private static final Set<String> BACKUP_CODES = Set.of("0123456789ABCDEF", "GHJKMNPQRSTVWXYZ");
    private static final Phone PHONE = Phone.ofSecret(Phone.RFC_SECRET);

    private final World world = new World(Stage.POLICY);

    static Stream<byte[]> codes() {
        return Stream.concat(rightNow().stream(), BACKUP_CODES.stream().map(Crockford::inGroups))
                .map(code -> code.getBytes(US_ASCII));
    }

    static Stream<byte[]> pairsOfCodes() {
        return LongStream.of(0, 1, 30)
                .mapToObj(counter -> PHONE.code(counter) + "\n" + PHONE.code(counter + 1))
                .map(codes -> codes.getBytes(US_ASCII));
    }

    private static Set<String> rightNow() {
        Window window = Stage.POLICY.window();
        long step = PHONE.step(START);
        return LongStream.rangeClosed(step - window.past(), step + window.future())
                .mapToObj(PHONE::code)
                .collect(Collectors.toSet());
    }

    @MethodSource("codes")
    @FuzzTest
    void verify_anyText_isAcceptedOnlyIfRight(byte[] input) {
        world.rows.clear();
        world.importApp();
        giveBackupCodes();
        String typed = FuzzedText.of(input);
        String code = canonical(typed);
        String before = begin();

        VerificationResult result = world.verify(typed);

        if (isOneTimeCode(code)) {
            assertCounted(result, rightNow().contains(code), 1, 0);
        } else if (isBackupCode(code)) {
            assertCounted(result, BACKUP_CODES.contains(asCrockfordReadsIt(code)), 0, 1);
        } else {
            assertMalformed(result, before);
        }
    }

    @MethodSource("codes")
    @FuzzTest
    void confirmEnrollment_anyText_isAcceptedOnlyIfRight(byte[] input) {
        world.rows.clear();
        AuthenticatorSeed seed =
                AuthenticatorSeed.of(KeyUri.parse("otpauth://totp/Acme:alice?issuer=Acme&secret=" + Phone.RFC_SECRET));
        world.twoFactor.beginEnrollment(ALICE, EnrollmentRequest.of("alice").seed(seed));
        String typed = FuzzedText.of(input);
        String code = canonical(typed);
        String before = begin();

        EnrollmentResult result = world.twoFactor.confirmEnrollment(ALICE, typed);

        if (!isOneTimeCode(code)) {
            assertMalformed(result, before);
        } else if (rightNow().contains(code)) {
            assertThat(result).isInstanceOf(Enrolled.class);
        } else {
            assertThat(result).isEqualTo(new EnrollmentResult.Rejected());
            assertThat(world.store.writes()).isEqualTo(1);
            assertThat(Objects.requireNonNull(account().pending()).failures()).isEqualTo(1);
        }
    }

    /** The first code is the first line, the second code is the rest. */
    @MethodSource("pairsOfCodes")
    @FuzzTest
    void resynchronize_anyTexts_isAcceptedOnlyIfBothAreRight(byte[] input) {
        world.rows.clear();
        world.importToken();
        String[] typed = Arrays.copyOf(FuzzedText.of(input).split("\n", 2), 2);
        String first = typed[0];
        String second = Objects.requireNonNullElse(typed[1], "");
        String before = begin();

        VerificationResult result = world.twoFactor.resynchronize(ALICE, first, second);

        if (isOneTimeCode(canonical(first)) && isOneTimeCode(canonical(second))) {
            boolean right = LongStream.range(0, Stage.POLICY.resynchronizationRange() - 1)
                    .anyMatch(counter -> PHONE.code(counter).equals(canonical(first))
                            && PHONE.code(counter + 1).equals(canonical(second)));
            assertCounted(result, right, 1, 0);
        } else {
            assertMalformed(result, before);
        }
    }

    private void giveBackupCodes() {
        Account account = account();
        Bytes salt = Bytes.copyOf(new byte[BackupCodeSet.SALT_BYTES]);
        BackupCodeHasher hasher = new BackupCodeHasher();
        List<BackupCodeSet.Slot> slots = BACKUP_CODES.stream()
                .map(code -> new BackupCodeSet.Slot(false, hasher.hash(code, salt, 1)))
                .toList();
        // One iteration, which no policy allows: many inputs are to be tried.
        Account enabled = new Account(
                account.header(),
                account.authenticators(),
                new BackupCodeSet(salt, 1, slots),
                List.of(),
                account.limits(),
                null);
        StoredRecord place = world.store.find(ALICE.value()).orElseThrow();
        StoredRecord row = Unsealed.seal(world.keys, place, AccountCodec.encode(enabled));
        world.rows.put(ALICE.value(), Base64.getEncoder().encodeToString(row.toBytes()));
    }

    private String begin() {
        world.store.forgetCounts();
        world.events.clear();
        return Objects.requireNonNull(world.rows.get(ALICE.value()));
    }

    private Account account() {
        return Unsealed.account(world.keys, world.store, ALICE);
    }

    private void assertMalformed(Object result, String before) {
        assertThat(result).isIn(new Rejected(), new EnrollmentResult.Rejected());
        assertThat(world.store.finds() + world.store.writes()).isZero();
        assertThat(world.rows).containsEntry(ALICE.value(), before);
    }

    private void assertCounted(VerificationResult result, boolean right, int codeFailures, int backupFailures) {
        assertThat(world.store.writes()).isEqualTo(1);
        assertThat(result).isInstanceOf(right ? Verified.class : Rejected.class);
        assertThat(account().limits().codeFailures()).isEqualTo(right ? 0 : codeFailures);
        assertThat(account().limits().backupFailures()).isEqualTo(right ? 0 : backupFailures);
    }

    private static String canonical(String typed) {
        return typed.length() > 64 ? "" : typed.replace(" ", "").replace("-", "");
    }

    private static boolean isOneTimeCode(String code) {
        return code.matches("[0-9]{6,8}");
    }

    private static boolean isBackupCode(String code) {
        return code.matches("[0-9A-Za-z&&[^Uu]]{16}");
    }

    private static String asCrockfordReadsIt(String code) {
        return code.toUpperCase(Locale.ROOT).replace('O', '0').replace('I', '1').replace('L', '1');
    }
}
