// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import java.time.Duration;
import java.time.Instant;

/**
 * The ten numbers that an application can choose. The defaults are right for a usual application; change one only for a
 * reason.
 *
 * <p>A policy is checked when it is built. It is refused if somebody who knows the password could guess a code with a
 * probability of more than 2 % in 30 days. {@link #guessProbability} returns this probability. Immutable.
 */
public final class TwoFactorPolicy {
    // The numbers that applications cannot choose, each with its reason.

    /** After this time a password check is too old to sign somebody in. */
    static final Duration CHALLENGE_LIFETIME = Duration.ofMinutes(10);

    /** Long enough to install an app; short enough for a secret on an unattended screen. */
    static final Duration ENROLLMENT_LIFETIME = Duration.ofMinutes(10);

    /**
     * A person who makes ten mistakes needs help. More attempts would help somebody guess a code of the new
     * authenticator.
     */
    static final int ENROLLMENT_FAILURES = 10;

    /** A browser that was not used for a year has probably been replaced. */
    static final Duration KNOWN_BROWSER_LIFETIME = Duration.ofDays(365);

    /** More browsers than people use; together with the rest, a record stays under 8 KB. */
    static final int MAX_BROWSERS = 20;

    /** Each authenticator gives a guess another chance, so there are few. */
    static final int MAX_AUTHENTICATORS = 5;

    /** NIST SP 800-63B-4 section 3.2.2 admits 100 consecutive failures of an authenticator: 50 at each door. */
    static final int FAILURES_BEFORE_SUSPENSION = 50;

    /** So many consecutive failures from one browser or session look like a thief. */
    static final int FAILURES_BEFORE_EXPULSION = 10;

    /** A longer lockout would only delay the owner, because the budget already bounds the attacker. */
    static final Duration LONGEST_LOCKOUT = Duration.ofHours(1);

    /** RFC 6238 section 5.2 wants a short life; 60-second tokens with a window of one step each way need 3 minutes. */
    static final Duration MAX_CODE_LIFETIME = Duration.ofMinutes(5);

    /**
     * How far the clocks of two nodes may differ. It only tolerates an instant ahead of now; it lengthens no lifetime.
     */
    static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

    /** Any 30 days touch at most 31 calendar days. */
    static final int BUDGET_DAYS = 31;

    /** If no more than this many backup codes are left, an event says so. */
    static final int BACKUP_CODES_LOW = 3;

    /** A temporary code bridges the day on which somebody has lost the phone. */
    static final Duration MAX_TEMPORARY_CODE_LIFETIME = Duration.ofHours(24);

    /** RFC 4226 section 4, R6: a shared secret has 128 bits. Shorter ones can only be imported. */
    static final int MIN_ENROLLED_SECRET_BYTES = 16;

    private static final double MAX_GUESS_PROBABILITY = 0.02;
    private static final int DAYS_PER_BUDGET = 30;

    private final TotpParameters totp;
    private final Window window;
    private final int hotpLookAhead;
    private final int failuresBeforeLockout;
    private final Duration firstLockout;
    private final int strangersBudget;
    private final int knownBudget;
    private final int backupCodes;
    private final Duration browserLifetime;
    private final Duration proofLifetime;

    private TwoFactorPolicy(Builder builder) {
        totp = builder.totp;
        window = builder.window;
        hotpLookAhead = builder.hotpLookAhead;
        failuresBeforeLockout = builder.failuresBeforeLockout;
        firstLockout = builder.firstLockout;
        strangersBudget = builder.strangersBudget;
        knownBudget = builder.knownBudget;
        backupCodes = builder.backupCodes;
        browserLifetime = builder.browserLifetime;
        proofLifetime = builder.proofLifetime;
        requireRanges();
        double risk = guessProbability(Math.max(strangersBudget, knownBudget), Duration.ZERO, MAX_AUTHENTICATORS);
        if (risk > MAX_GUESS_PROBABILITY) {
            throw new IllegalArgumentException("this policy lets a code be guessed in 30 days with a probability of "
                    + risk + ", over 0.02: lower strangersBudget, knownBudget, window or hotpLookAhead");
        }
    }

    private void requireRanges() {
        if (!totp.t0().equals(Instant.EPOCH)) {
            throw new IllegalArgumentException(
                    "totp must count from the epoch, because a key URI cannot say another start");
        }
        range("window.past", window.past(), 0, 5);
        range("window.future", window.future(), 0, 5);
        requireCodeLifetime(totp);
        range("hotpLookAhead", hotpLookAhead, 0, 20);
        range("failuresBeforeLockout", failuresBeforeLockout, 1, FAILURES_BEFORE_EXPULSION);
        range("firstLockout", firstLockout, Duration.ofSeconds(1), LONGEST_LOCKOUT);
        range("strangersBudget", strangersBudget, failuresBeforeLockout, 1_000_000);
        range("knownBudget", knownBudget, failuresBeforeLockout, 1_000_000);
        range("backupCodes", backupCodes, 1, 20);
        range("browserLifetime", browserLifetime, Duration.ofHours(1), Duration.ofDays(90));
        range("proofLifetime", proofLifetime, Duration.ofSeconds(1), Duration.ofMinutes(15));
    }

