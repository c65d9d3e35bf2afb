// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * One-time codes from the time: TOTP, RFC 6238.
 *
 * <p>This class stores nothing. The caller has to store the step that {@link #match} returned, before it answers the
 * user, and has to pass it as {@code afterStep} the next time. Otherwise a code that somebody saw or phished is
 * accepted again (RFC 6238 section 5.2). The caller also has to limit the attempts. {@code dev.sallyport.TwoFactor}
 * does both.
 *
 * <p>The time must come from the server, never from the client. Times before {@code t0} have negative steps.
 *
 * <p>Immutable, and safe for use by many threads. The first call finds a security provider for the HMAC. Later calls
 * use the same provider.
 */
public final class Totp {
    /** For {@link #match}: no step has been used yet. This is below every step. */
    public static final long NO_STEP = Long.MIN_VALUE;

    private final TotpParameters parameters;
    private final OneTimeCodes codes;

    private Totp(TotpParameters parameters) {
        this.parameters = parameters;
        this.codes = new OneTimeCodes(parameters.algorithm(), parameters.digits());
    }

    /**
     * Makes the algorithm with its parameters.
     *
     * @param parameters {@link TotpParameters#DEFAULT}, unless the authenticator has others
     * @return the algorithm
     */
    public static Totp of(TotpParameters parameters) {
        return new Totp(parameters);
    }

    /**
     * Generates the code of one instant. A server needs this in tests only. To check what a user typed, call {@link
     * #match}, which takes the same time for every result.
     *
     * @param secret the shared secret
     * @param at the instant
     * @return ASCII digits, with their leading zeros
     * @throws IllegalStateException if the secret is destroyed, or if the security provider refuses its length, as FIPS
     *     modules do below 14 bytes
     */
    public String generate(SharedSecret secret, Instant at) {
        return codes.at(step(at), secret);
    }

    /**
     * Finds the time step that a code belongs to. The steps of the window around an instant are tried. Only steps after
     * {@code afterStep} count.
     *
     * <p>Every call computes and compares the codes of all steps of the window, including those that do not count. An
     * attacker who measures the time learns neither the codes nor how close a guess was.
     *
     * @param secret the shared secret
     * @param code what the user typed. A text other than exactly the right number of ASCII digits matches nothing. It
     *     does not cause an exception. Spaces are not removed
     * @param at the server's time
     * @param window how many steps to try before and after the present one
     * @param afterStep the last step that was used with this secret, or {@link #NO_STEP}
     * @return the step that has this code, always greater than {@code afterStep}; the highest one if several have it;
     *     empty if none has it
     * @throws IllegalStateException if the secret is destroyed, or if the security provider refuses its length, as FIPS
     *     modules do below 14 bytes
     */
    public OptionalLong match(SharedSecret secret, String code, Instant at, Window window, long afterStep) {
        Objects.requireNonNull(code, "code");
        long first = step(at) - window.past();
        return codes.highestMatch(secret, code, first, window.past() + window.future(), afterStep);
    }

    /**
     * The time step of an instant: T of RFC 6238 section 4.2, which is (current time - T0) / X, rounded down.
     *
     * @param at the instant
     * @return the step; negative before {@code t0}
     */
    public long step(Instant at) {
        // The nanoseconds do not matter, because T0 is a whole second and Instant rounds its seconds down.
        long seconds = at.getEpochSecond() - parameters.t0().getEpochSecond();
        return Math.floorDiv(seconds, parameters.period().toSeconds());
    }

    /**
     * The first instant of a time step.
     *
     * @param step a step
     * @return the first instant for which {@link #step} returns this step. It is {@link Instant#MIN} for the step that
     *     began before {@link Instant#MIN}
     * @throws IllegalArgumentException if no instant is in this step
     */
    public Instant stepStart(long step) {
        if (step < step(Instant.MIN) || step > step(Instant.MAX)) {
            throw new IllegalArgumentException("no instant is in this time step");
        }
        long start =
                parameters.t0().getEpochSecond() + step * parameters.period().toSeconds();
        return Instant.ofEpochSecond(Math.max(start, Instant.MIN.getEpochSecond()));
    }
}
