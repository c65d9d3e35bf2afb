// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import java.time.Duration;
import java.time.Instant;

/**
 * Every number that Sallyport goes by. The defaults are right for a usual application; change one for a reason.
 *
 * <p>No policy can be built that lets somebody who knows the password guess a code with more than 2 % probability in 30
 * days: {@link #guessProbability} says how probable it is. Policies are checked when built, so one that exists is valid.
 *
 * <p>The length of the failure budget's window (30 days), the strength of backup codes (80 bits), of browser tokens (256
 * bits) and of generated secrets (160 bits) are no options.
 *
 * @param totp how the codes of new authenticators are made
 * @param window how many time steps back and ahead of the clock a code may be
 * @param maxCodeLifetime the longest time that one code may be good for, period times steps of the window
 * @param hotpLookAhead how many counters ahead of the expected one a code may be (RFC 4226 section 7.4)
 * @param resynchronizationRange how many counters ahead two consecutive codes may be
 * @param maxAuthenticators authenticators of one account
 * @param enrollmentLifetime how long an enrollment waits for its code
 * @param enrollmentAttempts wrong codes that end an enrollment
 * @param failuresBeforeLockout consecutive failures with one-time codes that start a lockout
 * @param firstLockout how long the first lockout lasts; each further failure doubles it
 * @param longestLockout where the doubling ends
 * @param suspendAfter consecutive failures that suspend one-time codes, over whatever time (NIST SP 800-63B-4 section 3.2.2)
 * @param failureBudget failures with one-time codes in any 30 days, successes between them or not
 * @param backupCodes backup codes in a set
 * @param backupCodeIterations iterations of PBKDF2-HMAC-SHA256 over a backup code
 * @param backupCodesLow how few backup codes left are worth an event
 * @param failuresBeforeBackupWait consecutive failures with backup codes before they are slowed down
 * @param backupWait the time from one attempt with a backup code to the next from then on
 * @param maxBrowsers remembered browsers of one account; the oldest goes
 * @param browserLifetime how long a browser is remembered, from the code on
 * @param proofLifetime how long a proof serves
 */
