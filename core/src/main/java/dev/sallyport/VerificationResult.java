// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a code. Handle every case. The Java 17 compiler does not check that, so copy the snippet of {@link
 * TwoFactor}.
 */
public sealed interface VerificationResult
        permits VerificationResult.Verified,
                Rejected,
                Malformed,
                VerificationResult.LockedOut,
                VerificationResult.SignInAgain {

    /**
     * Returns the proof, for code that handles all errors in one place, such as a REST handler.
     *
     * @return the proof
     * @throws NotVerifiedException with this result, if it is anything but a proof
     */
    default Verified orElseThrow() {
        if (this instanceof Verified proof) {
            return proof;
        }
        throw new NotVerifiedException(this);
    }

    /** The kinds of code that a proof can come from. */
    enum Method {
        /** A code of an authenticator. */
        ONE_TIME_CODE,
        /** A backup code. */
        BACKUP_CODE,
        /** A code that an operator told the user. */
        TEMPORARY_CODE
    }

    /**
     * The code was right, and is used up: a proof of the second factor. Only Sallyport can make one, so a method that
     * takes a proof cannot be called without one.
     *
     * <p>A proof counts only for its user and record. It can be used for any number of calls, for five minutes by
     * default. It no longer counts after trust has ended: for example when a backup code is used, an authenticator is
     * removed, two-factor authentication is switched off, or the browser that it came from is forgotten. Use a proof in
     * one request. {@link TwoFactor#seal} carries it to another one. Immutable.
     */
    final class Verified implements VerificationResult {
        private final Bytes realm;
        private final long recordId;
        private final UserId user;
        private final Instant at;
        private final @Nullable AuthenticatorId authenticator;
        private final Method method;
        private final int backupCodesLeft;
        private final TrustStamp stamp;
        private final @Nullable BrowserToken browserToken;

        Verified(
                Bytes realm,
                long recordId,
                UserId user,
                Instant at,
                Method method,
                @Nullable AuthenticatorId authenticator,
                int backupCodesLeft,
                TrustStamp stamp,
                @Nullable BrowserToken browserToken) {
            this.realm = realm;
            this.recordId = recordId;
            this.user = user;
            this.at = at;
            this.method = method;
            this.authenticator = authenticator;
            this.backupCodesLeft = backupCodesLeft;
            this.stamp = stamp;
            this.browserToken = browserToken;
        }

        /** {@return the user who typed the code} */
        public UserId user() {
            return user;
        }

        /** {@return when the code was accepted, in milliseconds} */
        public Instant at() {
            return at;
        }

        /** {@return the kind of code} */
        public Method method() {
            return method;
        }

        /** {@return which authenticator made the code; empty for a backup or temporary code} */
        public Optional<AuthenticatorId> authenticator() {
            return Optional.ofNullable(authenticator);
        }

        /** {@return how many backup codes were left then, 0 or more; tell the user if there are few} */
        public int backupCodesLeft() {
            return backupCodesLeft;
        }

        /** {@return what the session rests on from now on: keep it in the session} */
        public TrustStamp stamp() {
            return stamp;
        }

        /** {@return the token for a browser that was not known before; give it to the browser in this response} */
        public Optional<BrowserToken> browserToken() {
            return Optional.ofNullable(browserToken);
        }

        Bytes realm() {
            return realm;
        }

        long recordId() {
            return recordId;
        }

        /**
         * The same proof with a new stamp, for a call that ended trust. It keeps the time of the code, so it does not
         * live longer.
         */
        Verified renewed(TrustStamp after, int codesLeft) {
            return new Verified(realm, recordId, user, at, method, authenticator, codesLeft, after, null);
        }

        @Override
        public String toString() {
            return "Verified[at=" + at + ", method=" + method + "]";
        }
    }

    /**
     * The code was not compared, because there were too many failures. It was not counted either. A right backup code
     * is still accepted.
     *
     * @param until when codes are compared again; empty if only a backup code, a temporary code or an operator helps
     */
    record LockedOut(Optional<Instant> until) implements VerificationResult {}

    /**
     * The sign-in or session that the code was for has ended: it took too long, two-factor authentication was switched
     * off, or trust has ended meanwhile. Ask for the password again.
     */
    record SignInAgain() implements VerificationResult {}

    /** {@link #orElseThrow()} had no proof to return. */
    final class NotVerifiedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient VerificationResult result;

        private NotVerifiedException(VerificationResult result) {
            super("no code was verified: " + result);
            this.result = result;
        }

        /** {@return the result, which is not a proof} */
        public VerificationResult result() {
            return result;
        }
    }
}
