// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Instant;
import java.util.Optional;

/**
 * What a node does for its clients, a line for a line: {@code verify USER TIME CODE} and {@code regenerate USER TIME PROOF}.
 * All calls of Sallyport that a node makes are here.
 *
 * <p>The time comes with the request, for the sake of speed. It is all that differs from production: there, leave the
 * builder's clock alone, and believe nobody's time but your own.
 */
final class Desk {
    private final ThreadLocal<Instant> now = ThreadLocal.withInitial(() -> Instant.EPOCH);
    private final TwoFactor twoFactor;

    Desk(TwoFactorStore store, Keys keys) {
        twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(keys.ring())
                // All accounts here have it on; an application asks its user table.
                .enabledWitness(user -> true)
                .clock(now::get)
                .build();
    }

    /** What goes wrong is told here, so that it is seen. An application writes it to its log, and tells nobody. */
    String answer(String request) {
        try {
            String[] words = request.split(" ", -1);
            UserId user = UserId.of(words[1]);
            now.set(Instant.ofEpochMilli(Long.parseLong(words[2])));
            return words[0].equals("verify") ? verify(user, words[3]) : regenerate(user, words[3]);
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return Reply.Word.FAILED + " " + (e + ", " + cause).replaceAll("\\s+", " ");
        }
    }

    private String verify(UserId user, String typed) {
        VerificationResult result = twoFactor.verify(user, typed);
        if (result instanceof Verified proof) {
            // Sealed, because the next request of this user may come to another node.
            return Reply.Word.VERIFIED + " " + twoFactor.seal(proof);
        } else if (result instanceof LockedOut locked) {
            return Reply.Word.LOCKED + " " + locked.until();
        } else if (result instanceof Suspended) {
            return Reply.Word.SUSPENDED.name();
        } else if (result instanceof NotEnrolled) {
            return Reply.Word.NOT_ENROLLED.name();
        }
        return Reply.Word.REJECTED.name();
    }

    private String regenerate(UserId user, String sealedProof) {
        Optional<Verified> proof = twoFactor.unseal(user, sealedProof);
        if (proof.isEmpty()) {
            return Reply.Word.STALE.name();
        }
        try {
            return Reply.Word.CODES + " "
                    + String.join(
                            " ", twoFactor.regenerateBackupCodes(proof.get()).asList());
        } catch (StaleProofException e) {
            return Reply.Word.STALE.name();
        }
    }
}
