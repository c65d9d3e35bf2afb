// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import dev.sallyport.Browser;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.TwoFactorStore;
import java.time.Instant;
import java.util.Optional;

/**
 * What a node does for its clients, one line for each request: {@code verify USER TIME BROWSER CODE}, where BROWSER is the
 * token of a known browser or {@link #STRANGER}, and {@code regenerate USER TIME PROOF}. All calls of Sallyport that a node
 * makes are here.
 *
 * <p>The time comes with the request, for the sake of speed. That is the only difference from production: there, leave the
 * builder's clock alone, and believe nobody's time but your own.
 */
final class Desk {
    /** A client that keeps no token. */
    static final String STRANGER = "-";

    private final ThreadLocal<Instant> now = ThreadLocal.withInitial(() -> Instant.EPOCH);
    private final TwoFactor twoFactor;

    Desk(TwoFactorStore store, Keys keys) {
        twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(keys.ring())
                // Every account here has a record of version 1 or more; an application keeps the number in its user
                // table.
                .versionWitness(user -> 1)
                .clock(now::get)
                .build();
    }

    /** What goes wrong is told here, so that it is seen. An application writes it to its log, and tells nobody. */
    String answer(String request) {
        try {
            String[] words = request.split(" ", -1);
            UserId user = UserId.of(words[1]);
            now.set(Instant.ofEpochMilli(Long.parseLong(words[2])));
            return words[0].equals("verify") ? verify(user, words[3], words[4]) : regenerate(user, words[3]);
        } catch (RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return Reply.Word.FAILED + " " + (e + ", " + cause).replaceAll("\\s+", " ");
        }
    }

    private String verify(UserId user, String token, String typed) {
        Browser browser = token.equals(STRANGER) ? Browser.none() : Browser.ofToken(token, "browser");
        SignInRequirement next = twoFactor.signInRequirement(user, browser);
        if (!(next instanceof CodeRequired code)) {
            return Reply.Word.NO_CODE_REQUIRED.name();
        }
        VerificationResult result = twoFactor.verify(code.challenge(), typed);
        if (result instanceof Verified proof) {
            // Sealed, because the next request of this user may come to another node.
            return Reply.Word.VERIFIED + " " + twoFactor.seal(proof);
        } else if (result instanceof LockedOut locked) {
            return Reply.Word.LOCKED + " "
                    + locked.until().map(Instant::toString).orElse("suspended");
        } else if (result instanceof SignInAgain) {
            return Reply.Word.SIGN_IN_AGAIN.name();
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
                            " ",
                            twoFactor.regenerateBackupCodes(proof.get()).codes().asList());
        } catch (StaleProofException e) {
            return Reply.Word.STALE.name();
        }
    }
}
