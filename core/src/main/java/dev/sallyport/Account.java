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
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One user's second factor, and its rules: each method takes the account as it is and gives the {@link Outcome}, with no
 * store, clock or generator in sight. {@link Records} commits an outcome or asks again with a newer account.
 *
 * <p>An account without authenticators is not enabled: it has a pending enrollment and nothing else.
 */
record Account(
        long recordId,
        long trustEpoch,
        @Nullable Instant enabledAt,
        Instant updatedAt,
        List<Authenticator> authenticators,
        BackupCodeSet backupCodes,
        List<RememberedBrowser> browsers,
        Limits limits,
        @Nullable PendingSlot pending) {
    /** How far the clocks of two nodes may be apart before what one has just written looks unborn to the other. */
    static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

    Account {
        authenticators = List.copyOf(authenticators);
        browsers = List.copyOf(browsers);
    }

    static Account empty(long recordId, Instant now) {
        return new Account(recordId, 0, null, now, List.of(), BackupCodeSet.NONE, List.of(), Limits.NONE, null);
    }

    boolean isEnabled() {
        return !authenticators.isEmpty();
    }

    // --- Enrollment ---

    /** Refuses a secret that the account has: a code with two watermarks could be used twice. */
    void requireNewSecret(AuthenticatorSeed seed) {
        if (authenticators.stream().anyMatch(known -> known.seed().secret().equals(seed.secret()))) {
            throw new IllegalArgumentException("this account has an authenticator with that secret already");
        }
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
            return confirmed(slot, match.position(), call, newBackupCodes);
        }
        PendingSlot failed = slot.failed();
        return failed.failures() >= call.policy().enrollmentAttempts()
                ? expired(slot, call)
                : Outcome.of(with(failed), new EnrollmentResult.Rejected(), rejection(Rejection.WRONG, code, call));
    }

    private Outcome<EnrollmentResult> expired(PendingSlot slot, Call call) {
        return Outcome.of(
                withoutPending(),
                new EnrollmentResult.Expired(),
                call.event(Type.ENROLLMENT_EXPIRED, describe(slot.candidate())));
    }

    private Outcome<EnrollmentResult> confirmed(
            PendingSlot slot, long position, Call call, Supplier<BackupCodeSet.Fresh> newBackupCodes) {
        // The code that confirms is used up like any other.
        Authenticator added = slot.candidate().accepted(position, call.now());
        Account next = withAuthenticator(added, call.now());
        Optional<BackupCodes> codes = Optional.empty();
        if (!isEnabled()) {
            BackupCodeSet.Fresh fresh = newBackupCodes.get();
            next = next.with(fresh.set());
            codes = Optional.of(fresh.codes());
        }
        return Outcome.of(
                next,
                new Enrolled(added.id(), codes, next.proof(VerificationMethod.ONE_TIME_CODE, added.id(), call)),
                call.event(Type.ENROLLMENT_CONFIRMED, describe(added)),
                call.event(Type.AUTHENTICATOR_ADDED, describe(added)));
    }

    /** An authenticator goes live; whatever was pending has had its turn. */
    Account withAuthenticator(Authenticator added, Instant now) {
        List<Authenticator> more = new ArrayList<>(authenticators);
        more.add(added);
        return new Account(
                recordId,
                trustEpoch,
                enabledAt == null ? now : enabledAt,
                updatedAt,
                more,
                backupCodes,
                browsers,
                limits,
                null);
    }

    /** Nothing is left of an account whose only content was a pending enrollment. */
    @Nullable
    Account withoutPending() {
        return isEnabled() ? with((PendingSlot) null) : null;
    }

    // --- Verification ---

    Outcome<VerificationResult> verify(TypedCode code, Call call) {
        return code.isOneTimeCode() ? verifyOneTimeCode(code, call) : verifyBackupCode(code, call);
    }

    private Outcome<VerificationResult> verifyOneTimeCode(TypedCode code, Call call) {
        Optional<Lock> lock = limits.lock(call.policy(), call.now());
        if (lock.isPresent()) {
            return refused(lock.get(), call);
        }
        List<Match> matches = authenticators.stream()
                .map(authenticator -> authenticator.match(code.canonical(), call.now(), call.policy()))
                .toList();
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

    /** RFC 4226 section 7.4, two codes in a row; only for counter-based authenticators. */
    Outcome<VerificationResult> resynchronize(TypedCode first, TypedCode second, Call call) {
        Optional<Lock> lock = limits.lock(call.policy(), call.now());
        if (lock.isPresent()) {
            return refused(lock.get(), call);
        }
        List<Match> matches = authenticators.stream()
                .map(one -> one.matchConsecutive(first.canonical(), second.canonical(), call.policy()))
                .map(counter ->
                        counter.isPresent() ? new Match(Kind.ACCEPTED, counter.getAsLong()) : new Match(Kind.WRONG, -1))
                .toList();
        return has(Kind.ACCEPTED, matches) ? accepted(matches, call) : charged(Rejection.WRONG, second, call);
    }

    private static boolean has(Kind kind, List<Match> matches) {
        return matches.stream().anyMatch(match -> match.kind() == kind);
    }

    /** Advances every authenticator that the code belongs to, so that none of them takes it again. */
    private Outcome<VerificationResult> accepted(List<Match> matches, Call call) {
        List<Authenticator> after = new ArrayList<>(authenticators);
        AuthenticatorId by = null;
        for (int i = 0; i < after.size(); i++) {
            if (matches.get(i).kind() == Kind.ACCEPTED) {
                after.set(i, after.get(i).accepted(matches.get(i).position(), call.now()));
                by = by == null ? after.get(i).id() : by;
            }
        }
        Account next = withAuthenticators(after).with(limits.codeAccepted());
        Verified proof = next.proof(VerificationMethod.ONE_TIME_CODE, by, call);
        return Outcome.of(
                next,
                proof,
                call.event(
                        Type.CODE_ACCEPTED,
                        proof.authenticator()
                                .map(id -> Map.of(Detail.AUTHENTICATOR, id.value()))
                                .orElse(Map.of())));
    }

    private Outcome<VerificationResult> refused(Lock lock, Call call) {
        return Outcome.of(this, lock.result(), call.event(Type.ATTEMPT_REFUSED, describe(lock)));
    }

    private Outcome<VerificationResult> charged(Rejection reason, TypedCode code, Call call) {
        Limits after = limits.codeFailed(call.now());
        List<TwoFactorEvent> events = new ArrayList<>();
        events.add(rejection(reason, code, call));
        after.lock(call.policy(), call.now())
                .ifPresent(lock -> events.add(call.event(
                        switch (lock.reason()) {
                            case BACK_OFF -> Type.LOCKED_OUT;
                            case SUSPENDED -> Type.SUSPENDED;
                            case BUDGET_SPENT -> Type.BUDGET_SPENT;
                        },
                        describe(lock))));
        return new Outcome<>(with(after), new Rejected(), events);
    }

    private Outcome<VerificationResult> verifyBackupCode(TypedCode code, Call call) {
        Instant from = limits.backupCodesFrom(call.policy());
        if (from.isAfter(call.now())) {
            return Outcome.of(
                    this,
                    new LockedOut(from),
                    call.event(
                            Type.ATTEMPT_REFUSED,
                            Map.of(Detail.METHOD, code.method().name(), Detail.UNTIL, from.toString())));
        }
        int index = backupCodes.slots().isEmpty()
                ? -1
                : backupCodes.indexOf(code.hash(call.hasher(), backupCodes.salt(), backupCodes.iterations()));
        if (index < 0 || backupCodes.slots().get(index).spent()) {
            return Outcome.of(
                    with(limits.backupCodeFailed(call.now())),
                    new Rejected(),
                    rejection(index < 0 ? Rejection.WRONG : Rejection.REPLAYED, code, call));
        }
        // Who needs a backup code may have lost the phone, or a browser: neither is trusted any longer.
        Account next = with(backupCodes.spend(index))
                .with(limits.backupCodeUsed(call.now()))
                .withTrustLowered(List.of());
        Map<Detail, String> left = Map.of(Detail.BACKUP_CODES_LEFT, Integer.toString(next.backupCodes.left()));
        List<TwoFactorEvent> events = new ArrayList<>();
        events.add(call.event(Type.BACKUP_CODE_USED, left));
        if (next.backupCodes.left() <= call.policy().backupCodesLow()) {
            events.add(call.event(Type.BACKUP_CODES_LOW, left));
        }
        return new Outcome<>(next, next.proof(VerificationMethod.BACKUP_CODE, null, call), events);
    }

    // --- What a proof is good for ---

    private Verified proof(VerificationMethod method, @Nullable AuthenticatorId by, Call call) {
        return new Verified(
                call.realm(), call.user(), recordId, trustEpoch, call.now(), method, by, backupCodes.left());
    }

    /** Refuses a proof of another issuer or key ring, and one that is too old, or newer than now. */
    static void requireInTime(Verified proof, Call call) {
        if (!proof.realm().equals(call.realm())) {
            throw new StaleProofException("the proof was made under another issuer or key ring");
        }
        if (Duration.between(proof.at(), call.now())
                        .abs()
                        .compareTo(call.policy().proofLifetime())
                > 0) {
            throw new StaleProofException(
                    "the proof is older than " + call.policy().proofLifetime());
        }
    }

    /** Refuses a proof that is not of the account as it is now. */
    static Account require(Verified proof, @Nullable Account account, Call call) {
        requireInTime(proof, call);
        if (account == null || proof.recordId() != account.recordId || proof.trustEpoch() != account.trustEpoch) {
            throw new StaleProofException("the proof is from before the account was disabled or its trust was lowered");
        }
        return account;
    }

    Outcome<BackupCodes> regenerate(BackupCodeSet.Fresh fresh, Call call) {
        return Outcome.of(
                with(fresh.set()).withBrowsers(List.of()), fresh.codes(), call.event(Type.BACKUP_CODES_REGENERATED));
    }

    Outcome<Verified> removeAuthenticator(Verified proof, AuthenticatorId id, Call call) {
        Authenticator removed = authenticators.stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("this account has no authenticator " + id.value()));
        if (authenticators.size() == 1) {
            throw new IllegalStateException("the last authenticator cannot be removed; disable instead");
        }
        Account next = withAuthenticators(authenticators.stream()
                        .filter(one -> !one.id().equals(id))
                        .toList())
                .withTrustLowered(List.of());
        return Outcome.of(
                next, proof.withTrustEpoch(next.trustEpoch), call.event(Type.AUTHENTICATOR_REMOVED, describe(removed)));
    }

    // --- Remembered browsers ---

    Account remember(RememberedBrowser added, Call call) {
        List<RememberedBrowser> after = new ArrayList<>(validBrowsers(call.policy(), call.now()));
        after.add(added);
        int tooMany = Math.max(0, after.size() - call.policy().maxBrowsers());
        return withBrowsers(after.subList(tooMany, after.size()));
    }

    Optional<RememberedBrowser> recognize(String token, TwoFactorPolicy policy, Instant now) {
        Bytes hash = RememberedBrowser.hash(token);
        return validBrowsers(policy, now).stream()
                .filter(browser -> browser.tokenHash().equals(hash))
                .findFirst();
    }

    private List<RememberedBrowser> validBrowsers(TwoFactorPolicy policy, Instant now) {
        return browsers.stream().filter(browser -> browser.isValid(policy, now)).toList();
    }

    Account forget(BrowserId id) {
        List<RememberedBrowser> after =
                browsers.stream().filter(browser -> !browser.id().equals(id)).toList();
        return after.size() == browsers.size() ? this : withTrustLowered(after);
    }

    /** Proofs and pending enrollments of before die with the browsers. */
    Account withTrustLowered(List<RememberedBrowser> browsersLeft) {
        return new Account(
                recordId,
                trustEpoch + 1,
                enabledAt,
                updatedAt,
                authenticators,
                backupCodes,
                browsersLeft,
                limits,
                pending);
    }

    // --- Views ---

    RecordSummary summary(TwoFactorPolicy policy, Instant now) {
        Lock lock = limits.lock(policy, now).orElse(null);
        RecordSummary.State state = !isEnabled()
                ? RecordSummary.State.PENDING
                : lock != null && lock.reason() == LockReason.SUSPENDED
                        ? RecordSummary.State.SUSPENDED
                        : RecordSummary.State.ENABLED;
        return new RecordSummary(
                state,
                limits.codeFailures(),
                lock == null ? null : lock.until(),
                backupCodes.left(),
                validBrowsers(policy, now).size(),
                enabledAt,
                updatedAt);
    }

    TwoFactorStatus status(TwoFactorPolicy policy, Instant now) {
        if (!isEnabled()) {
            return pending != null && pending.isValid(this, policy, now)
                    ? TwoFactorStatus.PENDING
                    : TwoFactorStatus.NOT_ENROLLED;
        }
        Optional<Lock> lock = limits.lock(policy, now);
        return new TwoFactorStatus(
                TwoFactorStatus.State.ENABLED,
                authenticators.stream()
                        .map(one -> new TwoFactorStatus.Authenticator(
                                one.id(), one.label(), one.added(), Optional.ofNullable(one.lastUsed())))
                        .toList(),
                backupCodes.left(),
                validBrowsers(policy, now).stream()
                        .map(one -> new TwoFactorStatus.Browser(
                                one.id(), one.label(), one.remembered(), one.expires(policy)))
                        .toList(),
                lock.map(Lock::reason),
                lock.map(Lock::until));
    }

    private static TwoFactorEvent rejection(Rejection reason, TypedCode code, Call call) {
        return call.event(
                Type.CODE_REJECTED,
                Map.of(
                        Detail.REASON,
                        reason.name(),
                        Detail.METHOD,
                        code.method().name()));
    }

    static Map<Detail, String> describe(Authenticator one) {
        return Map.of(Detail.AUTHENTICATOR, one.id().value(), Detail.LABEL, one.label());
    }

    private static Map<Detail, String> describe(Lock lock) {
        String method = VerificationMethod.ONE_TIME_CODE.name();
        return lock.until() == null
                ? Map.of(Detail.REASON, lock.reason().name(), Detail.METHOD, method)
                : Map.of(
                        Detail.REASON, lock.reason().name(),
                        Detail.METHOD, method,
                        Detail.UNTIL, lock.until().toString());
    }

    // --- Copies ---

    /**
     * What the record says of the future was written by a wrong clock, and counts as of now. The pending enrollment is
     * left out: it is good within its ten minutes and at no other time.
     */
    Account noLaterThan(Instant now) {
        return with(limits.noLaterThan(now))
                .withBrowsers(browsers.stream()
                        .map(browser -> browser.noLaterThan(now))
                        .toList());
    }

    Account updated(Instant now) {
        return new Account(
                recordId, trustEpoch, enabledAt, now, authenticators, backupCodes, browsers, limits, pending);
    }

    Account with(Limits after) {
        return new Account(
                recordId, trustEpoch, enabledAt, updatedAt, authenticators, backupCodes, browsers, after, pending);
    }

    Account with(@Nullable PendingSlot after) {
        return new Account(
                recordId, trustEpoch, enabledAt, updatedAt, authenticators, backupCodes, browsers, limits, after);
    }

    private Account with(BackupCodeSet after) {
        return new Account(
                recordId, trustEpoch, enabledAt, updatedAt, authenticators, after, browsers, limits, pending);
    }

    private Account withAuthenticators(List<Authenticator> after) {
        return new Account(recordId, trustEpoch, enabledAt, updatedAt, after, backupCodes, browsers, limits, pending);
    }

    private Account withBrowsers(List<RememberedBrowser> after) {
        return new Account(
                recordId, trustEpoch, enabledAt, updatedAt, authenticators, backupCodes, after, limits, pending);
    }
}
