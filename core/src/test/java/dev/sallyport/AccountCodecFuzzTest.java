// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.time.Instant;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that a holder of the key has sealed, and no release. */
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
                        AccountCodec.encode(Account.empty(0, Instant.EPOCH)),
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

        if (account != null && input.length <= MAX_BYTES && !hasTextThatIsNotUtf8(account)) {
            assertWrittenAsItWasRead(account, input);
        }
    }

    /** What is not UTF-8 is read with a replacement in its place, and would take more room. */
    private static boolean hasTextThatIsNotUtf8(Account account) {
        return Stream.of(
                        account.authenticators().stream().map(Authenticator::label),
                        account.browsers().stream().map(RememberedBrowser::label),
                        Stream.ofNullable(account.pending())
                                .flatMap(slot -> Stream.of(
                                        slot.accountName(), slot.candidate().label())))
                .flatMap(Function.identity())
                .anyMatch(text -> text.indexOf('\uFFFD') >= 0);
    }

    private static void assertWrittenAsItWasRead(Account account, byte[] input) {
        byte[] written = AccountCodec.encode(account);
        assertThat(AccountCodec.encode(AccountCodec.decode(written))).isEqualTo(written);
        assertThat(written.length).isLessThanOrEqualTo(input.length);
        for (int i = 0; i < input.length && written.length == input.length; i++) {
            // Only what says whether a backup code is spent says it in more than one way.
            assertThat(written[i] == input[i] || written[i] == 1).isTrue();
        }
    }
}