public record TwoFactorPolicy(
        TotpParameters totp,
        Window window,
        Duration maxCodeLifetime,
        int hotpLookAhead,
        int resynchronizationRange,
        int maxAuthenticators,
        Duration enrollmentLifetime,
        int enrollmentAttempts,
        int failuresBeforeLockout,
        Duration firstLockout,
        Duration longestLockout,
        int suspendAfter,
        int failureBudget,
        int backupCodes,
        int backupCodeIterations,
        int backupCodesLow,
        int failuresBeforeBackupWait,
        Duration backupWait,
        int maxBrowsers,
        Duration browserLifetime,
        Duration proofLifetime) {

    static final int BUDGET_DAYS = 30;
    private static final double MAX_GUESS_PROBABILITY = 0.02;

    /**
     * Checks the numbers, each by itself and all together.
     *
     * @param totp period 15 to 300 seconds, counted from the epoch
     * @param window 0 to 5 each
     * @param maxCodeLifetime 1 second to 1 hour
     * @param hotpLookAhead 0 to 20
     * @param resynchronizationRange 2 to 100
     * @param maxAuthenticators 1 to 5
     * @param enrollmentLifetime 1 minute to 1 hour
     * @param enrollmentAttempts 1 to 20
     * @param failuresBeforeLockout 1 to 10
     * @param firstLockout 1 second or more
     * @param longestLockout firstLockout to 24 hours
     * @param suspendAfter failuresBeforeLockout to 100
     * @param failureBudget failuresBeforeLockout or more
     * @param backupCodes 1 to 20
     * @param backupCodeIterations 10,000 to 10,000,000
     * @param backupCodesLow 0 to backupCodes
     * @param failuresBeforeBackupWait 1 to 20
     * @param backupWait 0 to 1 minute
     * @param maxBrowsers 1 to 20
     * @param browserLifetime 1 hour to 90 days
     * @param proofLifetime 1 second to 15 minutes
     * @throws IllegalArgumentException if one is out of its range, or the policy lets codes be guessed
     */
    public TwoFactorPolicy {
        range("period of totp", totp.period(), Duration.ofSeconds(15), Duration.ofSeconds(300));
        if (!totp.t0().equals(Instant.EPOCH)) {
            throw new IllegalArgumentException("totp counts from the epoch: a key URI cannot say anything else");
        }
        range("window.past", window.past(), 0, 5);
        range("window.future", window.future(), 0, 5);
        range("maxCodeLifetime", maxCodeLifetime, Duration.ofSeconds(1), Duration.ofHours(1));
        range("hotpLookAhead", hotpLookAhead, 0, 20);
        range("resynchronizationRange", resynchronizationRange, 2, 100);
        range("maxAuthenticators", maxAuthenticators, 1, 5);
        range("enrollmentLifetime", enrollmentLifetime, Duration.ofMinutes(1), Duration.ofHours(1));
        range("enrollmentAttempts", enrollmentAttempts, 1, 20);
        range("failuresBeforeLockout", failuresBeforeLockout, 1, 10);
        range("longestLockout", longestLockout, Duration.ofSeconds(1), Duration.ofHours(24));
        range("firstLockout", firstLockout, Duration.ofSeconds(1), longestLockout);
        range("suspendAfter", suspendAfter, failuresBeforeLockout, 100);
        range("failureBudget", failureBudget, failuresBeforeLockout, 1_000_000);
        range("backupCodes", backupCodes, 1, 20);
        range("backupCodeIterations", backupCodeIterations, 10_000, 10_000_000);
        range("backupCodesLow", backupCodesLow, 0, backupCodes);
        range("failuresBeforeBackupWait", failuresBeforeBackupWait, 1, 20);
        range("backupWait", backupWait, Duration.ZERO, Duration.ofMinutes(1));
        range("maxBrowsers", maxBrowsers, 1, 20);
        range("browserLifetime", browserLifetime, Duration.ofHours(1), Duration.ofDays(90));
        range("proofLifetime", proofLifetime, Duration.ofSeconds(1), Duration.ofMinutes(15));
        requireCodeLifetime(totp, window, maxCodeLifetime);
        double risk = guessProbability(
                Duration.ofDays(BUDGET_DAYS), maxAuthenticators, totp.digits(), window, hotpLookAhead, failureBudget);
        if (risk > MAX_GUESS_PROBABILITY) {
            throw new IllegalArgumentException("this policy lets a code be guessed in 30 days with a probability of "
                    + risk + ", over 0.02: lower failureBudget, maxAuthenticators, window or hotpLookAhead");
        }
    }

    /**
     * The defaults.
     *
     * @return the policy of {@code builder().build()}
     */
    public static TwoFactorPolicy defaults() {
        return builder().build();
    }

    /**
     * The defaults, to the letter of OWASP ASVS 5.0: codes good for 30 seconds only (6.5.5), so that a clock or a person
     * that is slow fails more often, and 600,000 iterations for backup codes (appendix C), half a second of CPU each.
     *
     * @return the policy
     */
    public static TwoFactorPolicy asvsStrict() {
        return builder().window(new Window(0, 0)).backupCodeIterations(600_000).build();
    }

    /**
     * Starts from the defaults.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * An upper bound of the probability that somebody who knows the password, and nothing of the secrets, gets a
     * one-time code accepted by guessing, however patient and however many at a time.
     *
     * <p>The budget admits failureBudget guesses in any 30 days, and as many again because a backup code of the owner may
     * empty it once in 30 days; each guess may hit any live code of any authenticator; each code has the probability
     * that RFC 4226 appendix A.4.2 gives. Not in it: an operator's unlock; codes typed to confirm another authenticator,
     * which takes a proof to begin; and authenticators that an earlier policy enrolled with fewer digits.
     *
     * @param duration how long the attacker goes on, 0 or more
     * @param authenticators how many authenticators the account has, 1 to maxAuthenticators
     * @return the bound, 0 to 1
     * @throws IllegalArgumentException if an argument is out of range
     */
    public double guessProbability(Duration duration, int authenticators) {
        range("authenticators", authenticators, 1, maxAuthenticators);
        if (duration.isNegative()) {
            throw new IllegalArgumentException("a duration is 0 or more");
        }
        return guessProbability(duration, authenticators, totp.digits(), window, hotpLookAhead, failureBudget);
    }

    private static double guessProbability(
            Duration duration, int authenticators, int digits, Window window, int hotpLookAhead, int failureBudget) {
        double guesses = 2.0 * failureBudget * (duration.toDays() / BUDGET_DAYS + 1);
        int liveCodes = authenticators * Math.max(1 + window.past() + window.future(), 1 + hotpLookAhead);
        double truncations = Math.scalb(1.0, 31);
        double perCode = Math.ceil(truncations / Math.pow(10, digits)) / truncations;
        return Math.min(1, guesses * liveCodes * perCode);
    }

    /** Refuses a seed that would weaken the bound that this policy publishes, and one that no clock of today could accept. */
    void requireSuitable(AuthenticatorSeed seed, Instant now) {
        range("digits", seed.digits(), totp.digits(), 8);
        TotpParameters parameters = seed.totp();
        if (parameters != null) {
            if (seed.watermark() > Totp.of(parameters).step(now) + window.future()) {
                throw new IllegalArgumentException("the last used step is ahead of the clock");
            }
            range("period", parameters.period(), Duration.ofSeconds(15), Duration.ofSeconds(300));
            requireCodeLifetime(parameters, window, maxCodeLifetime);
        }
    }

    private static void requireCodeLifetime(TotpParameters totp, Window window, Duration maxCodeLifetime) {
        Duration lifetime = totp.period().multipliedBy(1 + window.past() + window.future());
        if (lifetime.compareTo(maxCodeLifetime) > 0) {
            throw new IllegalArgumentException(
                    "a code would be good for " + lifetime + ", over the maxCodeLifetime of " + maxCodeLifetime);
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
        private Duration maxCodeLifetime = Duration.ofMinutes(2);
        private int hotpLookAhead = 5;
        private int resynchronizationRange = 100;
        private int maxAuthenticators = 5;
        private Duration enrollmentLifetime = Duration.ofMinutes(10);
        private int enrollmentAttempts = 10;
        private int failuresBeforeLockout = 5;
        private Duration firstLockout = Duration.ofSeconds(30);
        private Duration longestLockout = Duration.ofHours(1);
        private int suspendAfter = 100;
        private int failureBudget = 100;
        private int backupCodes = 10;
        private int backupCodeIterations = 10_000;
        private int backupCodesLow = 3;
        private int failuresBeforeBackupWait = 5;
        private Duration backupWait = Duration.ofSeconds(5);
        private int maxBrowsers = 20;
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
         * Sets how many time steps back and ahead of the clock a code may be.
         *
         * @param window 0 to 5 each; 1 back, 1 ahead by default
         * @return this builder
         */
        public Builder window(Window window) {
            this.window = window;
            return this;
        }

        /**
         * Sets the longest time that one code may be good for, period times steps of the window.
         *
         * @param maxCodeLifetime 1 second to 1 hour; 2 minutes by default
         * @return this builder
         */
        public Builder maxCodeLifetime(Duration maxCodeLifetime) {
            this.maxCodeLifetime = maxCodeLifetime;
            return this;
        }

        /**
         * Sets how many counters ahead of the expected one a code may be (RFC 4226 section 7.4).
         *
         * @param hotpLookAhead 0 to 20; 5 by default
         * @return this builder
         */
        public Builder hotpLookAhead(int hotpLookAhead) {
            this.hotpLookAhead = hotpLookAhead;
            return this;
        }

        /**
         * Sets how many counters ahead two consecutive codes may be.
         *
         * @param resynchronizationRange 2 to 100; 100 by default
         * @return this builder
         */
        public Builder resynchronizationRange(int resynchronizationRange) {
            this.resynchronizationRange = resynchronizationRange;
            return this;
        }

        /**
         * Sets authenticators of one account.
         *
         * @param maxAuthenticators 1 to 5; 5 by default
         * @return this builder
         */
        public Builder maxAuthenticators(int maxAuthenticators) {
            this.maxAuthenticators = maxAuthenticators;
            return this;
        }

        /**
         * Sets how long an enrollment waits for its code.
         *
         * @param enrollmentLifetime 1 minute to 1 hour; 10 minutes by default
         * @return this builder
         */
        public Builder enrollmentLifetime(Duration enrollmentLifetime) {
            this.enrollmentLifetime = enrollmentLifetime;
            return this;
        }

        /**
         * Sets wrong codes that end an enrollment.
         *
         * @param enrollmentAttempts 1 to 20; 10 by default
         * @return this builder
         */
        public Builder enrollmentAttempts(int enrollmentAttempts) {
            this.enrollmentAttempts = enrollmentAttempts;
            return this;
        }

        /**
         * Sets consecutive failures with one-time codes that start a lockout.
         *
         * @param failuresBeforeLockout 1 to 10; 5 by default
         * @return this builder
         */
        public Builder failuresBeforeLockout(int failuresBeforeLockout) {
            this.failuresBeforeLockout = failuresBeforeLockout;
            return this;
        }

        /**
         * Sets how long the first lockout lasts; each further failure doubles it.
         *
         * @param firstLockout 1 second or more; 30 seconds by default
         * @return this builder
         */
        public Builder firstLockout(Duration firstLockout) {
            this.firstLockout = firstLockout;
            return this;
        }

        /**
         * Sets where the doubling ends.
         *
         * @param longestLockout firstLockout to 24 hours; 1 hour by default
         * @return this builder
         */
        public Builder longestLockout(Duration longestLockout) {
            this.longestLockout = longestLockout;
            return this;
        }

        /**
         * Sets consecutive failures that suspend one-time codes, over whatever time (NIST SP 800-63B-4 section 3.2.2).
         *
         * @param suspendAfter failuresBeforeLockout to 100; 100 by default
         * @return this builder
         */
        public Builder suspendAfter(int suspendAfter) {
            this.suspendAfter = suspendAfter;
            return this;
        }

        /**
         * Sets failures with one-time codes in any 30 days, successes between them or not.
         *
         * @param failureBudget failuresBeforeLockout or more; 100 by default
         * @return this builder
         */
        public Builder failureBudget(int failureBudget) {
            this.failureBudget = failureBudget;
            return this;
        }

        /**
         * Sets backup codes in a set.
         *
         * @param backupCodes 1 to 20; 10 by default
         * @return this builder
         */
        public Builder backupCodes(int backupCodes) {
            this.backupCodes = backupCodes;
            return this;
        }

        /**
         * Sets iterations of PBKDF2-HMAC-SHA256 over a backup code.
         *
         * @param backupCodeIterations 10,000 to 10,000,000; 10,000 by default
         * @return this builder
         */
        public Builder backupCodeIterations(int backupCodeIterations) {
            this.backupCodeIterations = backupCodeIterations;
            return this;
        }

        /**
         * Sets how few backup codes left are worth an event.
         *
         * @param backupCodesLow 0 to backupCodes; 3 by default
         * @return this builder
         */
        public Builder backupCodesLow(int backupCodesLow) {
            this.backupCodesLow = backupCodesLow;
            return this;
        }

        /**
         * Sets consecutive failures with backup codes before they are slowed down.
         *
         * @param failuresBeforeBackupWait 1 to 20; 5 by default
         * @return this builder
         */
        public Builder failuresBeforeBackupWait(int failuresBeforeBackupWait) {
            this.failuresBeforeBackupWait = failuresBeforeBackupWait;
            return this;
        }

        /**
         * Sets the time from one attempt with a backup code to the next from then on.
         *
         * @param backupWait 0 to 1 minute; 5 seconds by default
         * @return this builder
         */
        public Builder backupWait(Duration backupWait) {
            this.backupWait = backupWait;
            return this;
        }

        /**
         * Sets remembered browsers of one account; the oldest goes.
         *
         * @param maxBrowsers 1 to 20; 20 by default
         * @return this builder
         */
        public Builder maxBrowsers(int maxBrowsers) {
            this.maxBrowsers = maxBrowsers;
            return this;
        }

        /**
         * Sets how long a browser is remembered, from the code on.
         *
         * @param browserLifetime 1 hour to 90 days; 30 days by default
         * @return this builder
         */
        public Builder browserLifetime(Duration browserLifetime) {
            this.browserLifetime = browserLifetime;
            return this;
        }

        /**
         * Sets how long a proof serves.
         *
         * @param proofLifetime 1 second to 15 minutes; 5 minutes by default
         * @return this builder
         */
        public Builder proofLifetime(Duration proofLifetime) {
            this.proofLifetime = proofLifetime;
            return this;
        }

        /**
         * Builds the policy.
         *
         * @return a valid policy
         * @throws IllegalArgumentException if a number is out of its range, or the policy lets codes be guessed
         */
        public TwoFactorPolicy build() {
            return new TwoFactorPolicy(
                    totp,
                    window,
                    maxCodeLifetime,
                    hotpLookAhead,
                    resynchronizationRange,
                    maxAuthenticators,
                    enrollmentLifetime,
                    enrollmentAttempts,
                    failuresBeforeLockout,
                    firstLockout,
                    longestLockout,
                    suspendAfter,
                    failureBudget,
                    backupCodes,
                    backupCodeIterations,
                    backupCodesLow,
                    failuresBeforeBackupWait,
                    backupWait,
                    maxBrowsers,
                    browserLifetime,
                    proofLifetime);
        }
    }
}
