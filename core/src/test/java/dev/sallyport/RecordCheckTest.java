// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.storage.MapTwoFactorStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("ovumcy #708, blot #1856: a wrong key was found by the first user")
class RecordCheckTest {
    private static final KeyRing OF_2025 = KeyRing.fromBase64("2025", key(1));

    private final World world = new World();
    private final MapTwoFactorStore store = new MapTwoFactorStore(world.rows);

    private static String key(int number) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) number;
        return Base64.getEncoder().encodeToString(bytes);
    }

    private void begin(KeyRing keys, String namespace, String user) {
        world.node().encryptionKeys(keys).namespace(namespace).build().beginEnrollment(UserId.of(user), user);
    }

    @Test
    void sample_everyRecordOpens_findsNothingAndWritesNothing() {
        begin(OF_2025, "", "a");
        begin(KeyRing.fromBase64("2026", key(2)), "", "b");
        Map<String, String> rows = Map.copyOf(world.rows);

        RecordCheck.Report report = RecordCheck.of(store, OF_2025.withPreviousBase64("2026", key(2)))
                .sample(100);

        assertThat(report).isEqualTo(new RecordCheck.Report(2, List.of(), ""));
        assertThat(world.rows).isEqualTo(rows);
    }

    @Test
    void sample_ofAnEmptyStore_findsNothing() {
        assertThat(RecordCheck.of(store, OF_2025).sample(1)).isEqualTo(new RecordCheck.Report(0, List.of(), ""));
    }

    @Test
    void sample_keyIdThatTheRingDoesNotHave_namesIt() {
        begin(OF_2025, "", "a");
        begin(KeyRing.fromBase64("2026-11", key(2)), "", "b");
        begin(KeyRing.fromBase64("2027", key(3)), "", "c");

        RecordCheck.Report report = RecordCheck.of(store, OF_2025).sample(100);

        assertThat(report.seen()).isEqualTo(3);
        assertThat(report.unreadable()).containsExactly("b", "c");
        assertThat(report.firstProblem()).isEqualTo("the key ring has no key with the id 2026-11");
    }

    @Test
    void sample_anotherKeyWithTheSameId_isFound() {
        begin(OF_2025, "", "a");

        RecordCheck.Report report =
                RecordCheck.of(store, KeyRing.fromBase64("2025", key(2))).sample(100);

        assertThat(report.unreadable()).containsExactly("a");
        assertThat(report.firstProblem()).contains("2025");
    }

    @Test
    void sample_recordsOfANamespace_openInItOnly() {
        begin(OF_2025, "tenant-1", "a");

        assertThat(RecordCheck.of(store, OF_2025).sample(9).unreadable()).containsExactly("a");
        assertThat(RecordCheck.of(store, OF_2025)
                        .namespace("tenant-2")
                        .sample(9)
                        .unreadable())
                .containsExactly("a");
        assertThat(RecordCheck.of(store, OF_2025)
                        .namespace("tenant-1")
                        .sample(9)
                        .unreadable())
                .isEmpty();
    }

    @Test
    void sample_keyThatIsNoUserId_isListed() {
        world.rows.put("", "no record");

        assertThat(RecordCheck.of(store, OF_2025).sample(9).unreadable()).containsExactly("");
    }

    @Test
    void sample_withALimit_looksAtNoMoreThanThat() {
        begin(OF_2025, "", "a");
        world.rows.put("b", "no record");

        assertThat(RecordCheck.of(store, OF_2025).sample(1)).isEqualTo(new RecordCheck.Report(1, List.of(), ""));
        assertThat(RecordCheck.of(store, OF_2025).sample(2).unreadable()).containsExactly("b");
    }

    @Test
    void sample_ofNoRecords_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordCheck.of(store, OF_2025).sample(0));
    }
}
