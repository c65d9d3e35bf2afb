// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An authenticator that already has its shared secret: a hardware token, or one that comes from another library. For an
 * authenticator app, a new secret is better. Immutable; redacted in {@link #toString()}.
 */
public final class ExistingAuthenticator {
    /** No token reaches this counter. It is so far from the largest long that no look-ahead overflows. */
    private static final long MAX_COUNTER = 1L << 62;

    private final AuthenticatorSeed seed;
    private final @Nullable Long lastUsedStep;

    private ExistingAuthenticator(AuthenticatorSeed seed, @Nullable Long lastUsedStep) {
        this.seed = seed;
        this.lastUsedStep = lastUsedStep;
    }

    /**
     * Makes a time-based authenticator (RFC 6238). Unless {@link #lastUsedStep} is called, all codes of the window at
     * the time of the enrollment count as used, because another library may have accepted one of them a moment ago.
     *
     * @param secret its secret: 16 bytes or more to enroll, 10 or more to import
     * @param parameters how it computes codes
     * @return the authenticator
     */
    public static ExistingAuthenticator totp(SharedSecret secret, TotpParameters parameters) {
        return new ExistingAuthenticator(AuthenticatorSeed.totp(secret, parameters), null);
    }

    /**
     * Makes a counter-based token (RFC 4226).
     *
     * @param secret its secret: 16 bytes or more to enroll, 10 or more to import
     * @param algorithm how it computes codes
     * @param digits how many digits a code has, 6 to 8
     * @param counter the counter of the next code, one more than that of the last used one; 0 to 2^62
     * @return the authenticator
     * @throws IllegalArgumentException if {@code digits} or {@code counter} is out of range
     */
    public static ExistingAuthenticator hotp(SharedSecret secret, HmacAlgorithm algorithm, int digits, long counter) {
        if (counter < 0 || counter > MAX_COUNTER) {
            throw new IllegalArgumentException("a counter is 0 to 2^62, not " + counter);
        }
        Hotp.of(algorithm, digits);
        return new ExistingAuthenticator(
                new AuthenticatorSeed(secret, algorithm, digits, null, counter - 1, false, 0), null);
    }

    /**
     * Makes the authenticator that a key URI describes.
     *
     * @param keyUri a parsed key URI
     * @return the authenticator
     * @throws IllegalArgumentException if its counter is out of range
     */
    public static ExistingAuthenticator of(KeyUri keyUri) {
        if (keyUri.counter().isPresent()) {
            return hotp(
                    keyUri.secret(),
                    keyUri.algorithm(),
                    keyUri.digits(),
                    keyUri.counter().getAsLong());
        }
        return totp(
                keyUri.secret(),
                new TotpParameters(
                        keyUri.algorithm(), keyUri.digits(), keyUri.period().orElseThrow(), Instant.EPOCH));
    }

    /**
     * Sets the time step of the last used code. The codes up to that step count as used. Later codes do not.
     *
     * @param step the time step of the last accepted code; 0 for a token that was never used
     * @return a new object
     * @throws IllegalStateException if this authenticator is counter-based
     * @throws IllegalArgumentException if no clock can show that step
     */
    public ExistingAuthenticator lastUsedStep(long step) {
        TotpParameters parameters = requireTotp();
        Totp.of(parameters).stepStart(step);
        return new ExistingAuthenticator(seed, step);
    }

    /**
     * Marks a hardware token that has its own clock. The drift of that clock is followed: each accepted code shows how
     * far the clock is off.
     *
     * @return a new object
     * @throws IllegalStateException if this authenticator is counter-based
     */
    public ExistingAuthenticator ownClock() {
        requireTotp();
        return new ExistingAuthenticator(seed.withOwnClock(), lastUsedStep);
    }

    private TotpParameters requireTotp() {
        TotpParameters parameters = seed.totp();
        if (parameters == null) {
            throw new IllegalStateException("a counter-based authenticator has no clock and no time steps");
        }
        return parameters;
    }

    AuthenticatorSeed seedAt(Instant now, TwoFactorPolicy policy) {
        TotpParameters parameters = seed.totp();
        if (parameters == null) {
            return seed;
        }
        return seed.usedUpTo(
                lastUsedStep != null
                        ? lastUsedStep
                        : Totp.of(parameters).step(now) + policy.window().future());
    }

    @Override
    public String toString() {
        return "ExistingAuthenticator[" + (seed.totp() != null ? "TOTP" : "HOTP") + "]";
    }
}
