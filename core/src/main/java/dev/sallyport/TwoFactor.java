// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.TwoFactorStore;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Two-factor authentication for an application's own login: the one class that an application talks to.
 *
 * <pre>{@code
 * TwoFactor twoFactor = TwoFactor.builder()
 *         .issuer("Acme")
 *         .store(store)                                   // on your database
 *         .encryptionKeys(KeyRing.fromBase64("2026-11", secretFromYourVault))
 *         .build();
 *
 * // Sign in, after the password
 * if (twoFactor.signInRequirement(alice, browserCookie) instanceof SignInRequirement.CodeRequired) {
 *     VerificationResult result = twoFactor.verify(alice, typed);
 *     if (result instanceof Verified proof) {
 *         // signed in; the proof also serves rememberBrowser, regenerateBackupCodes, disable
 *     } else if (result instanceof LockedOut locked) {
 *         // too many attempts: again after locked.until(), or with a backup code
 *     } else if (result instanceof Suspended) {
 *         // a backup code, or an operator
 *     } else if (result instanceof NotEnrolled) {
 *         // switched off since the password was checked: sign in from the start
 *     } else {
 *         // Rejected: not right, or used already
 *     }
 * }
 * }</pre>
 *
 * <p><b>Raising trust takes a proof, lowering trust takes a user id.</b> A proof is a {@link Verified}, and only {@link
 * #verify} and its like make one. The methods that take a {@link UserId} believe it: the application has checked the
 * password or the session before.
 *
 * <p><b>Results are for what users do, exceptions for misuse and machines.</b> Every call may throw, besides what it names:
 *
 * <ul>
 *   <li>{@link dev.sallyport.storage.StoreException}: the store failed. Nothing was granted.
 *   <li>{@link UnreadableRecordException}: the record does not open. Nobody gets in.
 *   <li>{@link MissingRecordException}: the record is gone although {@link Builder#enabledWitness} says that there is one.
 *   <li>{@link NullPointerException} for null, where it is not allowed by the word.
 * </ul>
 *
 * <p>Someone with the password alone has at most the probability that {@link TwoFactorPolicy#guessProbability} gives;
 * someone who watches a code being used cannot use it again; someone who reads the store sees ciphertext. Not prevented:
 * phishing that passes a code on at once, and somebody who holds both the store and its key.
 *
 * <p>Immutable and safe for use by many threads, and by many nodes over one store. Every call blocks for what the store
 * takes. An attempt that is compared costs one read and one write; {@link #signInRequirement} costs one read.
 */
public final class TwoFactor {
    private static final int SECRET_BYTES = 20;

    /** What a QR code of version 20-M holds, which a phone still reads from a screen. */
    private static final int MAX_KEY_URI_BYTES = 666;

    private final String issuer;
    private final TwoFactorPolicy policy;
    private final SealedProofs sealedProofs;
    private final Events events;
    private final Records records;

    private TwoFactor(Builder builder, String issuer, TwoFactorStore store, KeyRing keyRing) {
        Sealer sealer = new Sealer(keyRing);
        this.issuer = issuer;
        this.policy = builder.policy;
        this.sealedProofs = new SealedProofs(sealer, issuer);
        this.events = new Events(builder.listener);
        Records.Settings settings = new Records.Settings(policy, builder.clock, builder.random, builder.enabledWitness);
        this.records = new Records(settings, store, sealer, sealer.fingerprint(issuer), events);
    }

    /**
     * Starts with nothing but defaults.
     *
     * @return a builder that still needs an issuer, a store and encryption keys
     */
    public static Builder builder() {
        return new Builder();
    }

    // --- Enable ---

    /**
     * Begins to switch two-factor authentication on, with a new secret for an authenticator app. Nothing changes for the
     * user until {@link #confirmEnrollment} sees the first right code; of two begins the later one wins.
     *
     * <p>Before this call the application MUST have asked for the password again, whatever the session says: who steals a
     * session must not enroll a phone of their own. Call it on POST only, and notify the user once it is confirmed.
     *
     * @param user a signed-in user
     * @param accountName what the app shows below the issuer, usually the e-mail address: up to 128 UTF-8 bytes, no colon,
     *     no control character, no white space at its ends
     * @return what to show: the QR code's text and the secret for typing
     * @throws AlreadyEnabledException if two-factor authentication is on
     * @throws IllegalArgumentException if the name is not as above, or too long for a QR code together with the issuer
     */
    public PendingEnrollment beginEnrollment(UserId user, String accountName) {
        return beginEnrollment(user, EnrollmentRequest.of(accountName));
    }

    /**
     * The same with a label or a seed of one's own; for a hardware token, say.
     *
     * @param user a signed-in user whose password was just checked again
     * @param request what to enroll
     * @return what to show
     * @throws AlreadyEnabledException if two-factor authentication is on
     * @throws IllegalArgumentException if the names are too long for a QR code, the seed would weaken the policy, counts its
     *     time steps from another instant than the epoch, or is known to this account
     */
    public PendingEnrollment beginEnrollment(UserId user, EnrollmentRequest request) {
        return records.change(user, SECRET_BYTES + Draw.ID_BYTES, (account, call) -> {
            account.requireNotEnabled();
            return begin(account, request, call);
        });
    }

    /**
     * Begins to add another authenticator, or a new phone, while the others go on working.
     *
     * @param proof a fresh proof
     * @param request what to enroll
     * @return what to show
     * @throws StaleProofException if the proof does not count any longer
     * @throws IllegalStateException if the account has as many authenticators as the policy allows
     * @throws IllegalArgumentException as for the other {@code beginEnrollment}
     */
    public PendingEnrollment beginEnrollment(Verified proof, EnrollmentRequest request) {
        return changeWith(proof, SECRET_BYTES + Draw.ID_BYTES, (account, call) -> {
            if (account.authenticators().size() >= policy.maxAuthenticators()) {
                throw new IllegalStateException(
                        "an account has at most " + policy.maxAuthenticators() + " authenticators by this policy");
            }
            return begin(account, request, call);
        });
    }

    private Outcome<PendingEnrollment> begin(Account account, EnrollmentRequest request, Call call) {
        Authenticator candidate = newAuthenticator(request, call);
        long epoch = account.header().trustEpoch();
        PendingSlot slot = new PendingSlot(candidate, request.accountName(), call.now(), 0, epoch);
        PendingEnrollment pending = slot.show(issuer, policy);
        int bytes = pending.keyUri().toUriString().length();
        if (bytes > MAX_KEY_URI_BYTES) {
            throw new IllegalArgumentException("the key URI has " + bytes + " bytes, and a QR code holds "
                    + MAX_KEY_URI_BYTES + ": shorten the issuer or the account name");
        }
        return Outcome.of(account.begin(slot), pending, call.event(Type.ENROLLMENT_STARTED, candidate));
    }

    private Authenticator newAuthenticator(EnrollmentRequest request, Call call) {
        AuthenticatorSeed seed = request.seed().orElseGet(() -> {
            byte[] secret = call.draw().take(SECRET_BYTES);
            AuthenticatorSeed drawn = AuthenticatorSeed.totp(SharedSecret.fromBytes(secret), policy.totp());
            Arrays.fill(secret, (byte) 0);
            return drawn;
        });
        policy.requireSuitable(seed, call.now());
        AuthenticatorId id = new AuthenticatorId(call.draw().takeId());
        return new Authenticator(id, request.label(), seed, call.now(), null);
    }

    /**
     * The enrollment that waits for its first code, for a page that is loaded again or in a second tab. One read.
     *
     * <p>It shows the secret, so it takes the same password check, a moment ago, as {@link #beginEnrollment}; where the
     * password was asked for anew, begin anew as well: then a secret that somebody else has seen is gone.
     *
     * @param user a signed-in user whose password was just checked again
     * @return the same secret again; empty if nothing waits, or two-factor authentication is on
     */
    public Optional<PendingEnrollment> pendingEnrollment(UserId user) {
        return records.read(user, (account, call) -> account.isEnabled() ? Optional.empty() : pending(account, call));
    }

    /**
     * The same for another authenticator of an account that is enabled. One read.
     *
     * @param proof a fresh proof
     * @return the same secret again; empty if nothing waits
     * @throws StaleProofException if the proof does not count any longer
     */
    public Optional<PendingEnrollment> pendingEnrollment(Verified proof) {
        return records.read(proof.user(), (account, call) -> {
            account.require(proof, call);
            return pending(account, call);
        });
    }

    private Optional<PendingEnrollment> pending(Account account, Call call) {
        return Optional.ofNullable(account.pending())
                .filter(slot -> slot.isValid(account, policy, call.now()))
                .map(slot -> slot.show(issuer, policy));
    }

    /**
     * Makes the pending authenticator live if the code is one of its own. The code is used up by that. The first
     * authenticator switches two-factor authentication on and brings the backup codes: show them in the response.
     *
     * <p>After a {@code StoreException} the outcome is unknown. Read {@link #status}: if two-factor authentication is on,
     * verify and regenerate the backup codes, because those of the lost answer are lost.
     *
     * @param user a signed-in user
     * @param typed what the user typed
     * @return an answer to name case by case: {@code Enrolled}, {@code Rejected}, {@code Expired}, {@code NotPending}
     */
    public EnrollmentResult confirmEnrollment(UserId user, String typed) {
        TypedCode code = TypedCode.parse(typed);
        if (code == null || !code.isOneTimeCode()) {
            return malformed(user, new EnrollmentResult.Rejected());
        }
        Once<BackupCodeSet.Fresh> codes = new Once<>();
        return records.change(
                user,
                BackupCodeSet.randomBytes(policy),
                (account, call) -> account.confirm(code, call, () -> codes.get(() -> BackupCodeSet.generate(call))));
    }

    /**
     * Drops the enrollment that waits, if any. Live authenticators stay.
     *
     * @param user a signed-in user
     */
    public void cancelEnrollment(UserId user) {
        records.change(user, 0, Account::cancel);
    }

    /**
     * Makes an authenticator live at once that the user has used with another library. For operators and migrations: nobody
     * proves here that the secret is the user's. There are no backup codes until the user has them regenerated. A migration
     * can be run again: those who are over already get the exception.
     *
     * @param user whose authenticator it is
     * @param request with a seed that says which step or counter was used last
     * @return the id of the authenticator
     * @throws AlreadyEnabledException if two-factor authentication is on
     * @throws IllegalArgumentException if there is no seed, it would weaken the policy, or its last used step is ahead of the
     *     clock
     */
    public AuthenticatorId importWithoutConfirmation(UserId user, EnrollmentRequest request) {
        if (request.seed().isEmpty()) {
            throw new IllegalArgumentException("an import needs a seed: there is nobody to show a new secret to");
        }
        return records.change(user, Draw.ID_BYTES, (account, call) -> {
            account.requireNotEnabled();
            Authenticator imported = newAuthenticator(request, call);
            return Outcome.of(
                    account.add(imported, call), imported.id(), call.event(Type.AUTHENTICATOR_ADDED, imported));
        });
    }

    // --- Sign in ---

    /**
     * Tells what a sign-in still needs after the password. One read, no write. A token that is wrong, expired, another user's
     * or no token at all means that a code is required; it locks nobody out and throws nothing.
     *
     * @param user whose password was just checked
     * @param browserToken the cookie of a remembered browser; null if there is none
     * @return an answer to name case by case: {@code CodeRequired}, {@code RememberedBrowser}, {@code NotEnrolled}
     */
    public SignInRequirement signInRequirement(UserId user, @Nullable String browserToken) {
        Outcome<SignInRequirement> outcome =
                records.read(user, (account, call) -> account.signInRequirement(browserToken, call));
        events.publish(outcome.events());
        return outcome.result();
    }

    /**
     * Checks a code of either kind and uses it up. Blanks and hyphens are forgiven, and in backup codes letter case, O for 0,
     * I and L for 1.
     *
     * <p>A wrong one-time code counts towards the limits of the policy before it is answered. What has not the form of a code
     * is rejected without asking the store.
     *
     * @param user whose password was just checked, or who is signed in and is to prove it again
     * @param typed what the user typed
     * @return an answer to name case by case: {@code Verified}, {@code Rejected}, {@code LockedOut}, {@code Suspended}, {@code
     *     NotEnrolled}
     */
    public VerificationResult verify(UserId user, String typed) {
        TypedCode code = TypedCode.parse(typed);
        return code == null
                ? malformed(user, new Rejected())
                : records.change(user, 0, (account, call) -> account.verify(code, call));
    }

    /**
     * Finds a counter-based token again that has run ahead, by two consecutive codes (RFC 4226 section 7.4). It counts as one
     * attempt, and is refused while one-time codes are locked. Time-based authenticators need none of this.
     *
     * @param user whose password was just checked
     * @param first a code of the token
     * @param second the code after it
     * @return as from {@link #verify}
     */
    public VerificationResult resynchronize(UserId user, String first, String second) {
        TypedCode one = TypedCode.parse(first);
        TypedCode two = TypedCode.parse(second);
        return one == null || two == null || !one.isOneTimeCode() || !two.isOneTimeCode()
                ? malformed(user, new Rejected())
                : records.change(user, 0, (account, call) -> account.resynchronize(one, two, call));
    }

    /** What has not the form of a code is no guess, and does not get as far as the store. */
    private <R> R malformed(UserId user, R result) {
        TwoFactorEvent event = records.call(user, 0).event(Type.CODE_REJECTED);
        events.publish(List.of(event.with(Detail.REASON, Rejection.MALFORMED.name())));
        return result;
    }

    // --- With a proof ---

    /**
     * Remembers a browser, so that its sign-ins need no code until the policy's time is up. If there are too many, the oldest
     * is forgotten. A remembered browser is never a proof.
     *
     * @param proof a fresh proof
     * @param label what tells the user which browser it is, as "Firefox on Linux": up to 128 UTF-8 bytes
     * @return the token for the cookie
     * @throws StaleProofException if the proof does not count any longer
     * @throws IllegalArgumentException if the label is blank, too long, or has control characters
     */
    public BrowserToken rememberBrowser(Verified proof, String label) {
        Text.require("a label", label, Text.MAX_NAME_BYTES);
        return changeWith(proof, RememberedBrowser.TOKEN_BYTES + Draw.ID_BYTES, (account, call) -> {
            String token = RememberedBrowser.newToken(call.draw());
            BrowserId id = new BrowserId(call.draw().takeId());
            Bytes hash = RememberedBrowser.hash(token);
            return account.remember(new RememberedBrowser(id, hash, label, call.now()), token, call);
        });
    }

    /**
     * Makes a new set of backup codes. The old set is dead at once, and all remembered browsers are forgotten. After a {@code
     * StoreException}, call it again with the same proof.
     *
     * @param proof a fresh proof
     * @return the new codes, to be shown now
     * @throws StaleProofException if the proof does not count any longer
     */
    public BackupCodes regenerateBackupCodes(Verified proof) {
        Once<BackupCodeSet.Fresh> codes = new Once<>();
        return changeWith(
                proof,
                BackupCodeSet.randomBytes(policy),
                (account, call) -> account.regenerate(codes.get(() -> BackupCodeSet.generate(call)), call));
    }

    /**
     * Removes an authenticator. All remembered browsers are forgotten; other proofs and a pending enrollment go stale. After
     * a {@code StoreException} it may have been removed, and the proof be stale: read {@link #status}.
     *
     * @param proof a fresh proof
     * @param id which authenticator
     * @return the proof to go on with; the one given has gone stale
     * @throws StaleProofException if the proof does not count any longer
     * @throws IllegalStateException if it is the last one: disable instead
     * @throws IllegalArgumentException if the account has no such authenticator
     */
    public Verified removeAuthenticator(Verified proof, AuthenticatorId id) {
        return changeWith(proof, 0, (account, call) -> account.removeAuthenticator(proof, id, call));
    }

    /**
     * Switches two-factor authentication off: secrets, backup codes, remembered browsers and proofs are gone. After a {@code
     * StoreException} it may be off, and the proof stale: read {@link #status}.
     *
     * @param proof a fresh proof
     * @throws StaleProofException if the proof does not count any longer
     */
    public void disable(Verified proof) {
        changeWith(proof, 0, (account, call) -> Outcome.done(null, call.event(Type.DISABLED)));
    }

    /** The proof is checked in each try, against the record that is about to be replaced. */
    private <R> R changeWith(Verified proof, int randomBytes, BiFunction<Account, Call, Outcome<R>> rule) {
        return records.change(proof.user(), randomBytes, (account, call) -> {
            account.require(proof, call);
            return rule.apply(account, call);
        });
    }

    /**
     * Makes a proof a text that another request can bring back, where there is no session to keep it: encrypted for this user,
     * issuer and key ring, and good for no longer than before. Keep it out of URLs and logs all the same.
     *
     * @param proof a fresh proof
     * @return URL-safe text
     * @throws StaleProofException if the proof is too old or was made under another issuer or key ring
     */
    public String seal(Verified proof) {
        Call call = records.call(proof.user(), Sealer.NONCE_BYTES);
        Account.requireInTime(proof, call);
        return sealedProofs.seal(proof, call);
    }

    /**
     * Reads a sealed proof. Whether it is still good for its record is checked where it is used.
     *
     * @param user whose proof it has to be
     * @param sealedProof what {@link #seal} gave, or anything
     * @return the proof; empty if it is too old, of another user, issuer or key, or anything else
     */
    public Optional<Verified> unseal(UserId user, String sealedProof) {
        return sealedProofs.unseal(sealedProof, records.call(user, 0));
    }

    // --- Status, and lowering trust ---

    /**
     * Tells what a settings page shows. One read.
     *
     * @param user a signed-in user
     * @return state, authenticators, browsers, locks
     */
    public TwoFactorStatus status(UserId user) {
        return records.read(user, Account::status);
    }

    /**
     * Forgets a remembered browser, and lets proofs and a pending enrollment go stale. Does nothing if it is forgotten already.
     *
     * @param user a signed-in user
     * @param id which browser
     */
    public void forgetBrowser(UserId user, BrowserId id) {
        records.change(user, 0, (account, call) -> account.forget(id, call));
    }

    /**
     * Forgets all remembered browsers, and lets proofs and pending enrollments go stale. The application MUST call it when the
     * password changes.
     *
     * @param user whose browsers
     */
    public void forgetBrowsers(UserId user) {
        records.change(user, 0, Account::forgetAll);
    }

    // --- For operators ---

    /**
     * Ends every lockout and empties the failure budget, without a proof. For operators who know whom they talk to.
     *
     * @param user whose lockouts
     * @param reason why, for the audit log: up to 256 UTF-8 bytes
     * @throws IllegalArgumentException if the reason is blank, too long, or has control characters
     */
    public void unlock(UserId user, String reason) {
        Text.require("a reason", reason, Text.MAX_REASON_BYTES);
        records.change(user, 0, (account, call) -> account.unlock(reason, call));
    }

    /**
     * Deletes a user's record without a proof and without opening it, so it also ends one that cannot be opened. For operators
     * who know whom they talk to, and for account deletion. Clear the flag of {@link Builder#enabledWitness} with it.
     *
     * @param user whose record
     * @param reason why, for the audit log: up to 256 UTF-8 bytes
     * @throws IllegalArgumentException if the reason is blank, too long, or has control characters
     */
    public void resetWithoutProof(UserId user, String reason) {
        Text.require("a reason", reason, Text.MAX_REASON_BYTES);
        records.erase(user);
        // Also where nothing was there: an earlier call may have deleted it and lost its answer.
        events.publish(List.of(records.call(user, 0).event(Type.RESET).with(Detail.REASON, reason)));
    }

    /** New backup codes cost a derivation each, so they are made once, however often the write is lost to others. */
    private static final class Once<T> {
        private @Nullable T made;

        private T get(Supplier<T> maker) {
            T value = made == null ? maker.get() : made;
            made = value;
            return value;
        }
    }

    /** Collects what a {@link TwoFactor} is made of. Issuer, store and encryption keys must be given. */
    public static final class Builder {
        private @Nullable String issuer;
        private @Nullable TwoFactorStore store;
        private @Nullable KeyRing encryptionKeys;
        private TwoFactorPolicy policy = TwoFactorPolicy.defaults();
        private InstantSource clock = InstantSource.system();
        private SecureRandom random = new SecureRandom();
        private TwoFactorListener listener = event -> {};
        private Predicate<UserId> enabledWitness = user -> false;

        private Builder() {}

        /**
         * Names the application as its users know it. It must stay the same: sealed proofs are bound to it.
         *
         * @param issuer up to 64 UTF-8 bytes, no colon, no control character, no white space at its ends
         * @return this builder
         * @throws IllegalArgumentException if it is too long, blank, or has control characters; {@link #build()} refuses
         *     the rest
         */
        public Builder issuer(String issuer) {
            this.issuer = Text.require("an issuer", issuer, Text.MAX_ISSUER_BYTES);
            return this;
        }

        /**
         * Says where the records are.
         *
         * @param store the store
         * @return this builder
         */
        public Builder store(TwoFactorStore store) {
            this.store = Objects.requireNonNull(store, "store");
            return this;
        }

        /**
         * Gives the keys that records are encrypted with.
         *
         * @param encryptionKeys the key ring
         * @return this builder
         */
        public Builder encryptionKeys(KeyRing encryptionKeys) {
            this.encryptionKeys = Objects.requireNonNull(encryptionKeys, "encryptionKeys");
            return this;
        }

        /**
         * Sets the numbers to go by.
         *
         * @param policy the policy; {@link TwoFactorPolicy#defaults()} if not set
         * @return this builder
         */
        public Builder policy(TwoFactorPolicy policy) {
            this.policy = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets the clock, for tests.
         *
         * @param clock tells the time; the system's if not set
         * @return this builder
         */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * Sets the source of secrets, codes, tokens and nonces.
         *
         * @param random a strong generator; {@code new SecureRandom()} if not set
         * @return this builder
         */
        public Builder random(SecureRandom random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        /**
         * Sets who hears of events.
         *
         * @param listener the listener; nobody if not set
         * @return this builder
         */
        public Builder listener(TwoFactorListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets what the application itself knows of its users: a flag in its own table, set after {@code Enrolled} and
         * cleared with {@code disable} and reset. Where it says yes and the store has no enabled record, every call but
         * the reset throws {@link MissingRecordException}: a deleted row or an old backup must not switch two-factor
         * authentication off without a word.
         *
         * <p>Between {@code disable} and the moment the flag is cleared the exception is thrown as well; after a crash in
         * between, an operator resets.
         *
         * @param enabledWitness says whether the application has it on for a user; never, if not set
         * @return this builder
         */
        public Builder enabledWitness(Predicate<UserId> enabledWitness) {
            this.enabledWitness = Objects.requireNonNull(enabledWitness, "enabledWitness");
            return this;
        }

        /**
         * Builds it.
         *
         * @return the two-factor authentication of one application
         * @throws IllegalStateException if issuer, store or encryption keys were not given, or the current key does not
         *     serve HMAC-SHA-256
         * @throws IllegalArgumentException if the issuer cannot stand in a key URI
         */
        public TwoFactor build() {
            if (issuer == null || store == null || encryptionKeys == null) {
                throw new IllegalStateException("issuer, store and encryptionKeys must be given");
            }
            // An issuer that no key URI can hold is found out now, and not by the first user.
            KeyUri.totp(issuer, "account", SharedSecret.generate(), TotpParameters.DEFAULT);
            return new TwoFactor(this, issuer, store, encryptionKeys);
        }
    }
}
