// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.ReleasedRecordsTest.KeptRecord;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole rows, as somebody leaves them who holds the store and not the key. */
class SealedRecordFuzzTest {
    private static final UserId USER = UserId.of("42");

    private final List<byte[]> kept = rows().toList();
    private final ConcurrentHashMap<String, String> rows = new ConcurrentHashMap<>();
    private final TwoFactor twoFactor = TwoFactor.builder()
            .issuer("Acme")
            .store(new MapTwoFactorStore(rows))
            .encryptionKeys(KeptRecord.enabled().keys())
            .clock(new SteppedClock(World.START))
            .build();

    static Stream<byte[]> rows() {
        return ReleasedRecordsTest.records().map(kept -> kept.stored().toBytes());
    }

    @MethodSource("rows")
    @FuzzTest
    void row_anyBytes_opensOnlyIfItWasSealedHere(byte[] input) {
        String row = Base64.getEncoder().encodeToString(input);
        rows.put(USER.value(), row);

        if (isKept(input)) {
            assertThat(twoFactor.status(USER).state()).isNotEqualTo(TwoFactorStatus.State.NOT_ENROLLED);
        } else {
            assertThatThrownBy(() -> twoFactor.signInRequirement(USER, null))
                    .isInstanceOfAny(UnreadableRecordException.class, StoreException.class);
            assertThatThrownBy(() -> twoFactor.verify(USER, "000000"))
                    .isInstanceOfAny(UnreadableRecordException.class, StoreException.class);
        }
        assertThat(rows).containsEntry(USER.value(), row);
    }

    /** Those of other users are no record of this one. */
    private boolean isKept(byte[] input) {
        return kept.stream().anyMatch(row -> Arrays.equals(row, input))
                && StoredRecord.fromBytes(input).userId().equals(USER.value());
    }
}
