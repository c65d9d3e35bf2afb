// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/** One authenticator of an account, with the watermark that makes each of its codes good for one use. */
record Authenticator(
        AuthenticatorId id,
        String label,
        AuthenticatorSeed seed,
        Instant added,
        @Nullable Instant lastUsed) {
    /** RFC 4226 section 7.4: how many counters ahead two consecutive codes may be. */
    private static final int PAIR_COUNTERS = 100;

    /** The block of SHA-512, which no secret exceeds. */
    private static final int LONGEST_BLOCK_BYTES = 128;

    /** A code that is nearer than this is late or early, and the clock may still be right. */
    private static final int CLOCK_OFF_STEPS = 4;

    /** What a code is to this authenticator. */
    enum Kind {
        ACCEPTED,
        /** The very code that was accepted last. */
        REPEATED,
        /** A code of the window that is used up, by itself or by a later one. */
        REPLAYED,
        /** No code of the window is unused, so none could be accepted. */
        BEHIND_THE_CLOCK,
        WRONG
    }

    /** What a code is, and the time step or counter that it belongs to if it is accepted. */
    record Match(Kind kind, long position) {
        private static Match of(Kind kind) {
            return new Match(kind, Totp.NO_STEP);
        }
    }

    /** Compares a code. How many HMACs that takes depends on the authenticator, never on the code. */
    Match match(String code, Call call) {
        TotpParameters parameters = seed.totp();
        return parameters != null ? matchTotp(Totp.of(parameters), code, call) : matchHotp(code, call.policy());
    }

    private Match matchTotp(Totp totp, String code, Call call) {
        long used = seed.watermark();
        // The window with its used steps, because the step tells a replay from a wrong code.
        OptionalLong step =
                totp.match(secret(), code, ownTime(call.now()), call.policy().window(), Totp.NO_STEP);
        if (used != Totp.NO_STEP && isSame(totp.generate(secret(), totp.stepStart(used)), code)) {
            return Match.of(Kind.REPEATED);
        }
        if (used >= lastReached(call)) {
            return Match.of(Kind.BEHIND_THE_CLOCK);
        }
        if (step.isEmpty()) {
            return Match.of(Kind.WRONG);
        }
        // RFC 6238 section 5.2: a code must not be accepted a second time. Nor is one from before it.
        boolean fresh = step.getAsLong() > used && !isUsedUp(totp, code, call);
        return fresh ? new Match(Kind.ACCEPTED, step.getAsLong()) : Match.of(Kind.REPLAYED);
    }

    /** Whether a used step of the window has this code, because someone who saw it used must not get in with it. */
    private boolean isUsedUp(Totp totp, String code, Call call) {
        long last = Math.min(seed.watermark(), lastReached(call));
        boolean usedUp = false;
        for (long step = firstReached(call); step <= last; step++) {
            usedUp |= isSame(totp.generate(secret(), totp.stepStart(step)), code);
        }
        return usedUp;
    }

    private Match matchHotp(String code, TwoFactorPolicy policy) {
        Hotp hotp = Hotp.of(seed.algorithm(), seed.digits());
        long used = seed.watermark();
        OptionalLong counter = hotp.match(secret(), code, used + 1, policy.hotpLookAhead());
        if (used >= 0 && isSame(hotp.generate(secret(), used), code)) {
            return Match.of(Kind.REPEATED);
        }
        return counter.isPresent() ? new Match(Kind.ACCEPTED, counter.getAsLong()) : Match.of(Kind.WRONG);
    }

    /**
     * Compares two consecutive codes at a sign-in. Only a hardware token is moved: two codes of a phone that somebody
     * has watched must not shift the phone's window back to them. The position is that of the second code.
     */
    Match resynchronize(String first, String second, Call call) {
        boolean movable = seed.totp() == null || seed.ownClock();
        return movable
                ? matchPair(first, second, seed.offset(), AuthenticatorSeed.CLOCK_SEARCH_STEPS, call)
                : Match.of(Kind.WRONG);
    }

    /** Compares two consecutive codes at a confirmation, where any offset may be found. */
    Match matchPair(String first, String second, Call call) {
        return matchPair(first, second, 0, AuthenticatorSeed.MAX_OFFSET, call);
    }

    private Match matchPair(String first, String second, int offset, int reach, Call call) {
        TotpParameters parameters = seed.totp();
        long after = seed.watermark();
        if (parameters == null) {
            Hotp hotp = Hotp.of(seed.algorithm(), seed.digits());
            return matchPair(
                    counter -> hotp.generate(secret(), counter), after + 1, after + PAIR_COUNTERS - 1, first, second);
        }
        Totp totp = Totp.of(parameters);
        long now = totp.step(call.now());
        long from = now + Math.max(offset - reach, -AuthenticatorSeed.MAX_OFFSET);
        long last = now + Math.min(offset + reach, AuthenticatorSeed.MAX_OFFSET);
        return matchPair(
                step -> totp.generate(secret(), totp.stepStart(step)),
                Math.max(from - 1, after + 1),
                last - 1,
                first,
                second);
    }

    private static Match matchPair(LongFunction<String> codeAt, long from, long last, String first, String second) {
        Match found = Match.of(Kind.WRONG);
        for (long position = from; position <= last; position++) {
            // Both are compared at each position, so that the work does not depend on what was typed.
            boolean isFirst = isSame(codeAt.apply(position), first);
            boolean isSecond = isSame(codeAt.apply(position + 1), second);
            if (isFirst && isSecond) {
                found = new Match(Kind.ACCEPTED, position + 1);
            }
        }
        return found;
    }

    /**
     * How many steps away a code is right that is wrong now: 4 to 20 in either direction, + for a clock that is ahead.
     */
    OptionalInt stepsAway(String code, Call call) {
        TotpParameters parameters = seed.totp();
        OptionalInt found = OptionalInt.empty();
        if (parameters != null) {
            Totp totp = Totp.of(parameters);
            long center = totp.step(ownTime(call.now()));
            for (int steps = -AuthenticatorSeed.CLOCK_SEARCH_STEPS;
                    steps <= AuthenticatorSeed.CLOCK_SEARCH_STEPS;
                    steps++) {
                if (Math.abs(steps) >= CLOCK_OFF_STEPS
                        && isSame(totp.generate(secret(), totp.stepStart(center + steps)), code)) {
                    found = OptionalInt.of(steps);
                }
            }
        }
        return found;
    }

    /** After a right code. A token with a clock of its own is followed: its offset becomes that of the code. */
    Authenticator accepted(long position, Call call) {
        AuthenticatorSeed used = seed.usedUpTo(position);
        return with(seed.ownClock() ? used.withOffset(offsetOf(position, call)) : used, added, call.now());
    }

    /** After two consecutive codes, which tell where the clock is. */
    Authenticator resynchronized(long position, Call call) {
        AuthenticatorSeed used = seed.usedUpTo(position);
        return with(seed.totp() == null ? used : used.withOffset(offsetOf(position, call)), added, call.now());
    }

    Authenticator addedAt(Instant now) {
        return with(seed, now, lastUsed);
    }

    /** Uses up every step that a window reaches now: a code that was seen a moment ago is dead. Counters stay. */
    Authenticator withWindowUsedUp(Call call) {
        return seed.totp() == null
                ? this
                : with(seed.usedUpTo(Math.max(seed.watermark(), lastReached(call))), added, lastUsed);
    }

    private Authenticator with(AuthenticatorSeed after, Instant since, @Nullable Instant used) {
        return new Authenticator(id, label, after, since, used);
    }

    private int offsetOf(long position, Call call) {
        TotpParameters parameters = seed.totp();
        long steps = parameters == null ? 0 : position - Totp.of(parameters).step(call.now());
        return (int) Math.max(-AuthenticatorSeed.MAX_OFFSET, Math.min(AuthenticatorSeed.MAX_OFFSET, steps));
    }

    private long firstReached(Call call) {
        Window window = call.policy().window();
        return lastReached(call) - window.future() - window.past();
    }

    private long lastReached(Call call) {
        TotpParameters parameters = seed.totp();
        return parameters == null
                ? seed.watermark()
                : Totp.of(parameters).step(ownTime(call.now()))
                        + call.policy().window().future();
    }

    /** The time that the authenticator's own clock shows. */
    private Instant ownTime(Instant now) {
        TotpParameters parameters = seed.totp();
        return parameters == null ? now : now.plus(parameters.period().multipliedBy(seed.offset()));
    }

    private SharedSecret secret() {
        return seed.secret();
    }

    /** HMAC pads a key with zeros (RFC 2104 section 2), so two secrets that differ only in zeros at the end are the same. */
    boolean hasSecretOf(Authenticator other) {
        byte[] ours = padded(secret());
        byte[] theirs = padded(other.secret());
        boolean same = MessageDigest.isEqual(ours, theirs);
        Arrays.fill(ours, (byte) 0);
        Arrays.fill(theirs, (byte) 0);
        return same;
    }

    private static byte[] padded(SharedSecret secret) {
        byte[] bytes = secret.toBytes();
        byte[] padded = Arrays.copyOf(bytes, LONGEST_BLOCK_BYTES);
        Arrays.fill(bytes, (byte) 0);
        return padded;
    }

    TwoFactorStatus.Authenticator status() {
        boolean weak = seed.secretBytes() < TwoFactorPolicy.MIN_ENROLLED_SECRET_BYTES;
        return new TwoFactorStatus.Authenticator(id, label, added, Optional.ofNullable(lastUsed), weak, seed.offset());
    }

    TwoFactorEvent describe(TwoFactorEvent event) {
        TwoFactorEvent described = event.with(Detail.AUTHENTICATOR, id.value()).with(Detail.LABEL, label);
        return seed.offset() == 0 ? described : described.with(Detail.OFFSET, Integer.toString(seed.offset()));
    }

    private static boolean isSame(String expected, String code) {
        return MessageDigest.isEqual(expected.getBytes(US_ASCII), code.getBytes(UTF_8));
    }
}
