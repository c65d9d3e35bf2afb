// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.sallyport.ReleasedRecordsTest.KeptRecord;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.StoredRecord;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole rows, as somebody can write them who has the store and not the key. */
class SealedRecordFuzzTest {
    private static final UserId USER = UserId.of("42");

    private final List<byte[]> kept = rows().toList();
    private final ConcurrentHashMap<String, String> rows = new ConcurrentHashMap<>();
    private final MapTwoFactorStore store = new MapTwoFactorStore(rows);
    private final KeyRing keys = KeptRecord.enabled().keys();
    private final TwoFactor twoFactor = TwoFactor.builder()
            .issuer("Acme")
            .store(store)
            .encryptionKeys(keys)
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
        TrustStamp none = new TrustStamp(TrustStamp.NO_EPOCH, null);
        boolean isKept = isKept(input);

        List<String> unreadable = RecordCheck.of(store, keys).sample(1).unreadable();
        assertThat(unreadable).isEqualTo(isKept ? List.of() : List.of(USER.value()));
        if (isKept) {
            assertThat(twoFactor.status(USER)).isNotNull();
        } else {
            assertThatThrownBy(() -> twoFactor.signInRequirement(USER, Browser.none()))
                    .isInstanceOf(UnreadableRecordException.class);
            assertThatThrownBy(() -> twoFactor.stepUp(USER, none, "000000"))
                    .isInstanceOf(UnreadableRecordException.class);
            assertThat(twoFactor.isCurrent(USER, none)).isFalse();
        }
        assertThat(rows).containsEntry(USER.value(), row);
    }

    /** Those of other users are no record of this one. */
    private boolean isKept(byte[] input) {
        return kept.stream().anyMatch(row -> Arrays.equals(row, input))
                && StoredRecord.fromBytes(input).userId().equals(USER.value());
    }
}
