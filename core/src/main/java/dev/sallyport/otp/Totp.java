// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * One-time codes from the time: TOTP, RFC 6238.
 *
 * <p>This class keeps nothing. The caller keeps the step that {@link #match} returned, hands it in as {@code afterStep}
 * the next time, and stores it before answering anybody; without that, a code that was seen or phished passes again (RFC
 * 6238 section 5.2). The caller also limits the attempts. {@code dev.sallyport.TwoFactor} does both.
 *
 * <p>Time comes from the server, never from the client. Times before {@code t0} have negative steps.
 *
 * <p>Immutable, and safe for use by many threads. The first call finds the security provider of the HMAC, and later ones
 * stay with it.
 */
public final class Totp {
    /** For {@link #match}: no step has been used yet. Below every step there is. */
    public static final long NO_STEP = Long.MIN_VALUE;

    private final TotpParameters parameters;
    private final OneTimeCodes codes;

    private Totp(TotpParameters parameters) {
        this.parameters = parameters;
        this.codes = new OneTimeCodes(parameters.algorithm(), parameters.digits());
    }

    /**
     * The algorithm with its parameters.
     *
     * @param parameters {@link TotpParameters#DEFAULT}, unless there is a reason
     * @return the algorithm
     */
    public static Totp of(TotpParameters parameters) {
        return new Totp(parameters);
    }

    /**
     * Generates the code of one instant. A server has no use for this but in tests: to check what was typed, call
     * {@link #match}, which takes the same time for every answer.
     *
     * @param secret the shared secret
     * @param at when
     * @return ASCII digits, with their leading zeros
     * @throws IllegalStateException if the secret is destroyed
     */
    public String generate(SharedSecret secret, Instant at) {
        return codes.at(step(at), secret);
    }

    /**
     * Finds the time step that a code belongs to, in the window around an instant and after a step.
     *
     * <p>All steps of the window are computed and compared in every call, whatever was typed and whatever
     * {@code afterStep} rules out. Whoever measures the time learns nothing about the codes, nor how near a guess was.
     *
     * @param secret the shared secret
     * @param code what was typed. Anything but exactly as many ASCII digits as a code has matches nothing, spaces
     *     included; nothing is thrown
     * @param at the server's time
     * @param window how many steps to either side to try
     * @param afterStep the last step that this secret's owner has used, or {@link #NO_STEP}
     * @return the highest step that has this code, where two have the same, and always above {@code afterStep}; empty
     *     when there is none
     * @throws IllegalStateException if the secret is destroyed
     */
    public OptionalLong match(SharedSecret secret, String code, Instant at, Window window, long afterStep) {
        Objects.requireNonNull(code, "code");
        long first = step(at) - window.past();
        return codes.highestMatch(secret, code, first, window.past() + window.future(), afterStep);
    }

    /**
     * The time step of an instant: T of RFC 6238 section 4.2, which is (current time - T0) / X, rounded down.
     *
     * @param at when
     * @return the step; negative before {@code t0}
     */
    public long step(Instant at) {
        // T0 is a whole second, and Instant counts seconds rounded down: so nothing is lost without the nanoseconds.
        long seconds = at.getEpochSecond() - parameters.t0().getEpochSecond();
        return Math.floorDiv(seconds, parameters.period().toSeconds());
    }

    /**
     * The first instant of a time step: the one from which {@link #step} gives it.
     *
     * @param step a step
     * @return its first instant, or {@link Instant#MIN} in the step that began before that
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
