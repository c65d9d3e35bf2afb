// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The secret and the parameters of an authenticator's codes, and the position of the last used code.
 *
 * @param totp how time steps are counted; null for a counter-based authenticator
 * @param watermark the time step or counter of the last code that is used up: {@link Totp#NO_STEP} or -1 if none is
 * @param ownClock whether the authenticator is a token with its own clock; the offset then follows the drift of that
 *     clock
 * @param offset how many steps the authenticator's clock is ahead, -100 to 100
 */
record AuthenticatorSeed(
        SharedSecret secret,
        HmacAlgorithm algorithm,
        int digits,
        @Nullable TotpParameters totp,
        long watermark,
        boolean ownClock,
        int offset) {
    static final int MAX_OFFSET = 100;
    /** How far the search goes for a code that is right at another time: 10 minutes each way with 30-second steps. */
    static final int CLOCK_SEARCH_STEPS = 20;

    static AuthenticatorSeed totp(SharedSecret secret, TotpParameters parameters) {
        return new AuthenticatorSeed(
                secret, parameters.algorithm(), parameters.digits(), parameters, Totp.NO_STEP, false, 0);
    }

    AuthenticatorSeed usedUpTo(long position) {
        return new AuthenticatorSeed(secret, algorithm, digits, totp, position, ownClock, offset);
    }

    AuthenticatorSeed withOffset(int steps) {
        return new AuthenticatorSeed(secret, algorithm, digits, totp, watermark, ownClock, steps);
    }

    AuthenticatorSeed withOwnClock() {
        return new AuthenticatorSeed(secret, algorithm, digits, totp, watermark, true, offset);
    }

    int secretBytes() {
        byte[] bytes = secret.toBytes();
        Arrays.fill(bytes, (byte) 0);
        return bytes.length;
    }

    /** The key URI gets a copy of the secret, because this secret may be destroyed earlier. */
    KeyUri keyUri(String issuer, String accountName) {
        byte[] bytes = secret.toBytes();
        SharedSecret copy = SharedSecret.fromBytes(bytes);
        Arrays.fill(bytes, (byte) 0);
        return totp != null
                ? KeyUri.totp(issuer, accountName, copy, totp)
                : KeyUri.hotp(issuer, accountName, copy, algorithm, digits, watermark + 1);
    }

    @Override
    public String toString() {
        return "AuthenticatorSeed[" + (totp != null ? "TOTP" : "HOTP") + "]";
    }
}
