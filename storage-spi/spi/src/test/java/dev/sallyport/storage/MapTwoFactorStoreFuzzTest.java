// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Base64;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class MapTwoFactorStoreFuzzTest {
    private final ConcurrentHashMap<String, String> map = new ConcurrentHashMap<>();
    private final MapTwoFactorStore store = new MapTwoFactorStore(map);

    static Stream<byte[]> values() {
        return StoredRecordFuzzTest.records()
                .map(record -> Base64.getEncoder().encodeToString(record).getBytes(US_ASCII));
    }

    @MethodSource("values")
    @FuzzTest
    void find_anyValue_isTheRecordOrSpoiled(byte[] input) {
        String value = new String(input, ISO_8859_1);
        map.put("42", value);
        StoredRecord record;
        try {
            record = store.find("42").orElseThrow();
        } catch (SpoiledRecordException spoiled) {
            assertThat(spoiled).isExactlyInstanceOf(SpoiledRecordException.class);
            return;
        }

        assertThat(record.userId()).isEqualTo("42");
        assertThat(record.toBytes()).isEqualTo(Base64.getDecoder().decode(value));
    }
}
