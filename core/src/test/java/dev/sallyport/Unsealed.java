// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.Sealer.Purpose;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.nio.ByteBuffer;

/** What is inside a sealed record, for those who hold its key. */
final class Unsealed {
    private Unsealed() {}

    static Account account(KeyRing keys, TwoFactorStore store, UserId user) {
        return AccountCodec.decode(plaintext(keys, store.find(user.value()).orElseThrow()));
    }

    static byte[] plaintext(KeyRing keys, StoredRecord stored) {
        return new Sealer(keys).open(Purpose.RECORD, UserId.of(stored.userId()), place(stored), stored.payload());
    }

    /** The same record with another account in it. */
    static StoredRecord seal(KeyRing keys, StoredRecord place, byte[] plaintext) {
        byte[] nonce = new byte[Sealer.NONCE_BYTES];
        byte[] payload =
                new Sealer(keys).seal(Purpose.RECORD, UserId.of(place.userId()), place(place), plaintext, nonce);
        return StoredRecord.of(place.userId(), place.version(), payload);
    }

    private static byte[] place(StoredRecord stored) {
        byte[] id = stored.userId().getBytes(UTF_8);
        return ByteBuffer.allocate(Long.BYTES + id.length)
                .putLong(stored.version())
                .put(id)
                .array();
    }
}
