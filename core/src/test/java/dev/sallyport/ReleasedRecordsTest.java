// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.StoredRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every release opens what an earlier release has sealed, and answers about it as that one did.
 *
 * <p>There is a file for each format of records. {@link RecordsToKeep} wrote it when the format was new. From its release
 * on, nobody changes it.
 */
class ReleasedRecordsTest {
    private static final List<String> FILES = List.of("format-1.txt");

    /** A record, and a script of calls on it: each with its instant and its answer, one after the other. */
    record KeptRecord(String title, KeyRing keys, StoredRecord stored, List<String> script) {
        /** The one with an app, backup codes and a remembered browser. */
        static KeptRecord enabled() {
            return records()
                    .filter(kept -> kept.title().contains("a remembered browser"))
                    .findFirst()
                    .orElseThrow();
        }

        UserId user() {
            return UserId.of(stored.userId());
        }

        /** An application whose store has this record and no other. */
        TwoFactor.Builder node() {
            ConcurrentHashMap<String, String> rows = new ConcurrentHashMap<>();
            rows.put(stored.userId(), Base64.getEncoder().encodeToString(stored.toBytes()));
            return TwoFactor.builder()
                    .issuer("Acme")
                    .store(new MapTwoFactorStore(rows))
                    .encryptionKeys(keys);
        }

        @Override
        public String toString() {
            return title;
        }
    }

    static Stream<KeptRecord> records() {
        return FILES.stream().flatMap(ReleasedRecordsTest::read);
    }

    private static Stream<KeptRecord> read(String file) {
        // Git may have given it other line ends.
        String[] paragraphs = resource("/records/" + file).replace("\r", "").split("\n\n", -1);
        KeyRing keys = KeyRing.fromBase64(field("key id", paragraphs[0]), field("key", paragraphs[0]));
        return Arrays.stream(paragraphs).skip(1).map(paragraph -> keptRecord(file, keys, paragraph));
    }

    private static KeptRecord keptRecord(String file, KeyRing keys, String paragraph) {
        StoredRecord stored = StoredRecord.of(
                field("user", paragraph),
                Long.parseLong(field("version", paragraph)),
                Base64.getDecoder().decode(field("payload", paragraph)));
        List<String> script =
                paragraph.lines().filter(line -> line.startsWith("at ")).toList();
        return new KeptRecord(file + ", " + field("record", paragraph), keys, stored, script);
    }

    private static String field(String name, String paragraph) {
        return paragraph
                .lines()
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElseThrow();
    }

    private static String resource(String name) {
        try (InputStream in = ReleasedRecordsTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new AssertionError("a resource of the tests can be read", e);
        }
    }

    @ParameterizedTest
    @MethodSource("records")
    void record_ofAReleasedFormat_isAnsweredAsItWas(KeptRecord kept) {
        SteppedClock clock = new SteppedClock(Instant.EPOCH);
        TwoFactor twoFactor = kept.node().clock(clock).build();

        assertThat(kept.script()).isNotEmpty().allSatisfy(line -> {
            String[] callAndAnswer = line.split(" -> ", 2);
            List<String> words = List.of(callAndAnswer[0].split(" ", -1));
            clock.set(Instant.parse(words.get(1)));
            assertThat(RecordsToKeep.answer(twoFactor, kept.user(), words.subList(2, words.size())))
                    .isEqualTo(callAndAnswer[1]);
        });
    }

    @Test
    @EnabledIfSystemProperty(
            named = "sallyport.test.recordsToKeep",
            matches = ".+",
            disabledReason = "for the day that there is a new format: -Dsallyport.test.recordsToKeep=format-2.txt"
                    + " writes target/format-2.txt, to be moved to src/test/resources/records")
    void writeRecordsToKeep() throws IOException {
        Path file = Path.of("target", System.getProperty("sallyport.test.recordsToKeep"));

        Files.writeString(file, new RecordsToKeep().write());

        assertThat(file).isNotEmptyFile();
    }
}
