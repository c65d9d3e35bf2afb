// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What makes an authenticator's codes: its shared secret, how they are computed, and which was used last. For hardware
 * tokens, and for secrets carried over from another library; an enrollment without a seed gets a new secret, which is
 * better. Immutable; redacted in {@link #toString()}.
 */
public final class AuthenticatorSeed {
    /** Far beyond any token, and far enough from the end that no look-ahead overflows. */
    private static final long MAX_COUNTER = 1L << 62;

    private final SharedSecret secret;
    private final HmacAlgorithm algorithm;
    private final int digits;
    private final @Nullable TotpParameters totp;
    private final long watermark;

    AuthenticatorSeed(
            SharedSecret secret, HmacAlgorithm algorithm, int digits, @Nullable TotpParameters totp, long watermark) {
        this.secret = secret;
        this.algorithm = algorithm;
        this.digits = digits;
        this.totp = totp;
        this.watermark = watermark;
    }

    /**
     * An authenticator app (RFC 6238) of which no code was used yet.
     *
     * @param secret its secret
     * @param parameters how it computes codes
     * @return the seed
     */
    public static AuthenticatorSeed totp(SharedSecret secret, TotpParameters parameters) {
        return new AuthenticatorSeed(secret, parameters.algorithm(), parameters.digits(), parameters, Totp.NO_STEP);
    }

    /**
     * A counter-based token (RFC 4226).
     *
     * @param secret its secret
     * @param algorithm how it computes codes
     * @param digits how many digits a code has, 6 to 8
     * @param counter the counter of the next code, one more than that of the last used one; 0 to 2^62
     * @return the seed
     * @throws IllegalArgumentException if digits or counter are out of range
     */
    public static AuthenticatorSeed hotp(SharedSecret secret, HmacAlgorithm algorithm, int digits, long counter) {
        if (counter < 0 || counter > MAX_COUNTER) {
            throw new IllegalArgumentException("a counter is 0 to 2^62");
        }
        Hotp.of(algorithm, digits);
        return new AuthenticatorSeed(secret, algorithm, digits, null, counter - 1);
    }

    /**
     * What a key URI says.
     *
     * @param keyUri a parsed key URI
     * @return the seed
     * @throws IllegalArgumentException if its counter is out of range
     */
    public static AuthenticatorSeed of(KeyUri keyUri) {
        SharedSecret secret = keyUri.secret();
        if (keyUri.counter().isPresent()) {
            return hotp(
                    secret,
                    keyUri.algorithm(),
                    keyUri.digits(),
                    keyUri.counter().getAsLong());
        }
        Duration period = keyUri.period().orElseThrow();
        return totp(secret, new TotpParameters(keyUri.algorithm(), keyUri.digits(), period, Instant.EPOCH));
    }

    /**
     * The same seed, with the codes up to a time step used already. Without it, a code that another library accepted a
     * moment ago would be accepted once more.
     *
     * @param step the time step of the last accepted code
     * @return a new seed
     * @throws IllegalStateException if this one is counter-based
     * @throws IllegalArgumentException if no clock shows that step
     */
    public AuthenticatorSeed lastUsedStep(long step) {
        if (totp == null) {
            throw new IllegalStateException("a counter-based authenticator has no time steps");
        }
        Totp.of(totp).stepStart(step);
        return usedUpTo(step);
    }

    /** The same seed after a code was accepted. */
    AuthenticatorSeed usedUpTo(long accepted) {
        return new AuthenticatorSeed(secret, algorithm, digits, totp, accepted);
    }

    /** With a secret of its own, which outlives this one's. */
    AuthenticatorSeed copy() {
        byte[] bytes = secret.toBytes();
        SharedSecret copy = SharedSecret.fromBytes(bytes);
        Arrays.fill(bytes, (byte) 0);
        return new AuthenticatorSeed(copy, algorithm, digits, totp, watermark);
    }

    KeyUri keyUri(String issuer, String accountName) {
        return totp != null
                ? KeyUri.totp(issuer, accountName, secret, totp)
                : KeyUri.hotp(issuer, accountName, secret, algorithm, digits, watermark + 1);
    }

    SharedSecret secret() {
        return secret;
    }

    HmacAlgorithm algorithm() {
        return algorithm;
    }

    int digits() {
        return digits;
    }

    /** How time steps are counted; null for a counter-based authenticator. */
    @Nullable
    TotpParameters totp() {
        return totp;
    }

    /** The time step or counter of the last accepted code: {@link Totp#NO_STEP}, or -1, if none was. */
    long watermark() {
        return watermark;
    }

    @Override
    public String toString() {
        return "AuthenticatorSeed[" + (totp != null ? "TOTP" : "HOTP") + "]";
    }
}
