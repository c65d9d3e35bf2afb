// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The hashes of the codes that work without the phone: the backup codes with one salt, and at most one temporary code
 * with its own salt. Spent backup codes stay, so that the events distinguish a used code from a wrong one.
 */
record BackupCodeSet(Bytes salt, List<Slot> slots, @Nullable Temporary temporary) {
    static final BackupCodeSet NONE = new BackupCodeSet(Bytes.EMPTY, List.of(), null);
    private static final int SALT_BYTES = 16;

    record Slot(boolean spent, Bytes hash) {}

    /** A temporary code. It keeps its start and its lifetime, so that a wrong clock does not make it live longer. */
    record Temporary(Bytes salt, Bytes hash, Instant issued, int lifetimeSeconds) {}

    /** A new set: the codes to show, and the set to keep. */
    record Fresh(BackupCodes codes, BackupCodeSet set) {}

    BackupCodeSet {
        slots = List.copyOf(slots);
    }

    static Fresh generate(TwoFactorPolicy policy, SecureRandom random, Instant now) {
        Bytes salt = drawSalt(random);
        List<String> codes = new ArrayList<>();
        List<Slot> slots = new ArrayList<>();
        for (int i = 0; i < policy.backupCodes(); i++) {
            String code = Crockford.draw(random, Crockford.BACKUP_SYMBOLS);
            codes.add(Crockford.inGroups(code));
            slots.add(new Slot(false, hash(salt, code)));
        }
        return new Fresh(new BackupCodes(codes, now), new BackupCodeSet(salt, slots, null));
    }

    static Bytes drawSalt(SecureRandom random) {
        byte[] drawn = new byte[SALT_BYTES];
        random.nextBytes(drawn);
        return Bytes.copyOf(drawn);
    }

    /**
     * A plain salted hash is enough for a backup code, which has 115 random bits (NIST SP 800-63B-4 section 3.1.2.2). A
     * temporary code has 75, but lives for a day at most.
     */
    static Bytes hash(Bytes salt, String code) {
        return Bytes.sha256(salt, code.getBytes(US_ASCII));
    }

    int left() {
        int left = 0;
        for (Slot slot : slots) {
            left += slot.spent() ? 0 : 1;
        }
        return left;
    }

    /** The index of the slot of a backup code, spent or not; -1 if there is none. It compares all slots. */
    int indexOf(TypedCode code) {
        Bytes hash = hash(salt, code.canonical());
        int found = -1;
        for (int i = 0; i < slots.size(); i++) {
            found = slots.get(i).hash().equals(hash) ? i : found;
        }
        return found;
    }

    boolean isTemporaryCode(TypedCode code, Call call) {
        return temporary != null
                && hash(temporary.salt(), code.canonical()).equals(temporary.hash())
                && call.isWithin(temporary.issued(), Duration.ofSeconds(temporary.lifetimeSeconds()));
    }

    BackupCodeSet spend(int index) {
        List<Slot> after = new ArrayList<>(slots);
        after.set(index, new Slot(true, slots.get(index).hash()));
        return new BackupCodeSet(salt, after, temporary);
    }

    BackupCodeSet with(@Nullable Temporary code) {
        return new BackupCodeSet(salt, slots, code);
    }
}
