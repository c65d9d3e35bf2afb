// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** One authenticator of an account, with the watermark that makes each of its codes good for one use. */
record Authenticator(
        AuthenticatorId id,
        String label,
        AuthenticatorSeed seed,
        Instant added,
        @Nullable Instant lastUsed) {

    /** What a code is to this authenticator. */
    enum Kind {
        ACCEPTED,
        /** The very code that was accepted last. */
        REPEATED,
        /** A code of the window that a later one, or itself, has used up. */
        REPLAYED,
        /** Nothing in the window is after the watermark, so no code could be accepted. */
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
    Match match(String code, Instant now, TwoFactorPolicy policy) {
        TotpParameters parameters = seed.totp();
        return parameters != null ? matchTotp(Totp.of(parameters), code, now, policy) : matchHotp(code, policy);
    }

    private Match matchTotp(Totp totp, String code, Instant now, TwoFactorPolicy policy) {
        SharedSecret secret = seed.secret();
        long used = seed.watermark();
        // The window with its used steps, because a replay is told from a wrong code by the step it belongs to.
        OptionalLong step = totp.match(secret, code, now, policy.window(), Totp.NO_STEP);
        // Also where it equals the code of a later step: whoever saw it used must not pass with it.
        if (used != Totp.NO_STEP && isSame(totp.generate(secret, totp.stepStart(used)), code)) {
            return Match.of(Kind.REPEATED);
        }
        if (used >= totp.step(now) + policy.window().future()) {
            return Match.of(Kind.BEHIND_THE_CLOCK);
        }
        if (step.isEmpty()) {
            return Match.of(Kind.WRONG);
        }
        // RFC 6238 section 5.2: a code must not be accepted a second time, nor one from before it.
        return step.getAsLong() > used ? new Match(Kind.ACCEPTED, step.getAsLong()) : Match.of(Kind.REPLAYED);
    }

    private Match matchHotp(String code, TwoFactorPolicy policy) {
        Hotp hotp = Hotp.of(seed.algorithm(), seed.digits());
        long used = seed.watermark();
        OptionalLong counter = hotp.match(seed.secret(), code, used + 1, policy.hotpLookAhead());
        if (used >= 0 && isSame(hotp.generate(seed.secret(), used), code)) {
            return Match.of(Kind.REPEATED);
        }
        return counter.isPresent() ? new Match(Kind.ACCEPTED, counter.getAsLong()) : Match.of(Kind.WRONG);
    }

    /** RFC 4226 section 7.4: looks further ahead for two consecutive codes than for one. The position is the second's. */
    Match match(String first, String second, TwoFactorPolicy policy) {
        Match found = Match.of(Kind.WRONG);
        if (seed.totp() == null) {
            Hotp hotp = Hotp.of(seed.algorithm(), seed.digits());
            for (int ahead = 1; ahead < policy.resynchronizationRange(); ahead++) {
                long counter = seed.watermark() + ahead;
                OptionalLong one = hotp.match(seed.secret(), first, counter, 0);
                OptionalLong two = hotp.match(seed.secret(), second, counter + 1, 0);
                if (one.isPresent() && two.isPresent()) {
                    found = new Match(Kind.ACCEPTED, counter + 1);
                }
            }
        }
        return found;
    }

    boolean hasSecretOf(Authenticator other) {
        return seed.secret().equals(other.seed.secret());
    }

    TwoFactorStatus.Authenticator status() {
        return new TwoFactorStatus.Authenticator(id, label, added, Optional.ofNullable(lastUsed));
    }

    /** The code that confirms an enrollment is used up by it like any other. */
    Authenticator confirmed(long position, Instant now) {
        return new Authenticator(id, label, seed.usedUpTo(position), now, now);
    }

    Authenticator accepted(long position, Instant now) {
        return new Authenticator(id, label, seed.usedUpTo(position), added, now);
    }

    private static boolean isSame(String expected, String code) {
        return MessageDigest.isEqual(expected.getBytes(UTF_8), code.getBytes(UTF_8));
    }
}
