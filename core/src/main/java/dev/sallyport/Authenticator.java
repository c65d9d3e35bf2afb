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

/** One authenticator of an account, with the watermark that lets each of its codes be used only once. */
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

    /** A code that is fewer steps away may only be late or early. The clock may still be right. */
    private static final int CLOCK_OFF_STEPS = 4;

    /** On either side the search reaches from {@link #CLOCK_OFF_STEPS} to the end, around the middle of the two. */
    private static final int SEARCH_CENTER = (CLOCK_OFF_STEPS + AuthenticatorSeed.CLOCK_SEARCH_STEPS) / 2;

    private static final Window SEARCH =
            new Window(SEARCH_CENTER - CLOCK_OFF_STEPS, AuthenticatorSeed.CLOCK_SEARCH_STEPS - SEARCH_CENTER);

    /** The result of comparing a code with this authenticator. */
    enum Kind {
        ACCEPTED,
        /** Exactly the code that was accepted last. */
        REPEATED,
        /** A code of the window that was used, or that is older than the last used one. */
        REPLAYED,
        /** All codes of the window are used up, so none can be accepted. */
        BEHIND_THE_CLOCK,
        WRONG
    }

    /** What a code is, and the time step or counter that it belongs to if it is accepted. */
    record Match(Kind kind, long position) {
        private static Match of(Kind kind) {
            return new Match(kind, Totp.NO_STEP);
        }
    }

    /** Compares a code. The number of HMACs depends on the authenticator and never on the code. */
    Match match(String code, Call call) {
        TotpParameters parameters = seed.totp();
        return parameters != null ? matchTotp(Totp.of(parameters), code, call) : matchHotp(code, call.policy());
    }

    private Match matchTotp(Totp totp, String code, Call call) {
        long used = seed.watermark();
        // Used steps are searched, too, because the step distinguishes a replay from a wrong code.
        OptionalLong step =
                totp.match(secret(), code, ownTime(call.now()), call.policy().window(), Totp.NO_STEP);
        // A double click is not a guess.
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

    /**
     * Whether a step of the window from before the last used one has this code, because someone who saw it used must
     * not get in with it.
     */
    private boolean isUsedUp(Totp totp, String code, Call call) {
        boolean usedUp = false;
        for (long step = firstReached(call); step < seed.watermark(); step++) {
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
     * Compares two consecutive codes at a sign-in. Only a hardware token is adjusted. Otherwise somebody who saw two
     * codes of a phone could shift the phone's window back to them. The position in the result is that of the second
     * code.
     */
    Match resynchronize(String first, String second, Call call) {
        boolean movable = seed.totp() == null || seed.ownClock();
        return movable
                ? matchPair(first, second, seed.offset(), AuthenticatorSeed.CLOCK_SEARCH_STEPS, call)
                : Match.of(Kind.WRONG);
    }

    /** Compares two consecutive codes at a confirmation. Any offset within the limit is accepted. */
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
     * Searches for a wrong code 4 to 20 steps away in either direction. Returns the distance, which is positive if the
     * authenticator's clock is ahead; empty if the code is not found.
     */
    OptionalInt stepsAway(String code, Call call) {
        TotpParameters parameters = seed.totp();
        if (parameters == null) {
            return OptionalInt.empty();
        }
        Totp totp = Totp.of(parameters);
        long now = totp.step(ownTime(call.now()));
        OptionalLong behind = totp.match(secret(), code, totp.stepStart(now - SEARCH_CENTER), SEARCH, Totp.NO_STEP);
        OptionalLong ahead = totp.match(secret(), code, totp.stepStart(now + SEARCH_CENTER), SEARCH, Totp.NO_STEP);
        OptionalLong found = ahead.isPresent() ? ahead : behind;
        return found.isPresent() ? OptionalInt.of((int) (found.getAsLong() - now)) : OptionalInt.empty();
    }

    /** The authenticator after a right code. For a token with its own clock, the offset becomes that of the code. */
    Authenticator accepted(long position, Call call) {
        AuthenticatorSeed used = seed.usedUpTo(position);
        return with(seed.ownClock() ? used.withOffset(offsetOf(position, call)) : used, added, call.now());
    }

    /** The authenticator after two consecutive right codes. Its offset becomes that of the second code. */
    Authenticator resynchronized(long position, Call call) {
        return with(seed.usedUpTo(position).withOffset(offsetOf(position, call)), added, call.now());
    }

    Authenticator addedAt(Instant now) {
        return with(seed, now, lastUsed);
    }

    /**
     * Uses up all steps of the present window, so that a code that somebody saw a moment ago is refused. Counters stay.
     */
    Authenticator withWindowUsedUp(Call call) {
        return with(seed.usedUpTo(Math.max(seed.watermark(), lastReached(call))), added, lastUsed);
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

    /**
     * HMAC pads a key with zeros (RFC 2104 section 2), so two secrets that differ only in zeros at the end are the
     * same.
     */
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
