// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.testing;

import dev.sallyport.PendingEnrollment;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * An authenticator app on a phone, or a hardware token. It knows what the QR code contains, and nothing of the server's
 * records.
 *
 * <p>The codes of a TOTP authenticator depend on the time. {@link #clockOff} sets its clock wrong. {@link
 * #driftPerDay} makes the clock too fast or too slow. A HOTP authenticator counts instead: it has a button that shows
 * the next code.
 *
 * <p>The codes come from {@link Totp} and {@link Hotp} of the core. So a test with this phone tests the application,
 * and is no evidence that the core computes right codes. That is the work of the core's own tests.
 *
 * <p>The server and the phone share one {@link SteppedClock}. If a phone moves it, the time passes for the server and
 * for all other phones too. Safe for use by many threads.
 */
public final class VirtualPhone {
    /** The server searches at most 100 steps or counters each way. */
    private static final int CODES_AROUND = 200;

    private final SharedSecret secret;
    private final Totp totp;
    private final Hotp hotp;
    private final int digits;
    private final boolean counts;
    private final SteppedClock clock;
    private final Set<String> given = new HashSet<>();

    private long counter;
    /** How far the phone's clock was off at {@link #since}, when it was set last. */
    private Duration off = Duration.ZERO;

    private Duration gainedPerDay = Duration.ZERO;
    private Instant since;

    private VirtualPhone(SharedSecret secret, TotpParameters parameters, OptionalLong counter, SteppedClock clock) {
        // A copy, because the server may destroy its own.
        this.secret = SharedSecret.fromBytes(secret.toBytes());
        this.totp = Totp.of(parameters);
        this.hotp = Hotp.of(parameters.algorithm(), parameters.digits());
        this.digits = parameters.digits();
        this.counts = counter.isPresent();
        this.counter = counter.orElse(0);
        this.clock = clock;
        this.since = clock.instant();
    }

    /**
     * Scans the QR code of an enrollment.
     *
     * @param pending what {@code beginEnrollment} or {@code addAuthenticator} returned
     * @param clock the clock that the server has too
     * @return a phone that has done nothing yet, and whose clock is right
     */
    public static VirtualPhone scan(PendingEnrollment pending, SteppedClock clock) {
        return scan(pending.keyUri(), clock);
    }

    /**
     * Scans a key URI. A HOTP key URI makes a token with a button, which shows the code of the URI's counter first.
     *
     * @param keyUri the content of the QR code, for example from {@link KeyUri#parse}
     * @param clock the clock that the server has too
     * @return a phone that has done nothing yet, and whose clock is right
     */
    public static VirtualPhone scan(KeyUri keyUri, SteppedClock clock) {
        Duration period = keyUri.period().orElse(TotpParameters.DEFAULT.period());
        TotpParameters parameters =
                new TotpParameters(keyUri.algorithm(), keyUri.digits(), period, TotpParameters.DEFAULT.t0());
        return new VirtualPhone(keyUri.secret(), parameters, keyUri.counter(), clock);
    }

    /**
     * Types the secret into the app, as people do who cannot scan the QR code. An app then assumes SHA1, 6 digits and
     * 30 seconds.
     *
     * @param secretForTyping the secret in Base32. Spaces and lower case are allowed
     * @param clock the clock that the server has too
     * @return a phone that has done nothing yet, and whose clock is right
     * @throws IllegalArgumentException if the text is not a secret
     */
    public static VirtualPhone typed(String secretForTyping, SteppedClock clock) {
        SharedSecret secret = SharedSecret.fromBase32(secretForTyping);
        return new VirtualPhone(secret, TotpParameters.DEFAULT, OptionalLong.empty(), clock);
    }

    /**
     * Reads the code that the phone shows. If this method has returned that code before, it first waits for the next
     * one, as a person does: it moves the clock to the next time step, or presses the button again. So it never returns
     * the same code twice. The clock moves by at most one time step of the phone. If the next code happens to have the
     * same digits as one before, the phone waits for the one after.
     *
     * <p>Sallyport rejects a code that was used, and every older one. A used backup code or temporary code also uses up
     * the codes that the phone shows now and next: call {@code advance(2)} after it.
     *
     * @return digits, as many as the key URI says
     * @throws IllegalStateException if all codes of this length have been returned
     */
    public synchronized String code() {
        if (given.size() == (int) Math.pow(10, digits)) {
            throw new IllegalStateException("the phone has shown each code of " + digits + " digits once");
        }
        String code = codeOf(position());
        while (!given.add(code)) {
            advance(1);
            code = codeOf(position());
        }
        return code;
    }

    /**
     * Computes the code that the phone shows when the server's clock shows an instant. It does not count as read, and
     * no clock moves. A code of some minutes ago is an example of a wrong code that a real user types.
     *
     * @param at an instant of the server's clock. If the phone's clock is off, the phone itself shows another time then
     * @return digits, as many as the key URI says
     * @throws IllegalStateException if this is a HOTP token, because it has no clock
     */
    public synchronized String codeAt(Instant at) {
        if (counts) {
            throw new IllegalStateException("a HOTP token has no clock: call code() and advance(..)");
        }
        return totp.generate(secret, timeAt(at));
    }

    /**
     * Shows a later code. A phone waits for it: the clock moves to the first instant of its time step. The button of a
     * HOTP token is pressed as often as needed. The codes between are not read.
     *
     * @param codes how much later, 0 or more. 1 is the next code
     * @throws IllegalArgumentException if the number is negative
     */
    public synchronized void advance(int codes) {
        if (codes < 0) {
            throw new IllegalArgumentException(
                    "a phone does not show earlier codes again: 0 or more codes, not " + codes);
        }
        if (counts) {
            counter += codes;
            return;
        }
        // Nobody else moves the clock between the look at it and the move.
        synchronized (clock) {
            long step = totp.step(time()) + codes;
            // If the phone's clock is slow, it is not yet there after the first round.
            while (totp.step(time()) < step) {
                clock.advance(Duration.between(time(), totp.stepStart(step)));
            }
        }
    }

    /**
     * Returns a code that is certainly wrong. It is none of the 200 codes before and after the one that the phone
     * shows, and none of the 200 before and after the one that it would show with a right clock. It is the same for
     * each call, until time passes or the button is pressed.
     *
     * @return digits, as many as the key URI says
     */
    public synchronized String wrongCode() {
        Set<String> right = LongStream.of(position(), counts ? counter : totp.step(clock.instant()))
                .flatMap(center -> LongStream.rangeClosed(center - CODES_AROUND, center + CODES_AROUND))
                .filter(position -> position >= 0 || !counts)
                .mapToObj(this::codeOf)
                .collect(Collectors.toSet());
        return IntStream.iterate(0, number -> number + 1)
                .mapToObj(number -> String.format(Locale.ROOT, "%0" + digits + "d", number))
                .filter(code -> !right.contains(code))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Sets the phone's clock wrong, or right again.
     *
     * @param by how far it is off from now on: negative if it is behind, zero if it is right. It drifts from there if
     *     {@link #driftPerDay} said so
     */
    public synchronized void clockOff(Duration by) {
        off = Objects.requireNonNull(by, "by");
        since = clock.instant();
    }

    /**
     * Makes the phone's clock go too fast or too slow from now on. Hardware tokens do that: one second a day is a bad
     * one. What the clock is off already remains.
     *
     * @param gained what it gains in 24 hours, less than an hour. Negative if it loses
     * @throws IllegalArgumentException if it is an hour or more, in either direction
     */
    public synchronized void driftPerDay(Duration gained) {
        if (gained.abs().compareTo(Duration.ofHours(1)) >= 0) {
            throw new IllegalArgumentException("a clock drifts by less than an hour a day, and not by " + gained);
        }
        clockOff(Duration.between(clock.instant(), time()));
        gainedPerDay = gained;
    }

    /** The counter or the time step whose code the phone shows. */
    private long position() {
        return counts ? counter : totp.step(time());
    }

    private String codeOf(long position) {
        return counts ? hotp.generate(secret, position) : totp.generate(secret, totp.stepStart(position));
    }

    private Instant time() {
        return timeAt(clock.instant());
    }

    /** What the phone's clock shows when the server's clock shows an instant. */
    private Instant timeAt(Instant at) {
        long seconds = Duration.between(since, at).toSeconds();
        return at.plus(off)
                .plus(gainedPerDay
                        .multipliedBy(seconds)
                        .dividedBy(Duration.ofDays(1).toSeconds()));
    }

    /** {@return TOTP or HOTP, without the secret} */
    @Override
    public String toString() {
        return "VirtualPhone[" + (counts ? KeyUri.Type.HOTP : KeyUri.Type.TOTP) + "]";
    }
}
