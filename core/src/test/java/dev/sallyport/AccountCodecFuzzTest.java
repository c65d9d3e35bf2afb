// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that somebody with the key has sealed, and no release has written. */
class AccountCodecFuzzTest {
    /** What is written is never longer. */
    private static final int MAX_BYTES = 8192;

    private static final Set<String> REASONS = Set.of(
            "the record has a format that this release does not know",
            "the record is longer than its content",
            "the record is not well-formed");

    static Stream<byte[]> accounts() {
        return Stream.concat(
                Stream.of(
                        AccountCodec.encode(Account.none(0, Instant.EPOCH)),
                        AccountCodec.encode(FullAccount.at(World.START))),
                ReleasedRecordsTest.records().map(kept -> Unsealed.plaintext(kept.keys(), kept.stored())));
    }

    @MethodSource("accounts")
    @FuzzTest
    void decode_anyBytes_isAnAccountOrUnreadable(byte[] input) {
        long before = AccountCodecTest.allocatedBytes();
        Account account = null;
        try {
            account = AccountCodec.decode(input);
        } catch (UnreadableRecordException e) {
            // A cause would quote what it could not read, which may be a secret.
            assertThat(e).hasNoCause();
            assertThat(e.getMessage()).isIn(REASONS);
        }
        assertThat(AccountCodecTest.allocatedBytes() - before).isLessThan(AccountCodecTest.MANY_BYTES);

        if (account != null && isWhatTheRulesMake(account)) {
            assertWrittenAsItWasRead(account, input);
        }
    }

    /** An account of no more than a policy allows, with texts that were written as they are read. */
    private static boolean isWhatTheRulesMake(Account account) {
        PendingSlot slot = account.pending();
        boolean fits = account.authenticators().size() <= TwoFactorPolicy.MAX_AUTHENTICATORS
                && account.browsers().size() <= TwoFactorPolicy.MAX_BROWSERS
                && account.backupCodes().slots().size() <= 20
                && account.limits().strangersBudget().days().size() <= FailureBudget.MAX_DAYS
                && account.limits().knownBudget().days().size() <= FailureBudget.MAX_DAYS;
        // A stamp that cannot be read becomes one that is never current, which is longer.
        boolean stampWasRead = slot == null || slot.restsOn().epoch() != TrustStamp.NEVER_DRAWN;
        return fits && stampWasRead && texts(account).allMatch(AccountCodecFuzzTest::isWrittenAsItIsRead);
    }

    private static Stream<String> texts(Account account) {
        return Stream.of(
                        account.authenticators().stream().map(Authenticator::label),
                        account.browsers().stream().map(KnownBrowser::label),
                        Stream.ofNullable(account.pending())
                                .flatMap(slot -> Stream.of(
                                        slot.accountName(), slot.candidate().label())))
                .flatMap(Function.identity());
    }

    /** What is not UTF-8 is read with a replacement in its place, and would take more room. */
    private static boolean isWrittenAsItIsRead(String text) {
        return text.indexOf('\uFFFD') < 0 && text.getBytes(UTF_8).length <= 128;
    }

    private static void assertWrittenAsItWasRead(Account account, byte[] input) {
        byte[] written = AccountCodec.encode(account);
        assertThat(AccountCodec.encode(AccountCodec.decode(written))).isEqualTo(written);
        assertThat(written.length).isLessThanOrEqualTo(input.length).isLessThan(MAX_BYTES);
        for (int i = 0; i < input.length && written.length == input.length; i++) {
            // Only what says whether a backup code is spent says it in more than one way.
            assertThat(written[i] == input[i] || written[i] == 1).isTrue();
        }
    }
}
