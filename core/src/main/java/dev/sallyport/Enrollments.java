// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.Account.Decision;
import dev.sallyport.otp.SharedSecret;
import java.security.SecureRandom;
import java.util.Arrays;

/** Makes new authenticators: draws their secrets and ids, and shows them once. */
final class Enrollments {
    private static final int SECRET_BYTES = 20;

    /**
     * RFC 4226 requires 128 bits. Several libraries made secrets of 10 bytes until 2023. Only an import accepts these.
     */
    private static final int MIN_IMPORTED_SECRET_BYTES = 10;

    /** The capacity of a QR code of version 20-M. A phone can still read it from a screen. */
    private static final int MAX_KEY_URI_BYTES = 666;

    private final String issuer;
    private final TwoFactorPolicy policy;
    private final SecureRandom random;
    private final SealedTexts sealedTexts;

    Enrollments(String issuer, TwoFactorPolicy policy, SecureRandom random, SealedTexts sealedTexts) {
        this.issuer = issuer;
        this.policy = policy;
        this.random = random;
        this.sealedTexts = sealedTexts;
    }

    Decision<PendingEnrollment> begin(Account account, EnrollmentRequest request, TrustStamp restsOn, Call call) {
        AuthenticatorSeed seed = request.existing()
                .map(existing -> existing.seedAt(call.now(), policy))
                .orElseGet(this::newSeed);
        policy.requireSuitable(seed, TwoFactorPolicy.MIN_ENROLLED_SECRET_BYTES, call.now());
        Authenticator candidate = authenticator(request, seed, call);
        PendingSlot slot = new PendingSlot(Ids.draw(random), candidate, request.accountName(), call.now(), 0, restsOn);
        SealedTexts.Enrollment enrollment = new SealedTexts.Enrollment(call.user(), slot.id(), request.browser());
        PendingEnrollment pending = slot.show(call.user(), issuer, EnrollmentHandle.of(sealedTexts.seal(enrollment)));
        int bytes = pending.keyUri().toUriString().length();
        if (bytes > MAX_KEY_URI_BYTES) {
            throw new IllegalArgumentException("the key URI has " + bytes + " bytes, and a QR code has room for "
                    + MAX_KEY_URI_BYTES + ": shorten the issuer or the account name");
        }
        Decision<PendingSlot> begun = account.begin(slot, call);
        return new Decision<>(begun.next(), pending, begun.events());
    }

    /** An authenticator that goes live at once, without a code. */
    Authenticator imported(EnrollmentRequest request, Call call) {
        ExistingAuthenticator existing = request.existing()
                .orElseThrow(() -> new IllegalArgumentException(
                        "an import needs existing authenticators, because nobody is there to see a new secret"));
        AuthenticatorSeed seed = existing.seedAt(call.now(), policy);
        policy.requireSuitable(seed, MIN_IMPORTED_SECRET_BYTES, call.now());
        return authenticator(request, seed, call);
    }

    private Authenticator authenticator(EnrollmentRequest request, AuthenticatorSeed seed, Call call) {
        return new Authenticator(new AuthenticatorId(Ids.draw(random)), request.label(), seed, call.now(), null);
    }

    private AuthenticatorSeed newSeed() {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        AuthenticatorSeed drawn = AuthenticatorSeed.totp(SharedSecret.fromBytes(secret), policy.totp());
        Arrays.fill(secret, (byte) 0);
        return drawn;
    }
}
