// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.Authenticator.Kind;
import dev.sallyport.Authenticator.Match;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.Limits.Lock;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.RecordSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One user's second factor, and its rules: each takes the account as it is and gives the {@link Outcome}, with no store,
 * clock or generator in sight. {@link Records} commits an outcome, or asks again with a newer account.
 *
 * <p>An account without authenticators is not enabled: there is a pending enrollment in it, or nothing at all.
 */
record Account(
        Header header,
        List<Authenticator> authenticators,
        BackupCodeSet backupCodes,
        List<RememberedBrowser> browsers,
        Limits limits,
        @Nullable PendingSlot pending) {
    /** How far the clocks of two nodes may be apart before what one has just written looks unborn to the other. */
    static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

    /** Which record this is, how often trust was lowered in it, since when it is enabled, when it was written. */
    record Header(long recordId, long trustEpoch, @Nullable Instant enabledAt, Instant updatedAt) {}

    Account {
        authenticators = List.copyOf(authenticators);
        browsers = List.copyOf(browsers);
    }

    /** What a user without a record has. The id tells this record from any that the user had before. */
    static Account empty(long recordId, Instant now) {
        Header header = new Header(recordId, 0, null, now);
        return new Account(header, List.of(), BackupCodeSet.NONE, List.of(), Limits.NONE, null);
    }

    boolean isEnabled() {
        return !authenticators.isEmpty();
    }

    // --- Enrollment ---

    void requireNotEnabled() {
        if (isEnabled()) {
            throw new AlreadyEnabledException("two-factor authentication is on; to add an authenticator takes a proof");
        }
    }

    /** Takes the place of whatever was pending. A secret with two watermarks would let a code pass twice. */
    Account begin(PendingSlot slot) {
        if (authenticators.stream().anyMatch(one -> one.hasSecretOf(slot.candidate()))) {
            throw new IllegalArgumentException("this account has an authenticator with that secret already");
        }
        return with(slot);
    }

    /** An authenticator goes live; whatever was pending has had its turn. */
    Account add(Authenticator added, Call call) {
        List<Authenticator> more = new ArrayList<>(authenticators);
        more.add(added);
        Instant since = header.enabledAt() == null ? call.now() : header.enabledAt();
        Header enabled = new Header(header.recordId(), header.trustEpoch(), since, header.updatedAt());
        return new Account(enabled, more, backupCodes, browsers, limits, null);
    }

    Outcome<EnrollmentResult> confirm(TypedCode code, Call call, Supplier<BackupCodeSet.Fresh> newBackupCodes) {
        PendingSlot slot = pending;
        if (slot == null) {
            return Outcome.of(this, new EnrollmentResult.NotPending());
        }
        if (!slot.isValid(this, call.policy(), call.now())) {
            return expired(slot, call);
        }
        Match match = slot.candidate().match(code.canonical(), call.now(), call.policy());
        if (match.kind() == Kind.ACCEPTED) {
            return confirmed(slot.candidate().confirmed(match.position(), call.now()), call, newBackupCodes);
        }
        PendingSlot failed = slot.failed();
        return failed.failures() >= call.policy().enrollmentAttempts()
                ? expired(slot, call)
                : Outcome.of(with(failed), new EnrollmentResult.Rejected(), rejection(Rejection.WRONG, code, call));
    }

    private Outcome<EnrollmentResult> expired(PendingSlot slot, Call call) {
        TwoFactorEvent event = call.event(Type.ENROLLMENT_EXPIRED, slot.candidate());
        return Outcome.of(withoutPending(), new EnrollmentResult.Expired(), event);
    }

    private Outcome<EnrollmentResult> confirmed(
            Authenticator added, Call call, Supplier<BackupCodeSet.Fresh> newBackupCodes) {
        Account next = add(added, call);
        Optional<BackupCodes> codes = Optional.empty();
        if (!isEnabled()) {
            BackupCodeSet.Fresh fresh = newBackupCodes.get();
            next = next.with(fresh.set());
            codes = Optional.of(fresh.codes());
        }
        return Outcome.of(
                next,
                new Enrolled(added.id(), codes, next.proof(added.id(), call)),
                call.event(Type.ENROLLMENT_CONFIRMED, added),
                call.event(Type.AUTHENTICATOR_ADDED, added));
    }

    Outcome<Boolean> cancel(Call call) {
        return pending == null
                ? Outcome.done(this)
                : Outcome.done(withoutPending(), call.event(Type.ENROLLMENT_CANCELLED, pending.candidate()));
    }

    /** Nothing is left of an account whose only content was a pending enrollment. */
    private @Nullable Account withoutPending() {
        return isEnabled() ? with((PendingSlot) null) : null;
    }

    // --- Verification ---

    Outcome<VerificationResult> verify(TypedCode code, Call call) {
        if (!isEnabled()) {
            return Outcome.of(this, new VerificationResult.NotEnrolled());
        }
        return code.isOneTimeCode()
                ? verify(code, call, one -> one.match(code.canonical(), call.now(), call.policy()))
                : verifyBackupCode(code, call);
    }

    /** RFC 4226 section 7.4, two codes in a row; only for counter-based authenticators. */
    Outcome<VerificationResult> resynchronize(TypedCode first, TypedCode second, Call call) {
        return isEnabled()
                ? verify(second, call, one -> one.match(first.canonical(), second.canonical(), call.policy()))
                : Outcome.of(this, new VerificationResult.NotEnrolled());
    }

    /** One attempt, whatever the number of authenticators: each is asked, and one failure is charged. */
    private Outcome<VerificationResult> verify(TypedCode code, Call call, Function<Authenticator, Match> matching) {
        Lock lock = limits.lock(call.policy(), call.now());
        if (lock != null) {
            return Outcome.of(this, lock.result(), lock.describe(call.event(Type.ATTEMPT_REFUSED)));
        }
        List<Match> matches = authenticators.stream().map(matching).toList();
        if (has(Kind.REPEATED, matches)) {
            return Outcome.of(this, new Rejected(), rejection(Rejection.REPLAYED, code, call));
        }
        if (has(Kind.ACCEPTED, matches)) {
            return accepted(matches, call);
        }
        if (matches.stream().allMatch(match -> match.kind() == Kind.BEHIND_THE_CLOCK)) {
            return Outcome.of(this, new Rejected(), rejection(Rejection.BEHIND_THE_CLOCK, code, call));
        }
        return charged(has(Kind.REPLAYED, matches) ? Rejection.REPLAYED : Rejection.WRONG, code, call);
    }

    private static boolean has(Kind kind, List<Match> matches) {
        return matches.stream().anyMatch(match -> match.kind() == kind);
    }

    /** Advances every authenticator that the code belongs to, so that none of them takes it again. */
    private Outcome<VerificationResult> accepted(List<Match> matches, Call call) {
        List<Authenticator> after = new ArrayList<>(authenticators);
        int last = 0;
        for (int i = 0; i < after.size(); i++) {
            if (matches.get(i).kind() == Kind.ACCEPTED) {
                after.set(i, after.get(i).accepted(matches.get(i).position(), call.now()));
                last = i;
            }
        }
        Account next = withAuthenticators(after).with(limits.codeAccepted());
        Authenticator by = after.get(last);
        return Outcome.of(next, next.proof(by.id(), call), call.event(Type.CODE_ACCEPTED, by));
    }

    private Outcome<VerificationResult> charged(Rejection reason, TypedCode code, Call call) {
        Account next = with(limits.codeFailed(call.now()));
        Lock lock = next.limits.lock(call.policy(), call.now());
        TwoFactorEvent rejection = rejection(reason, code, call);
        return lock == null
                ? Outcome.of(next, new Rejected(), rejection)
                : Outcome.of(next, new Rejected(), rejection, lock.describe(call.event(lock.begins())));
    }

    private Outcome<VerificationResult> verifyBackupCode(TypedCode code, Call call) {
        Instant from = limits.backupCodesFrom(call.policy());
        if (from.isAfter(call.now())) {
            TwoFactorEvent refused = call.event(Type.ATTEMPT_REFUSED)
                    .with(Detail.METHOD, code.method().name())
                    .with(Detail.UNTIL, from.toString());
            return Outcome.of(this, new LockedOut(from), refused);
        }
        int index = backupCodes.indexOf(code, call.hasher());
        if (index < 0 || backupCodes.slots().get(index).spent()) {
            Rejection reason = index < 0 ? Rejection.WRONG : Rejection.REPLAYED;
            Account next = with(limits.backupCodeFailed(call.now()));
            return Outcome.of(next, new Rejected(), rejection(reason, code, call));
        }
        // Who needs a backup code may have lost the phone, or a browser: nothing remembered is trusted any longer.
        Account next = with(backupCodes.spend(index))
                .with(limits.backupCodeUsed(call.now()))
                .withTrustLowered(List.of());
        String left = Integer.toString(next.backupCodes.left());
        TwoFactorEvent used = call.event(Type.BACKUP_CODE_USED).with(Detail.BACKUP_CODES_LEFT, left);
        TwoFactorEvent low = call.event(Type.BACKUP_CODES_LOW).with(Detail.BACKUP_CODES_LEFT, left);
        return next.backupCodes.left() > call.policy().backupCodesLow()
                ? Outcome.of(next, next.proof(null, call), used)
                : Outcome.of(next, next.proof(null, call), used, low);
    }

    private static TwoFactorEvent rejection(Rejection reason, TypedCode code, Call call) {
        return call.event(Type.CODE_REJECTED)
                .with(Detail.REASON, reason.name())
                .with(Detail.METHOD, code.method().name());
    }

    // --- Proofs, and what they are good for ---

    private Trust trust(Call call) {
        return new Trust(call.realm(), header.recordId(), header.trustEpoch());
    }

    private Verified proof(@Nullable AuthenticatorId by, Call call) {
        return new Verified(trust(call), call.user(), call.now(), by, backupCodes.left());
    }

    /** Refuses a proof that is not of this account as it is now. */
    void require(Verified proof, Call call) {
        requireInTime(proof, call);
        if (!proof.trust().equals(trust(call))) {
            throw new StaleProofException("the proof is from before the account was disabled or its trust was lowered");
        }
    }

    /** Refuses a proof of another issuer or key ring, and one that is too far from now in either direction. */
    static void requireInTime(Verified proof, Call call) {
        if (!proof.trust().realm().equals(call.realm())) {
            throw new StaleProofException("the proof was made under another issuer or key ring");
        }
        Duration age = Duration.between(proof.at(), call.now()).abs();
        if (age.compareTo(call.policy().proofLifetime()) > 0) {
            throw new StaleProofException(
                    "the proof is older than " + call.policy().proofLifetime());
        }
    }

    Outcome<BackupCodes> regenerate(BackupCodeSet.Fresh fresh, Call call) {
        Account next = with(fresh.set()).withBrowsers(List.of());
        return Outcome.of(next, fresh.codes(), call.event(Type.BACKUP_CODES_REGENERATED));
    }

    Outcome<Verified> removeAuthenticator(Verified proof, AuthenticatorId id, Call call) {
        List<Authenticator> after = new ArrayList<>(authenticators);
        Authenticator removed = after.stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("this account has no authenticator " + id.value()));
        if (after.size() == 1) {
            throw new IllegalStateException("the last authenticator cannot be removed; disable instead");
        }
        after.remove(removed);
        Account next = withAuthenticators(after).withTrustLowered(List.of());
        return Outcome.of(next, proof.with(next.trust(call)), call.event(Type.AUTHENTICATOR_REMOVED, removed));
    }

    // --- Remembered browsers ---

    Outcome<BrowserToken> remember(RememberedBrowser added, String token, Call call) {
        List<RememberedBrowser> after = new ArrayList<>(validBrowsers(call.policy(), call.now()));
        after.add(added);
        int tooMany = Math.max(0, after.size() - call.policy().maxBrowsers());
        return Outcome.of(
                withBrowsers(after.subList(tooMany, after.size())),
                new BrowserToken(token, added.id(), call.policy().browserLifetime()),
                added.describe(call.event(Type.BROWSER_REMEMBERED)));
    }

    Outcome<SignInRequirement> signInRequirement(@Nullable String token, Call call) {
        if (!isEnabled()) {
            return Outcome.of(this, new SignInRequirement.NotEnrolled());
        }
        RememberedBrowser browser = token == null ? null : recognize(token, call);
        if (browser == null) {
            return Outcome.of(this, new SignInRequirement.CodeRequired());
        }
        TwoFactorEvent event = browser.describe(call.event(Type.BROWSER_RECOGNIZED));
        return Outcome.of(this, new SignInRequirement.RememberedBrowser(browser.id()), event);
    }

    private @Nullable RememberedBrowser recognize(String token, Call call) {
        if (!RememberedBrowser.isToken(token)) {
            return null;
        }
        Bytes hash = RememberedBrowser.hash(token);
        return validBrowsers(call.policy(), call.now()).stream()
                .filter(browser -> browser.tokenHash().equals(hash))
                .findFirst()
                .orElse(null);
    }

    private List<RememberedBrowser> validBrowsers(TwoFactorPolicy policy, Instant now) {
        return browsers.stream().filter(browser -> browser.isValid(policy, now)).toList();
    }

    Outcome<Boolean> forget(BrowserId id, Call call) {
        List<RememberedBrowser> after = new ArrayList<>(browsers);
        TwoFactorEvent event = call.event(Type.BROWSERS_FORGOTTEN).with(Detail.BROWSER, id.value());
        return after.removeIf(browser -> browser.id().equals(id))
                ? Outcome.done(withTrustLowered(after), event)
                : Outcome.done(this);
    }

    Outcome<Boolean> forgetAll(Call call) {
        return isEnabled() || pending != null
                ? Outcome.done(withTrustLowered(List.of()), call.event(Type.BROWSERS_FORGOTTEN))
                : Outcome.done(this);
    }

    /** Proofs and pending enrollments of before die with the browsers. */
    private Account withTrustLowered(List<RememberedBrowser> browsersLeft) {
        Header lowered = new Header(header.recordId(), header.trustEpoch() + 1, header.enabledAt(), header.updatedAt());
        return new Account(lowered, authenticators, backupCodes, browsersLeft, limits, pending);
    }

    Outcome<Boolean> unlock(String reason, Call call) {
        return isEnabled()
                ? Outcome.done(
                        with(limits.unlocked()), call.event(Type.UNLOCKED).with(Detail.REASON, reason))
                : Outcome.done(this);
    }

    // --- Views ---

    RecordSummary summary(Call call) {
        Lock lock = limits.lock(call.policy(), call.now());
        RecordSummary.State state = lock != null && lock.reason() == LockReason.SUSPENDED
                ? RecordSummary.State.SUSPENDED
                : isEnabled() ? RecordSummary.State.ENABLED : RecordSummary.State.PENDING;
        return new RecordSummary(
                state,
                limits.codeFailures(),
                lock == null ? null : lock.until(),
                backupCodes.left(),
                validBrowsers(call.policy(), call.now()).size(),
                header.enabledAt(),
                header.updatedAt());
    }

    TwoFactorStatus status(Call call) {
        boolean waits = pending != null && pending.isValid(this, call.policy(), call.now());
        TwoFactorStatus.State off = waits ? TwoFactorStatus.State.PENDING : TwoFactorStatus.State.NOT_ENROLLED;
        Optional<Lock> lock = Optional.ofNullable(limits.noLaterThan(call.now()).lock(call.policy(), call.now()));
        return new TwoFactorStatus(
                isEnabled() ? TwoFactorStatus.State.ENABLED : off,
                authenticators.stream().map(Authenticator::status).toList(),
                backupCodes.left(),
                validBrowsers(call.policy(), call.now()).stream()
                        .map(browser -> browser.status(call.policy()))
                        .toList(),
                lock.map(Lock::reason),
                lock.map(Lock::until));
    }

    // --- Copies ---

    /**
     * What the record says of the future was written by a wrong clock, and counts as of now; which holds only if it is
     * written, or each look would begin the time anew. The pending enrollment is left out: it is good within its ten
     * minutes and at no other time.
     */
    Account noLaterThan(Instant now) {
        List<RememberedBrowser> clamped =
                browsers.stream().map(browser -> browser.noLaterThan(now)).toList();
        return withBrowsers(clamped).with(limits.noLaterThan(now));
    }

    Account updated(Instant now) {
        Header updated = new Header(header.recordId(), header.trustEpoch(), header.enabledAt(), now);
        return new Account(updated, authenticators, backupCodes, browsers, limits, pending);
    }

    private Account with(Limits after) {
        return new Account(header, authenticators, backupCodes, browsers, after, pending);
    }

    private Account with(@Nullable PendingSlot after) {
        return new Account(header, authenticators, backupCodes, browsers, limits, after);
    }

    private Account with(BackupCodeSet after) {
        return new Account(header, authenticators, after, browsers, limits, pending);
    }

    private Account withAuthenticators(List<Authenticator> after) {
        return new Account(header, after, backupCodes, browsers, limits, pending);
    }

    private Account withBrowsers(List<RememberedBrowser> after) {
        return new Account(header, authenticators, backupCodes, after, limits, pending);
    }

    /** Overwrites the secrets, which nothing that was handed out shares. */
    void destroySecrets() {
        authenticators.forEach(one -> one.seed().secret().destroy());
        if (pending != null) {
            pending.candidate().seed().secret().destroy();
        }
    }
}
