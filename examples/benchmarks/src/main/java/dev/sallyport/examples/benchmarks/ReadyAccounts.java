// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.Browser;
import dev.sallyport.BrowserToken;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.KeyRing;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.StoredRecord;
import java.time.Instant;
import java.util.List;

/** Records of accounts that have signed in once, for a store that is filled without a round trip for each of them. */
final class ReadyAccounts {
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);

    private final ObjectStore store = new ObjectStore();
    private final TwoFactor twoFactor;
    private final Instant at;

    /** Records under the current key of a key ring, whose users sign in at this time. */
    ReadyAccounts(KeyRing keys, Instant at) {
        this.at = at;
        this.twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(keys)
                .clock(() -> at)
                .build();
    }

    /** A record, and the token of the one browser that is remembered in it. */
    record WithBrowser(StoredRecord record, BrowserToken token) {}

    /** An enabled account with one authenticator and ten backup codes. */
    StoredRecord record(UserId user, SharedSecret secret) {
        enable(user, secret);
        twoFactor.regenerateBackupCodes(proof(user, secret, Browser.none()));
        return take(user);
    }

    /** The same, and the browser that it has signed in from is remembered. */
    WithBrowser withBrowser(UserId user, SharedSecret secret, String userAgent) {
        enable(user, secret);
        Verified proof = proof(user, secret, Browser.fromHeaders(null, userAgent));
        twoFactor.rememberBrowser(twoFactor.regenerateBackupCodes(proof).proof());
        return new WithBrowser(take(user), proof.browserToken().orElseThrow());
    }

    private void enable(UserId user, SharedSecret secret) {
        ExistingAuthenticator existing =
                ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT).lastUsedStep(0);
        twoFactor
                .operator("benchmark")
                .importWithoutConfirmation(
                        user, List.of(EnrollmentRequest.of(user.value()).existing(existing)));
    }

    private Verified proof(UserId user, SharedSecret secret, Browser browser) {
        CodeRequired required = (CodeRequired) twoFactor.signInRequirement(user, browser);
        return twoFactor.verify(required.challenge(), TOTP.generate(secret, at)).orElseThrow();
    }

    private StoredRecord take(UserId user) {
        StoredRecord record = store.find(user.value()).orElseThrow();
        store.erase(user.value());
        return record;
    }
}
