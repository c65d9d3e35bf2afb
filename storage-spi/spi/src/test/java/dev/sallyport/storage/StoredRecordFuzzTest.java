// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class StoredRecordFuzzTest {
    private static final int HEADER_BYTES = 11;

    static Stream<byte[]> records() {
        return Stream.of(
                        StoredRecord.of("42", 1, new byte[1]),
                        StoredRecord.of("\u00e4\ud83d\udd11", Long.MAX_VALUE, "payload".getBytes(UTF_8)),
                        StoredRecord.of("x".repeat(255), 2, new byte[300]))
                .map(StoredRecord::toBytes);
    }

    @MethodSource("records")
    @FuzzTest
    void fromBytes_anyBytes_isTheRecordOrRefused(byte[] input) {
        long before = allocatedBytes();
        StoredRecord record = null;
        try {
            record = StoredRecord.fromBytes(input);
        } catch (IllegalArgumentException refused) {
            assertThat(refused).isExactlyInstanceOf(IllegalArgumentException.class);
        }
        assertThat(allocatedBytes() - before).isLessThan(1 << 20);

        if (record != null) {
            assertThat(record.toBytes()).isEqualTo(input);
            assertThat(StoredRecord.of(record.userId(), record.version(), record.payload()))
                    .isEqualTo(record);
            int end = HEADER_BYTES + record.userId().getBytes(UTF_8).length;
            assertThat(record.payload()).isEqualTo(Arrays.copyOfRange(input, end, input.length));
        }
    }

    /** By this thread, since it began. By reflection, for these tests are compiled as a part of a module without it. */
    private static long allocatedBytes() {
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
}
