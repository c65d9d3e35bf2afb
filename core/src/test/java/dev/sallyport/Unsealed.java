// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.Sealer.Purpose;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.security.SecureRandom;

/** What is inside a sealed record, for anyone who has its key. */
final class Unsealed {
    private Unsealed() {}

    static Account account(KeyRing keys, TwoFactorStore store, UserId user) {
        return AccountCodec.decode(plaintext(keys, store.find(user.value()).orElseThrow()));
    }

    static byte[] plaintext(KeyRing keys, StoredRecord stored) {
        return sealer(keys).keyOf(Purpose.RECORD, subject(stored)).open(place(keys, stored), stored.payload());
    }

    /** The same record with another account in it. */
    static StoredRecord seal(KeyRing keys, StoredRecord place, byte[] plaintext) {
        byte[] payload = sealer(keys).keyOf(Purpose.RECORD, subject(place)).seal(place(keys, place), plaintext);
        return StoredRecord.of(place.userId(), place.version(), payload);
    }

    private static Sealer sealer(KeyRing keys) {
        return new Sealer(keys, "", new SecureRandom());
    }

    private static byte[] subject(StoredRecord stored) {
        return stored.userId().getBytes(UTF_8);
    }

    private static byte[] place(KeyRing keys, StoredRecord stored) {
        return sealer(keys).place(UserId.of(stored.userId()), stored.version());
    }
}
