// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.ArrayList;
import java.util.List;

/**
 * The backup codes of an account as it keeps them: hashes under one salt, so that an attempt costs one derivation however
 * many codes there are. Spent ones stay, and are told from wrong ones.
 *
 * <p>One salt for ten codes gives an attacker with the key and the database ten chances per derivation, 3 bits of the 80.
 */
record BackupCodeSet(Bytes salt, int iterations, List<Slot> slots) {
    static final int SALT_BYTES = 16;
    static final BackupCodeSet NONE = new BackupCodeSet(Bytes.EMPTY, 0, List.of());

    record Slot(boolean spent, Bytes hash) {}

    /** What a regeneration makes: the codes to show, and the set to keep. */
    record Fresh(BackupCodes codes, BackupCodeSet set) {}

    BackupCodeSet {
        slots = List.copyOf(slots);
    }

    static int randomBytes(TwoFactorPolicy policy) {
        return SALT_BYTES + policy.backupCodes() * Crockford.CODE_BYTES;
    }

    static Fresh generate(Call call) {
        TwoFactorPolicy policy = call.policy();
        Bytes salt = Bytes.copyOf(call.draw().take(SALT_BYTES));
        List<String> codes = new ArrayList<>();
        List<Slot> slots = new ArrayList<>();
        String symbols = Crockford.encode(call.draw().take(policy.backupCodes() * Crockford.CODE_BYTES));
        for (int from = 0; from < symbols.length(); from += Crockford.CODE_SYMBOLS) {
            String code = symbols.substring(from, from + Crockford.CODE_SYMBOLS);
            codes.add(Crockford.inGroups(code));
            slots.add(new Slot(false, call.hasher().hash(code, salt, policy.backupCodeIterations())));
        }
        return new Fresh(
                new BackupCodes(codes, call.now()), new BackupCodeSet(salt, policy.backupCodeIterations(), slots));
    }

    int left() {
        return (int) slots.stream().filter(slot -> !slot.spent()).count();
    }

    /** The index of the slot of a code, spent or not; -1 if there is none. All are compared. */
    int indexOf(TypedCode code, BackupCodeHasher hasher) {
        if (slots.isEmpty()) {
            return -1;
        }
        Bytes hash = code.hash(hasher, salt, iterations);
        int found = -1;
        for (int i = 0; i < slots.size(); i++) {
            found = slots.get(i).hash().equals(hash) ? i : found;
        }
        return found;
    }

    BackupCodeSet spend(int index) {
        List<Slot> after = new ArrayList<>(slots);
        after.set(index, new Slot(true, slots.get(index).hash()));
        return new BackupCodeSet(salt, iterations, after);
    }
}