    /** {@return the policy of {@code builder().build()}} */
    public static TwoFactorPolicy defaults() {
        return builder().build();
    }

    /**
     * Returns the defaults, changed to the letter of OWASP ASVS 5.0 requirement 6.5.5. A code is valid for 30 seconds
     * only, so a slow person or a phone whose clock is wrong fails more often.
     *
     * @return the policy with a window of 0 steps back and 0 ahead
     */
    public static TwoFactorPolicy asvsStrict() {
        return builder().window(new Window(0, 0)).build();
    }

    /** {@return a new builder that starts from the defaults} */
    public static Builder builder() {
        return new Builder();
    }

    /** {@return how the codes of new authenticators are made} */
    public TotpParameters totp() {
        return totp;
    }

    /** {@return how many time steps back and ahead of the authenticator's clock a code may be} */
    public Window window() {
        return window;
    }

    /** {@return how many counters ahead of the expected one a code may be (RFC 4226 section 7.4)} */
    public int hotpLookAhead() {
        return hotpLookAhead;
    }

    /** {@return how many consecutive failures start a lockout} */
    public int failuresBeforeLockout() {
        return failuresBeforeLockout;
    }

    /** {@return how long the first lockout lasts; each further failure doubles it, up to one hour} */
    public Duration firstLockout() {
        return firstLockout;
    }

    /**
     * {@return how many wrong one-time codes unknown browsers may send in any 30 days, even with right codes between
     * them}
     */
    public int strangersBudget() {
        return strangersBudget;
    }

    /** {@return how many wrong one-time codes known browsers and sessions may send in any 30 days} */
    public int knownBudget() {
        return knownBudget;
    }

    /** {@return how many backup codes a set has} */
    public int backupCodes() {
        return backupCodes;
    }

    /** {@return how long a remembered browser needs no code} */
    public Duration browserLifetime() {
        return browserLifetime;
    }

    /** {@return how long a proof can be used, counted from its code} */
    public Duration proofLifetime() {
        return proofLifetime;
    }

    /**
     * Returns an upper bound of the probability that somebody who knows only the password guesses a one-time code. The
     * bound holds for any patience and for any number of guesses at a time.
     *
     * <p>In any 30 days the strangers' door admits {@link #strangersBudget()} guesses. Each may hit any live code of
     * any authenticator, with the probability that RFC 4226 appendix A.4.2 gives for one code. A pair of codes is one
     * guess. A right pair is less probable than one right code, so the bound covers pairs. It does not cover an
     * operator's {@code unlock}; phishing; codes that confirm another authenticator, because that needs a proof; an
     * authenticator that an earlier policy enrolled with fewer digits.
     *
     * @param duration how long the attacker goes on, 0 or more
     * @param authenticators how many authenticators the account has, 1 to 5
     * @return the bound, 0 to 1
     * @throws IllegalArgumentException if an argument is out of range
     */
    public double guessProbability(Duration duration, int authenticators) {
        return guessProbability(strangersBudget, duration, authenticators);
    }

    /**
     * The same bound for somebody who has the password and a stolen browser token, or a stolen session: the known door
     * admits {@link #knownBudget()} guesses in any 30 days.
     *
     * @param duration how long the attacker goes on, 0 or more
     * @param authenticators how many authenticators the account has, 1 to 5
     * @return the bound, 0 to 1
     * @throws IllegalArgumentException if an argument is out of range
     */
    public double guessProbabilityFromKnownBrowser(Duration duration, int authenticators) {
        return guessProbability(knownBudget, duration, authenticators);
    }

    private double guessProbability(int budget, Duration duration, int authenticators) {
        range("authenticators", authenticators, 1, MAX_AUTHENTICATORS);
        range("duration", duration, Duration.ZERO, Duration.ofSeconds(Long.MAX_VALUE));
        double seconds = duration.toSeconds() + (duration.toNanosPart() > 0 ? 1 : 0);
        double periods = Math.max(1, Math.ceil(seconds / (DAYS_PER_BUDGET * 86_400.0)));
        int liveCodes = authenticators * Math.max(1 + window.past() + window.future(), 1 + hotpLookAhead);
        double truncations = Math.scalb(1.0, 31);
        double perCode = Math.ceil(truncations / Math.pow(10, totp.digits())) / truncations;
        return Math.min(1, budget * periods * liveCodes * perCode);
    }

    /** Refuses an authenticator that would weaken the published bound, and one whose last step is too far ahead. */
    void requireSuitable(AuthenticatorSeed seed, int minSecretBytes, Instant now) {
        if (seed.secretBytes() < minSecretBytes) {
            throw new IllegalArgumentException(
                    "a secret of " + seed.secretBytes() * 8 + " bits is too short to enroll");
        }
        range("digits", seed.digits(), totp.digits(), 8);
        TotpParameters parameters = seed.totp();
        if (parameters != null) {
            requireCodeLifetime(parameters);
            if (seed.watermark() > Totp.of(parameters).step(now) + AuthenticatorSeed.CLOCK_SEARCH_STEPS) {
                throw new IllegalArgumentException("lastUsedStep is more than " + AuthenticatorSeed.CLOCK_SEARCH_STEPS
                        + " steps ahead of the clock");
            }
        }
    }

