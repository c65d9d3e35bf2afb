// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.EnrollmentRequest;
import dev.sallyport.KeyRing;
import dev.sallyport.Operator;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.storage.MapTwoFactorStore;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Asks Sallyport itself what it accepts, with a store in memory. The rules are written there, and not again here. */
final class Rehearsal {
    private static final UserId USER = UserId.of("rehearsal");

    private final Operator operator;

    Rehearsal(InstantSource clock) {
        operator = TwoFactor.builder()
                .issuer("Rehearsal")
                .store(new MapTwoFactorStore(new ConcurrentHashMap<>()))
                .encryptionKeys(KeyRing.generate())
                .clock(clock)
                .build()
                .operator("rehearsal");
    }

    /** Why these cannot be imported together; empty if they can. */
    Optional<String> refusal(List<EnrollmentRequest> requests) {
        try {
            operator.importWithoutConfirmation(USER, requests);
            operator.deleteAccount(USER);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
