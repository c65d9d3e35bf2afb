// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.SpoiledRecordException;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.util.Base64;
import java.util.Optional;

/** A store at the other end of a line: each call is one line of text, and so is each answer. */
final class StoreWire {
    private StoreWire() {}

    /** Where the lines go. */
    interface Line {
        String exchange(String request);
    }

    /** A store that is somewhere else. */
    record RemoteStore(Line line) implements TwoFactorStore {
        @Override
        public Optional<StoredRecord> find(String userId) {
            String answer = ask("find", encode(userId));
            return answer.equals("empty") ? Optional.empty() : Optional.of(decodeRecord(answer));
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            return Boolean.parseBoolean(ask("insert", encode(record)));
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            return Boolean.parseBoolean(ask("replace", encode(current), encode(next)));
        }

        @Override
        public void erase(String userId) {
            ask("erase", encode(userId));
        }

        private String ask(String... words) {
            return result(line.exchange(String.join(" ", words)));
        }
    }

    static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    static String encode(StoredRecord record) {
        return Base64.getEncoder().encodeToString(record.toBytes());
    }

    static String decode(String word) {
        return new String(Base64.getDecoder().decode(word), UTF_8);
    }

    private static StoredRecord decodeRecord(String word) {
        return StoredRecord.fromBytes(Base64.getDecoder().decode(word));
    }

    /** Throws what the other end has thrown. */
    static String result(String answer) {
        String[] words = answer.split(" ", -1);
        if (words.length == 1) {
            return answer;
        }
        String message = decode(words[1]);
        throw switch (words[0]) {
            case "spoiled" -> new SpoiledRecordException(message);
            case "failed" -> new StoreException(message);
            default -> new IllegalStateException(message);
        };
    }

    /** Makes the call that a line asks for. */
    static String answer(TwoFactorStore store, String request) {
        String[] words = request.split(" ", -1);
        try {
            return switch (words[0]) {
                case "find" ->
                    store.find(decode(words[1])).map(StoreWire::encode).orElse("empty");
                case "insert" -> "" + store.insert(decodeRecord(words[1]), SUMMARY);
                case "replace" -> "" + store.replace(decodeRecord(words[1]), decodeRecord(words[2]), SUMMARY);
                case "erase" -> {
                    store.erase(decode(words[1]));
                    yield "true";
                }
                default -> throw new IllegalStateException("an unknown request: " + words[0]);
            };
        } catch (RuntimeException e) {
            String kind = e instanceof SpoiledRecordException
                    ? "spoiled"
                    : e instanceof StoreException ? "failed" : "foreign";
            return kind + " " + encode(StoreUnderTest.rootCause(e));
        }
    }
}