    private void requireCodeLifetime(TotpParameters parameters) {
        range("period", parameters.period(), Duration.ofSeconds(15), Duration.ofSeconds(300));
        Duration lifetime = parameters.period().multipliedBy(1 + window.past() + window.future());
        if (lifetime.compareTo(MAX_CODE_LIFETIME) > 0) {
            throw new IllegalArgumentException(
                    "a code would live for " + lifetime + ", and the longest life is " + MAX_CODE_LIFETIME);
        }
    }

    private static <T extends Comparable<T>> void range(String name, T value, T min, T max) {
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw new IllegalArgumentException(name + " is " + min + " to " + max + ", not " + value);
        }
    }

    /** Collects the numbers that differ from the defaults. Not safe for use by several threads. */
    public static final class Builder {
        private TotpParameters totp = TotpParameters.DEFAULT;
        private Window window = new Window(1, 1);
        private int hotpLookAhead = 2;
        private int failuresBeforeLockout = 5;
        private Duration firstLockout = Duration.ofSeconds(60);
        private int strangersBudget = 50;
        private int knownBudget = 150;
        private int backupCodes = 10;
        private Duration browserLifetime = Duration.ofDays(30);
        private Duration proofLifetime = Duration.ofMinutes(5);

        private Builder() {}

        /**
         * Sets how the codes of new authenticators are made.
         *
         * @param totp period 15 to 300 seconds, counted from the epoch; SHA1, 6 digits, 30 seconds by default
         * @return this builder
         */
        public Builder totp(TotpParameters totp) {
            this.totp = totp;
            return this;
        }

        /**
         * Sets how many time steps back and ahead of the authenticator's clock a code may be.
         *
         * @param window 0 to 5 each; 1 back, 1 ahead by default
         * @return this builder
         */
        public Builder window(Window window) {
            this.window = window;
            return this;
        }

        /**
         * Sets how many counters ahead of the expected one a code may be (RFC 4226 section 7.4).
         *
         * @param hotpLookAhead 0 to 20; 2 by default
         * @return this builder
         */
        public Builder hotpLookAhead(int hotpLookAhead) {
            this.hotpLookAhead = hotpLookAhead;
            return this;
        }

        /**
         * Sets how many consecutive failures start a lockout.
         *
         * @param failuresBeforeLockout 1 to 10; 5 by default
         * @return this builder
         */
        public Builder failuresBeforeLockout(int failuresBeforeLockout) {
            this.failuresBeforeLockout = failuresBeforeLockout;
            return this;
        }

        /**
         * Sets how long the first lockout lasts.
         *
         * @param firstLockout 1 second to 1 hour; 60 seconds by default, so the tenth failure locks for 32 minutes
         * @return this builder
         */
        public Builder firstLockout(Duration firstLockout) {
            this.firstLockout = firstLockout;
            return this;
        }

        /**
         * Sets how many wrong one-time codes unknown browsers may send in any 30 days.
         *
         * @param strangersBudget failuresBeforeLockout or more; 50 by default
         * @return this builder
         */
        public Builder strangersBudget(int strangersBudget) {
            this.strangersBudget = strangersBudget;
            return this;
        }

        /**
         * Sets how many wrong one-time codes known browsers and sessions may send in any 30 days.
         *
         * @param knownBudget failuresBeforeLockout or more; 150 by default
         * @return this builder
         */
        public Builder knownBudget(int knownBudget) {
            this.knownBudget = knownBudget;
            return this;
        }

        /**
         * Sets how many backup codes a set has.
         *
         * @param backupCodes 1 to 20; 10 by default
         * @return this builder
         */
        public Builder backupCodes(int backupCodes) {
            this.backupCodes = backupCodes;
            return this;
        }

        /**
         * Sets how long a remembered browser needs no code.
         *
         * @param browserLifetime 1 hour to 90 days; 30 days by default
         * @return this builder
         */
        public Builder browserLifetime(Duration browserLifetime) {
            this.browserLifetime = browserLifetime;
            return this;
        }

        /**
         * Sets how long a proof can be used, counted from its code.
         *
         * @param proofLifetime 1 second to 15 minutes; 5 minutes by default
         * @return this builder
         */
        public Builder proofLifetime(Duration proofLifetime) {
            this.proofLifetime = proofLifetime;
            return this;
        }

        /**
         * Checks the numbers, each by itself and all together.
         *
         * @return the policy
         * @throws IllegalArgumentException if a number is out of its range, a code would live longer than 5 minutes, or
         *     a code could be guessed with a probability of more than 2 % in 30 days
         */
        public TwoFactorPolicy build() {
            return new TwoFactorPolicy(this);
        }
    }
}
