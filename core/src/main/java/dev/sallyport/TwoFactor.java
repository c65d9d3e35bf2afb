// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.Account.Decision;
import dev.sallyport.Account.Drawn;
import dev.sallyport.Account.Typed;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.TwoFactorStore;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
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
 * SignInRequirement next = twoFactor.signInRequirement(alice, browser);
 * if (next instanceof NoCodeRequired free) {
 *     // signed in: keep free.stamp() in the session
 * } else if (next instanceof CodeRequired code) {
 *     // not signed in: keep code.challenge() in the session, show the code page
 * }
 *
 * // The code page
 * VerificationResult result = twoFactor.verify(challenge, typed);
 * if (result instanceof Verified proof) {
 *     // signed in: keep proof.stamp() in the session, set proof.browserToken() as a cookie
 * } else if (result instanceof LockedOut locked) {
 *     // too many attempts: a backup code passes; codes are compared again at locked.until()
 * } else if (result instanceof SignInAgain) {
 *     // too late, or trust has ended: ask for the password again
 * } else if (result instanceof Malformed) {
 *     // that does not look like a code
 * } else {
 *     // Rejected: not right, or used already
 * }
 * }</pre>
 *
 * <p><b>A call that raises trust takes a proof. A call that lowers trust takes a user id.</b> A proof is a {@link
 * Verified}. Only {@link #verify}, {@link #stepUp} and {@link #confirmEnrollment} make one. A method that takes a
 * {@link UserId} does not check who calls. The application MUST have checked the password or the session before.
 *
 * <p><b>A result tells what the user did. An exception means that the application misused a method or that a system
 * failed.</b> Every call may throw these exceptions, in addition to those that it names:
 *
 * <ul>
 *   <li>{@link dev.sallyport.storage.StoreException}: the store failed. Nothing was granted.
 *   <li>{@link UnreadableRecordException}: the record cannot be read. Nobody gets in.
 *   <li>{@link MissingRecordException}: the record is gone or older than {@link Builder#versionWitness} says.
 *   <li>{@link NullPointerException} if an argument is null and is not marked {@code @Nullable}.
 * </ul>
 *
 * <p>Someone with the password alone has at most the probability that {@link TwoFactorPolicy#guessProbability} returns.
 * Someone who watches a code being used cannot use it again. Someone who reads the store finds all secrets encrypted.
 * Sallyport does not stop phishing that passes a code on at once. It does not stop somebody who has both the store and
 * its key.
 *
 * <p>Immutable and safe for use by many threads, and by many nodes over one store. Every call blocks until the store
 * has answered. A one-time code that is compared costs one read and one write. A locked attempt, a wrong backup code,
 * {@link #signInRequirement} and {@link #isCurrent} cost one read.
 */
public final class TwoFactor {
    private final String issuer;
    private final TwoFactorPolicy policy;
    private final SecureRandom random;
    private final SealedTexts sealedTexts;
    private final Enrollments enrollments;
    private final Accounts accounts;

    private TwoFactor(Builder builder, String issuer, TwoFactorStore store, KeyRing keyRing) {
        Sealer sealer = new Sealer(keyRing, builder.namespace, builder.random);
        Bytes realm = sealer.realm(issuer);
        Accounts.Settings settings =
                new Accounts.Settings(builder.policy, builder.clock, builder.random, builder.versionWitness);
        this.issuer = issuer;
        this.policy = builder.policy;
        this.random = builder.random;
        this.sealedTexts = new SealedTexts(sealer, issuer, realm, random);
        this.enrollments = new Enrollments(issuer, policy, random, sealedTexts);
        this.accounts = new Accounts(settings, store, sealer, realm, new Events(builder.listener));
    }

    /** {@return a builder that still needs an issuer, a store and encryption keys} */
    public static Builder builder() {
        return new Builder();
    }

    // --- Sign in ---

    /**
     * Tells what a sign-in still needs after the password. It costs one read and no write. If the browser token is
     * wrong, expired or of another user, a code is required. Such a token locks nobody out and causes no exception.
     *
     * @param user the user whose password was just checked
     * @param browser the user's browser, from {@link Browser#fromHeaders}
     * @return {@code CodeRequired} with a challenge, or {@code NoCodeRequired} with a stamp
     */
    public SignInRequirement signInRequirement(UserId user, Browser browser) {
        Objects.requireNonNull(browser, "browser");
        return accounts.read(
                user,
                (account, call) -> account.signInRequirement(
                        browser,
                        call,
                        restsOn -> Challenge.of(
                                sealedTexts.seal(new SealedTexts.SignIn(user, restsOn, call.now(), browser)))));
    }

    /**
     * Checks a code of any kind and uses it up. Blanks, dashes, and the quotes and brackets that people copy around a
     * code are ignored. In a backup or temporary code, I and L count as 1, and O counts as 0.
     *
     * <p>A wrong one-time code is counted before this method returns. A wrong backup code is not counted. A right
     * backup code is accepted even during a lockout. If the browser keeps tokens, a right code makes it a known
     * browser.
     *
     * <p>A right backup or temporary code also uses up every code that the user's app shows now and next, because
     * somebody may have seen one of them. The app's codes pass again a minute later.
     *
     * <p>After a {@code StoreException} nobody is signed in. Ask for another code: this one may be used up.
     *
     * @param challenge from {@link #signInRequirement}, as the session kept it
     * @param typed what the user typed; null counts as empty
     * @return {@code Verified}, {@code Rejected}, {@code Malformed}, {@code LockedOut} or {@code SignInAgain}
     */
    public VerificationResult verify(Challenge challenge, @Nullable String typed) {
        return verify(challenge, typed(TypedCode.parse(typed), false));
    }

    /**
     * Checks two consecutive codes of a hardware token whose clock or counter is out of step, and adjusts to it (RFC
     * 4226 section 7.4). The two codes count as one attempt. They are refused during a lockout. An authenticator app
     * does not need this, and this method does not adjust to one.
     *
     * @param challenge from {@link #signInRequirement}, as the session kept it
     * @param first a code of the token; null counts as empty
     * @param second the code after it; null counts as empty
     * @return as from {@link #verify(Challenge, String)}
     */
    public VerificationResult verify(Challenge challenge, @Nullable String first, @Nullable String second) {
        return verify(challenge, pair(first, second));
    }

    private VerificationResult verify(Challenge challenge, @Nullable Typed typed) {
        SealedTexts.SignIn signIn = sealedTexts.openChallenge(challenge.value());
        if (typed == null) {
            return malformed(signIn == null ? null : signIn.user());
        }
        if (signIn == null) {
            return new SignInAgain();
        }
        boolean unknown = signIn.restsOn().browser().isEmpty();
        Drawn drawn = drawn(unknown ? signIn.browser() : Browser.none());
        return accounts.change(signIn.user(), (account, call) -> account.verify(signIn, typed, drawn, call));
    }

    /**
     * Checks a code of a user who is signed in: before a change of settings, or before anything that the application
     * wants confirmed, such as a payment. Ten wrong codes in a row end all sessions of the user. Keep the stamp of the
     * proof in the session: a backup code renews it.
     *
     * @param user a signed-in user
     * @param stamp the stamp from the session
     * @param typed what the user typed; null counts as empty
     * @return as from {@link #verify(Challenge, String)}; {@code SignInAgain} if the stamp is not current or two-factor
     *     authentication is off
     */
    public VerificationResult stepUp(UserId user, TrustStamp stamp, @Nullable String typed) {
        return stepUp(user, stamp, typed(TypedCode.parse(typed), false));
    }

    /**
     * Checks two consecutive codes of a hardware token that is out of step, for a user who is signed in.
     *
     * @param user a signed-in user
     * @param stamp the stamp from the session
     * @param first a code of the token; null counts as empty
     * @param second the code after it; null counts as empty
     * @return as from {@link #stepUp(UserId, TrustStamp, String)}
     */
    public VerificationResult stepUp(UserId user, TrustStamp stamp, @Nullable String first, @Nullable String second) {
        return stepUp(user, stamp, pair(first, second));
    }

    private VerificationResult stepUp(UserId user, TrustStamp stamp, @Nullable Typed typed) {
        Objects.requireNonNull(stamp, "stamp");
        if (typed == null) {
            return malformed(Objects.requireNonNull(user, "user"));
        }
        Drawn drawn = drawn(Browser.none());
        return accounts.change(user, (account, call) -> account.stepUp(stamp, typed, drawn, call));
    }

    private static @Nullable Typed typed(@Nullable TypedCode code, boolean oneTimeCodesOnly) {
        return code == null || (oneTimeCodesOnly && !code.isOneTimeCode()) ? null : new Typed(code, null);
    }

    private static @Nullable Typed pair(@Nullable String first, @Nullable String second) {
        TypedCode one = TypedCode.parse(first);
        TypedCode two = TypedCode.parse(second);
        return one == null || two == null || !one.isOneTimeCode() || !two.isOneTimeCode() ? null : new Typed(one, two);
    }

    /** Input that does not look like a code is not counted, and the store is not read. */
    private Malformed malformed(@Nullable UserId user) {
        if (user != null) {
            TwoFactorEvent event = accounts.call(user).event(Type.CODE_REJECTED);
            accounts.publish(event.with(Detail.REASON, Rejection.MALFORMED.name()));
        }
        return new Malformed();
    }

    private Drawn drawn(Browser browser) {
        return new Drawn(Ids.drawEpoch(random), BrowserToken.draw(browser, random));
    }

    /**
     * Tells whether the trust that a session rests on is still current. Call it about once a minute, and before every
     * action that cannot be undone. If it returns false, end the session. It costs one read.
     *
     * @param user a signed-in user
     * @param stamp the stamp from the session
     * @return false if trust has ended, if the browser was forgotten, or if the record is unreadable or missing;
     *     otherwise true
     * @throws dev.sallyport.storage.StoreException if the store failed: answer 503 and keep the session
     */
    public boolean isCurrent(UserId user, TrustStamp stamp) {
        Objects.requireNonNull(stamp, "stamp");
        try {
            return accounts.read(user, (account, call) -> Decision.of(account, account.isCurrent(stamp, call)));
        } catch (UnreadableRecordException | MissingRecordException e) {
            return false;
        }
    }

    /**
     * Remembers the browser that a proof came from. Its sign-ins then need no code, for 30 days by default. A second
     * call does no harm. A sign-in without a code gives no proof.
     *
     * @param proof a fresh proof
     * @throws StaleProofException if the proof no longer counts
     * @throws IllegalStateException if the proof names no browser, because the client keeps no token
     */
    public void rememberBrowser(Verified proof) {
        changeWith(proof, (account, call) -> account.remember(proof, call));
    }

    // --- Enable ---

    /**
     * Begins to switch two-factor authentication on, with a new secret for an authenticator app. Nothing changes for
     * the user until {@link #confirmEnrollment} sees the first right code. A second call replaces the first one: the
     * earlier handle no longer works.
     *
     * <p>Before this call the application MUST ask for the password again, even if the user is signed in. Otherwise
     * somebody who steals a session could enroll their own phone. Call it on POST only.
     *
     * @param user a signed-in user
     * @param accountName what the app shows below the issuer, as for {@link EnrollmentRequest#of}
     * @return what to show, and the handle for the session
     * @throws AlreadyEnabledException if two-factor authentication is on
     * @throws IllegalArgumentException if the name is blank or has only control characters, or is too long for a QR
     *     code
     */
    public PendingEnrollment beginEnrollment(UserId user, String accountName) {
        return beginEnrollment(user, EnrollmentRequest.of(accountName));
    }

    /**
     * Begins an enrollment like {@link #beginEnrollment(UserId, String)}, with a label, a browser that becomes known,
     * or an existing authenticator.
     *
     * @param user a signed-in user whose password was just checked again
     * @param request what to enroll
     * @return what to show, and the handle for the session
     * @throws AlreadyEnabledException if two-factor authentication is on
     * @throws IllegalArgumentException if the names are too long for a QR code, or the existing authenticator would
     *     weaken the policy, counts its time steps from another instant than the epoch, or is known to this account
     */
    public PendingEnrollment beginEnrollment(UserId user, EnrollmentRequest request) {
        Objects.requireNonNull(request, "request");
        return accounts.change(user, (account, call) -> {
            account.requireOff();
            return enrollments.begin(account, request, account.stamp(null), call);
        });
    }

    /**
     * Begins to add another authenticator, such as a new phone. The present authenticators keep working.
     *
     * @param proof a fresh proof
     * @param request what to enroll
     * @return what to show, and the handle for the session
     * @throws StaleProofException if the proof no longer counts
     * @throws IllegalStateException if the account has five authenticators already
     * @throws IllegalArgumentException as for {@link #beginEnrollment(UserId, EnrollmentRequest)}
     */
    public PendingEnrollment addAuthenticator(Verified proof, EnrollmentRequest request) {
        Objects.requireNonNull(request, "request");
        return changeWith(proof, (account, call) -> {
            account.requireRoom();
            return enrollments.begin(account, request, proof.stamp(), call);
        });
    }

    /**
     * Returns the enrollment that waits for its first code, so that its page can be shown again. The result contains
     * the secret. Therefore the application MUST have checked the password a moment ago, as for {@link
     * #beginEnrollment}. It costs one read.
     *
     * @param handle from {@link PendingEnrollment#handle()}, as the session kept it
     * @return the same secret again; empty if the enrollment has ended
     */
    public Optional<PendingEnrollment> pendingEnrollment(EnrollmentHandle handle) {
        SealedTexts.Enrollment enrollment = sealedTexts.openHandle(handle.value());
        if (enrollment == null) {
            return Optional.empty();
        }
        return accounts.read(enrollment.user(), (account, call) -> {
            Optional<PendingEnrollment> pending = Optional.ofNullable(account.pending(enrollment.pendingId(), call))
                    .filter(slot -> slot.isOpen(call))
                    .map(slot -> slot.show(enrollment.user(), issuer, handle));
            return Decision.of(account, pending);
        });
    }

    /**
     * Makes the pending authenticator live if it made the code. The code is then used up. The first authenticator of an
     * account switches two-factor authentication on. The result then contains the backup codes: show them in the
     * response.
     *
     * <p>After a {@code StoreException} the outcome is unknown. Read {@link #status}: if two-factor authentication is
     * on, ask for a code and regenerate the backup codes, because the codes in the lost response cannot be recovered.
     *
     * @param handle from {@link PendingEnrollment#handle()}, as the session kept it
     * @param typed what the user typed; null counts as empty
     * @return {@code Enrolled}, {@code Rejected}, {@code Malformed}, {@code ClockOff} or {@code BeginAgain}
     */
    public EnrollmentResult confirmEnrollment(EnrollmentHandle handle, @Nullable String typed) {
        return confirmEnrollment(handle, typed(TypedCode.parse(typed), true));
    }

    /**
     * Confirms an enrollment with two consecutive codes. This also accepts a token whose clock is up to 100 steps off,
     * or whose counter is up to 100 ahead.
     *
     * @param handle from {@link PendingEnrollment#handle()}, as the session kept it
     * @param first a code of the token; null counts as empty
     * @param second the code after it; null counts as empty
     * @return {@code Enrolled}, {@code Rejected}, {@code Malformed} or {@code BeginAgain}
     */
    public EnrollmentResult confirmEnrollment(
            EnrollmentHandle handle, @Nullable String first, @Nullable String second) {
        return confirmEnrollment(handle, pair(first, second));
    }

    private EnrollmentResult confirmEnrollment(EnrollmentHandle handle, @Nullable Typed typed) {
        SealedTexts.Enrollment enrollment = sealedTexts.openHandle(handle.value());
        if (typed == null) {
            return malformed(enrollment == null ? null : enrollment.user());
        }
        if (enrollment == null) {
            return new EnrollmentResult.BeginAgain();
        }
        Drawn drawn = drawn(enrollment.browser());
        BackupCodeSet.Fresh codes = freshCodes(enrollment.user());
        return accounts.change(
                enrollment.user(),
                (account, call) ->
                        account.confirm(enrollment.pendingId(), enrollment.browser(), typed, codes, drawn, call));
    }

    private BackupCodeSet.Fresh freshCodes(UserId user) {
        return BackupCodeSet.generate(policy, random, accounts.call(user).now());
    }

    // --- With a proof ---

    /**
     * Makes a new set of backup codes. The old codes stop working at once. Other sessions end, and remembered browsers
     * need a code again.
     *
     * <p>After a {@code StoreException} the outcome is unknown, and the proof may be stale. Ask for a code, then call
     * this method again.
     *
     * @param proof a fresh proof
     * @return the new codes, which must be shown now, and a proof that replaces the given one
     * @throws StaleProofException if the proof no longer counts
     */
    public Regenerated regenerateBackupCodes(Verified proof) {
        BackupCodeSet.Fresh codes = freshCodes(proof.user());
        Drawn drawn = drawn(Browser.none());
        return changeWith(proof, (account, call) -> account.regenerate(proof, codes, drawn, call));
    }

    /**
     * Removes an authenticator. Other sessions and a pending enrollment end, and remembered browsers need a code again.
     *
     * <p>After a {@code StoreException} the outcome is unknown, and the proof may be stale: read {@link #status}.
     *
     * @param proof a fresh proof
     * @param id which authenticator
     * @return a proof that replaces the given one; keep its stamp in the session
     * @throws StaleProofException if the proof no longer counts
     * @throws IllegalStateException if it is the last one: disable instead
     * @throws IllegalArgumentException if the account has no such authenticator
     */
    public Verified removeAuthenticator(Verified proof, AuthenticatorId id) {
        Drawn drawn = drawn(Browser.none());
        return changeWith(proof, (account, call) -> account.removeAuthenticator(proof, id, drawn, call));
    }

    /**
     * Switches two-factor authentication off. The secrets, the backup codes and the known browsers are deleted. Proofs
     * and other sessions end.
     *
     * <p>After a {@code StoreException} the outcome is unknown, and the proof may be stale: read {@link #status}.
     *
     * @param proof a fresh proof
     * @return the new stamp for the session that made this call
     * @throws StaleProofException if the proof no longer counts
     */
    public TrustStamp disable(Verified proof) {
        Drawn drawn = drawn(Browser.none());
        return changeWith(proof, (account, call) -> account.empty(drawn, call.event(Type.DISABLED)));
    }

    /** The proof is checked in each try, against the record that is about to be replaced. */
    private <R> R changeWith(Verified proof, Accounts.Rule<R> rule) {
        return accounts.change(proof.user(), (account, call) -> {
            account.require(proof, call);
            return rule.decide(account, call);
        });
    }

    /**
     * Turns a proof into a text that a later request can bring back, so that one code is enough for several pages. The
     * text is encrypted, and is valid no longer than the proof. Keep it out of URLs and logs. It does not contain the
     * browser token.
     *
     * @param proof a fresh proof
     * @return URL-safe text, at most 2,048 characters
     * @throws StaleProofException if the proof is too old, or was made under another issuer, namespace or key
     */
    public String seal(Verified proof) {
        Account.requireInTime(proof, accounts.call(proof.user()));
        return sealedTexts.seal(proof);
    }

    /**
     * Reads a sealed proof. The method that takes the proof checks whether it still counts for the user's record.
     *
     * @param user the user whose proof is expected
     * @param sealedProof the text that {@link #seal} returned; any other text and null are allowed, too
     * @return the proof; empty if it is too old, belongs to another user, issuer, namespace or key, or is not a sealed
     *     proof
     */
    public Optional<Verified> unseal(UserId user, @Nullable String sealedProof) {
        Call call = accounts.call(user);
        return Optional.ofNullable(sealedTexts.openProof(sealedProof == null ? "" : sealedProof))
                .filter(proof -> proof.user().equals(user) && call.isWithin(proof.at(), policy.proofLifetime()));
    }

    // --- Status, and lowering trust ---

    /**
     * Returns what a settings page shows. It costs one read.
     *
     * @param user a signed-in user
     * @return state, authenticators, browsers, locks
     */
    public TwoFactorStatus status(UserId user) {
        return accounts.read(user, (account, call) -> Decision.of(account, account.status(call)));
    }

    /**
     * Forgets a known browser. Everything that came from this browser ends: sessions, proofs, half-finished sign-ins
     * and a pending enrollment. Nothing else ends. The method does nothing if the browser is forgotten already.
     *
     * @param user a signed-in user
     * @param id which browser
     */
    public void forgetBrowser(UserId user, BrowserId id) {
        accounts.change(user, (account, call) -> account.forget(id, call));
    }

    /**
     * Ends all trust: every session, known browser, proof, half-finished sign-in and pending enrollment of the user
     * ends. The application MUST call this method when the password changes. It can also call it for "sign out
     * everywhere".
     *
     * <p>If a session asks for this, call {@link #endTrust(UserId, TrustStamp)}. The returned stamp is current, and a
     * stale session must not get it.
     *
     * @param user the user whose trust ends; two-factor authentication may be on or off
     * @return the new stamp for the session that asked. It names no browser, so a proof from a step-up in this session
     *     names none either
     */
    public TrustStamp endTrust(UserId user) {
        Drawn drawn = drawn(Browser.none());
        return accounts.change(user, (account, call) -> account.endTrust(drawn, call));
    }

    /**
     * Ends all trust like {@link #endTrust(UserId)}, if the session that asks for it still holds. Of the owner and
     * somebody with a copy of the session only one gets a new stamp, because the check is a part of the change.
     *
     * @param user the user whose trust ends
     * @param stamp the stamp of the session that asks
     * @return the new stamp for that session; empty if the given one is not current. Nothing was changed then
     */
    public Optional<TrustStamp> endTrust(UserId user, TrustStamp stamp) {
        Objects.requireNonNull(stamp, "stamp");
        Drawn drawn = drawn(Browser.none());
        return accounts.change(user, (account, call) -> account.endTrust(stamp, drawn, call));
    }

    /**
     * Ends all trust like {@link #endTrust(UserId)}, for a session that has a proof.
     *
     * @param proof a fresh proof
     * @return a proof that replaces the given one and has the same time; keep its stamp in the session
     * @throws StaleProofException if the proof no longer counts
     */
    public Verified endTrust(Verified proof) {
        Drawn drawn = drawn(Browser.none());
        return changeWith(proof, (account, call) -> {
            Decision<TrustStamp> ended = account.endTrust(drawn, call);
            return new Decision<>(ended.next(), proof.renewed(ended.result(), proof.backupCodesLeft()), ended.events());
        });
    }

    /**
     * Returns the calls of an operator, who has no proof from the user. Protect these calls with a permission of their
     * own.
     *
     * @param who the operator's name, for the events: up to 128 UTF-8 bytes
     * @return the calls
     * @throws IllegalArgumentException if the name is blank, too long, or has control characters
     */
    public Operator operator(String who) {
        return new Operator(
                Text.require("an operator's name", who, Text.MAX_NAME_BYTES), accounts, enrollments, random);
    }

    /** Collects the parts of a {@link TwoFactor}. Issuer, store and encryption keys must be given. */
    public static final class Builder {
        private @Nullable String issuer;
        private @Nullable TwoFactorStore store;
        private @Nullable KeyRing encryptionKeys;
        private String namespace = "";
        private TwoFactorPolicy policy = TwoFactorPolicy.defaults();
        private InstantSource clock = InstantSource.system();
        private SecureRandom random = new SecureRandom();
        private TwoFactorListener listener = event -> {};
        private VersionWitness versionWitness = user -> 0;

        private Builder() {}

        /**
         * Names the application as its users know it. Proofs and half-finished sign-ins are bound to it, so it should
         * stay the same.
         *
         * @param issuer up to 64 UTF-8 bytes, no colon, no control character, no white space at its ends
         * @return this builder
         * @throws IllegalArgumentException if it is too long, blank, or has control characters; {@link #build()}
         *     refuses the rest
         */
        public Builder issuer(String issuer) {
            this.issuer = Text.require("an issuer", issuer, Text.MAX_ISSUER_BYTES);
            return this;
        }

        /**
         * Sets the store that keeps the records.
         *
         * @param store the store
         * @return this builder
         */
        public Builder store(TwoFactorStore store) {
            this.store = Objects.requireNonNull(store, "store");
            return this;
        }

        /**
         * Sets the keys that records are encrypted with.
         *
         * @param encryptionKeys the key ring
         * @return this builder
         */
        public Builder encryptionKeys(KeyRing encryptionKeys) {
            this.encryptionKeys = Objects.requireNonNull(encryptionKeys, "encryptionKeys");
            return this;
        }

        /**
         * Sets the name that separates this application from other tenants or environments with the same key ring. A
         * record of one namespace does not open in another. Never change the namespace, because the existing records
         * would no longer open.
         *
         * @param namespace up to 64 UTF-8 bytes; "" if not set
         * @return this builder
         * @throws IllegalArgumentException if it is blank but not empty, too long, or has control characters
         */
        public Builder namespace(String namespace) {
            this.namespace = Text.requireNamespace(namespace);
            return this;
        }

        /**
         * Sets the numbers of the policy.
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
         * @param clock the clock; the system clock if not set
         * @return this builder
         */
        public Builder clock(InstantSource clock) {
            this.clock = Objects.requireNonNull(clock, "clock");
            return this;
        }

        /**
         * Sets the source of secrets, codes, tokens, epochs and nonces.
         *
         * @param random a strong generator; {@code new SecureRandom()} if not set
         * @return this builder
         */
        public Builder random(SecureRandom random) {
            this.random = Objects.requireNonNull(random, "random");
            return this;
        }

        /**
         * Sets the listener that receives events.
         *
         * @param listener the listener; if not set, events are only logged
         * @return this builder
         */
        public Builder listener(TwoFactorListener listener) {
            this.listener = Objects.requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets the source of the highest version that the application knows of each user's record. If this version is
         * higher than the one in the store, every call throws {@link MissingRecordException}. There are two exceptions:
         * {@link TwoFactor#isCurrent} returns false, and the calls of an operator that end this state work. So a
         * deleted row, a cache that evicts or a restored backup cannot switch two-factor authentication off. It cannot
         * make used codes valid or reset the failure counts either.
         *
         * @param versionWitness returns one number per user; always 0 if not set
         * @return this builder
         */
        public Builder versionWitness(VersionWitness versionWitness) {
            this.versionWitness = Objects.requireNonNull(versionWitness, "versionWitness");
            return this;
        }

        /**
         * Builds the object.
         *
         * @return the two-factor authentication of one application
         * @throws IllegalStateException if issuer, store or encryption keys were not given, or the current key does not
         *     work with HMAC-SHA-256
         * @throws IllegalArgumentException if a key URI cannot contain the issuer
         */
        public TwoFactor build() {
            if (issuer == null || store == null || encryptionKeys == null) {
                throw new IllegalStateException("issuer, store and encryptionKeys must be given");
            }
            // This refuses an issuer that a key URI cannot contain, before the first user enrolls.
            KeyUri.totp(issuer, "account", SharedSecret.generate(), TotpParameters.DEFAULT);
            return new TwoFactor(this, issuer, store, encryptionKeys);
        }
    }
}
