// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.Authenticator.Kind;
import dev.sallyport.Authenticator.Match;
import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.ClockOff;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.Limits.Door;
import dev.sallyport.SealedTexts.SignIn;
import dev.sallyport.TwoFactorEvent.Detail;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.TwoFactorEvent.Type;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.RecordSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One user's second factor, and its rules. Each rule takes the present account and returns a {@link Decision}. A rule
 * uses no store, no clock and no random generator. {@link Accounts} commits the decision. If the account was changed
 * meanwhile, it runs the rule again with the newer account.
 *
 * <p>Two-factor authentication is off for an account without authenticators. Such an account has a pending enrollment,
 * or only its id and its epoch.
 *
 * <p>The rules for a sign-in use loops and no streams, because a fresh JVM loads some hundred classes for streams and
 * lambdas.
 */
record Account(
        Header header,
        List<Authenticator> authenticators,
        BackupCodeSet backupCodes,
        List<KnownBrowser> browsers,
        Limits limits,
        @Nullable PendingSlot pending) {

    /** The id of the record, its trust epoch, the time of enabling and the time of the last write. */
    record Header(long recordId, long epoch, @Nullable Instant enabledAt, Instant updatedAt) {}

    /**
     * The decision of a rule. Nothing is written if the next account equals the stored one. The result and the events
     * are handed out only after the next account is committed.
     */
    record Decision<R>(Account next, R result, List<TwoFactorEvent> events) {
        static <R> Decision<R> of(Account next, R result, TwoFactorEvent... events) {
            return new Decision<>(next, result, List.of(events));
        }
    }

    /** What was typed: one code, or two consecutive codes of a hardware token. */
    record Typed(TypedCode code, @Nullable TypedCode next) {
        TypedCode last() {
            return next == null ? code : next;
        }
    }

    /** The random values that a rule may need, drawn before it runs: an epoch and a browser token. */
    record Drawn(long epoch, @Nullable BrowserToken browserToken) {}

    /** What an act does to the known browsers. */
    private enum Browsers {
        STAY,
        /** They stay known, and need a code again. */
        NOT_REMEMBERED,
        FORGOTTEN
    }

    /**
     * The acts that end trust. Each of them sets a new epoch. This ends all challenges, proofs and stamps of the old
     * epoch, the pending enrollment and the temporary code. No other act changes the epoch. A proof that the act
     * returns has the new epoch.
     */
    enum Act {
        ENABLE(Browsers.STAY),
        STEP_UP_FAILED_TEN_TIMES(Browsers.STAY),
        USE_BACKUP_OR_TEMPORARY_CODE(Browsers.NOT_REMEMBERED),
        REGENERATE_BACKUP_CODES(Browsers.NOT_REMEMBERED),
        REMOVE_AUTHENTICATOR(Browsers.NOT_REMEMBERED),
        END_TRUST(Browsers.FORGOTTEN),
        ACCEPT_RESTORED_RECORD(Browsers.FORGOTTEN),
        IMPORT(Browsers.FORGOTTEN),
        /** Disable and reset: nothing stays but the record's id. */
        EMPTY(Browsers.FORGOTTEN);

        private final Browsers browsers;

        Act(Browsers browsers) {
            this.browsers = browsers;
        }
    }

    Account {
        authenticators = List.copyOf(authenticators);
        browsers = List.copyOf(browsers);
    }

    /** The account of a user who has no record. */
    static Account none(long recordId, Instant now) {
        Header header = new Header(recordId, TrustStamp.NO_EPOCH, null, now);
        return new Account(header, List.of(), BackupCodeSet.NONE, List.of(), Limits.NONE, null);
    }

    boolean isEnabled() {
        return !authenticators.isEmpty();
    }

    // --- Trust: what still holds, and what ends it ---

    /** Whether a session, proof, challenge or pending enrollment that rests on this stamp still holds. */
    boolean isCurrent(TrustStamp stamp, Call call) {
        BrowserId browser = stamp.browser().orElse(null);
        return stamp.epoch() == header.epoch() && (browser == null || known(browser, call) != null);
    }

    private @Nullable KnownBrowser known(BrowserId id, Call call) {
        for (KnownBrowser browser : browsers) {
            if (browser.id().equals(id) && browser.isKnown(call)) {
                return browser;
            }
        }
        return null;
    }

    private Account after(Act act, long newEpoch) {
        Header next = new Header(header.recordId(), newEpoch, header.enabledAt(), header.updatedAt());
        List<KnownBrowser> left = switch (act.browsers) {
            case STAY -> browsers;
            case NOT_REMEMBERED ->
                browsers.stream().map(one -> one.remembered(null)).toList();
            case FORGOTTEN -> List.of();
        };
        Account after = new Account(next, authenticators, backupCodes.with(null), left, limits, null);
        return act == Act.EMPTY ? after.emptied() : after;
    }

    private Account emptied() {
        Header off = new Header(header.recordId(), header.epoch(), null, header.updatedAt());
        return new Account(off, List.of(), BackupCodeSet.NONE, List.of(), Limits.NONE, null);
    }

    /** The stamp of a session that rests on the present epoch. */
    TrustStamp stamp(@Nullable BrowserId browser) {
        return new TrustStamp(header.epoch(), browser);
    }

    /** Refuses a proof that is too old, that is of another record, or that is from before trust ended. */
    void require(Verified proof, Call call) {
        requireInTime(proof, call);
        if (proof.recordId() != header.recordId() || !isCurrent(proof.stamp(), call)) {
            throw new StaleProofException("the proof is from before trust ended for this account or its browser");
        }
    }

    /** Refuses a proof of another realm, and a proof whose time is too far in the past or in the future. */
    static void requireInTime(Verified proof, Call call) {
        if (!proof.realm().equals(call.realm())) {
            throw new StaleProofException("the proof was made under another issuer, namespace or key");
        }
        if (!call.isWithin(proof.at(), call.policy().proofLifetime())) {
            throw new StaleProofException(
                    "the proof is older than " + call.policy().proofLifetime());
        }
    }

    // --- Sign-in ---

    Decision<SignInRequirement> signInRequirement(
            Browser client, Call call, Function<TrustStamp, Challenge> challenge) {
        if (!isEnabled()) {
            return Decision.of(this, new SignInRequirement.NoCodeRequired(stamp(null), Optional.empty()));
        }
        KnownBrowser browser = recognize(client, call);
        if (browser == null || !browser.isRemembered(call)) {
            TrustStamp restsOn = stamp(browser == null ? null : browser.id());
            return Decision.of(this, new SignInRequirement.CodeRequired(challenge.apply(restsOn)));
        }
        return Decision.of(
                this,
                new SignInRequirement.NoCodeRequired(stamp(browser.id()), Optional.of(browser.id())),
                browser.describe(call.event(Type.BROWSER_RECOGNIZED)));
    }

    private @Nullable KnownBrowser recognize(Browser client, Call call) {
        List<Bytes> hashes = new ArrayList<>();
        for (String token : client.tokens()) {
            hashes.add(KnownBrowser.hash(token));
        }
        for (KnownBrowser browser : browsers) {
            if (hashes.contains(browser.tokenHash()) && browser.isKnown(call)) {
                return browser;
            }
        }
        return null;
    }

    /** Where an attempt comes from: the door that counts it, the failure row that can lock it out, and the browser. */
    private record Entrance(
            Door door, FailureRow row, @Nullable BrowserId browser, boolean stepUp) {}

    Decision<VerificationResult> verify(SignIn signIn, Typed typed, Drawn drawn, Call call) {
        boolean inTime = call.isWithin(signIn.issued(), TwoFactorPolicy.CHALLENGE_LIFETIME);
        if (!isEnabled() || !inTime || !isCurrent(signIn.restsOn(), call)) {
            return Decision.of(this, new SignInAgain());
        }
        BrowserId id = signIn.restsOn().browser().orElse(null);
        KnownBrowser browser = id == null ? null : known(id, call);
        Entrance entrance = browser == null
                ? new Entrance(Door.STRANGERS, limits.strangers(), null, false)
                : new Entrance(Door.KNOWN, browser.row(), id, false);
        return verify(entrance, typed, drawn, call);
    }

    Decision<VerificationResult> stepUp(TrustStamp stamp, Typed typed, Drawn drawn, Call call) {
        if (!isEnabled() || !isCurrent(stamp, call)) {
            return Decision.of(this, new SignInAgain());
        }
        BrowserId browser = stamp.browser().orElse(null);
        return verify(new Entrance(Door.KNOWN, limits.stepUp(), browser, true), typed, drawn, call);
    }

    private Decision<VerificationResult> verify(Entrance entrance, Typed typed, Drawn drawn, Call call) {
        return typed.code().isOneTimeCode()
                ? verifyOneTimeCode(entrance, typed, drawn, call)
                : verifySingleUseCode(entrance, typed.code(), drawn, call);
    }

    /**
     * Compares a code with every authenticator. A wrong code counts as one failure, whatever the number of
     * authenticators.
     */
    private Decision<VerificationResult> verifyOneTimeCode(Entrance entrance, Typed typed, Drawn drawn, Call call) {
        int length = typed.last().canonical().length();
        if (!hasDigits(length)) {
            return Decision.of(this, new Rejected(), rejection(Rejection.OTHER_LENGTH, Method.ONE_TIME_CODE, call));
        }
        Lock lock = limits.lock(entrance.door(), entrance.row(), call);
        if (lock != null) {
            TwoFactorEvent refused = describe(lock, entrance, call.event(Type.ATTEMPT_REFUSED));
            return Decision.of(this, new LockedOut(lock.until()), refused);
        }
        List<Match> matches = new ArrayList<>();
        for (Authenticator one : authenticators) {
            String code = typed.code().canonical();
            matches.add(
                    typed.next() == null
                            ? one.match(code, call)
                            : one.resynchronize(code, typed.next().canonical(), call));
        }
        if (has(Kind.REPEATED, matches)) {
            return Decision.of(this, new Rejected(), rejection(Rejection.REPLAYED, typed, call));
        }
        if (has(Kind.ACCEPTED, matches)) {
            return accepted(entrance, typed, matches, drawn, call);
        }
        if (matches.stream().allMatch(match -> match.kind() == Kind.BEHIND_THE_CLOCK)) {
            return Decision.of(this, new Rejected(), rejection(Rejection.BEHIND_THE_CLOCK, typed, call));
        }
        return failed(entrance, typed, has(Kind.REPLAYED, matches) ? Rejection.REPLAYED : Rejection.WRONG, drawn, call);
    }

    private boolean hasDigits(int digits) {
        for (Authenticator one : authenticators) {
            if (one.seed().digits() == digits) {
                return true;
            }
        }
        return false;
    }

    private static boolean has(Kind kind, List<Match> matches) {
        for (Match match : matches) {
            if (match.kind() == kind) {
                return true;
            }
        }
        return false;
    }

    /** Advances every authenticator that the code belongs to, so that none of them accepts it again. */
    private Decision<VerificationResult> accepted(
            Entrance entrance, Typed typed, List<Match> matches, Drawn drawn, Call call) {
        List<Authenticator> after = new ArrayList<>(authenticators);
        int last = 0;
        for (int i = 0; i < after.size(); i++) {
            if (matches.get(i).kind() == Kind.ACCEPTED) {
                long position = matches.get(i).position();
                Authenticator one = after.get(i);
                after.set(i, typed.next() == null ? one.accepted(position, call) : one.resynchronized(position, call));
                last = i;
            }
        }
        Authenticator by = after.get(last);
        Limits open = limits.accepted(entrance.door());
        Account next = with(after).with(entrance.stepUp() ? open.withStepUp(FailureRow.NONE) : open);
        List<TwoFactorEvent> events = new ArrayList<>();
        events.add(by.describe(call.event(Type.CODE_ACCEPTED))
                .with(Detail.DOOR, entrance.door().name()));
        if (typed.next() != null) {
            events.add(by.describe(call.event(Type.RESYNCHRONIZED)));
        }
        return next.enter(entrance, Method.ONE_TIME_CODE, by.id(), drawn, events, call);
    }

    /** The last step after every right code. It notes the browser or marks it as used, and makes the proof. */
    private Decision<VerificationResult> enter(
            Entrance entrance,
            Method method,
            @Nullable AuthenticatorId by,
            Drawn drawn,
            List<TwoFactorEvent> events,
            Call call) {
        BrowserToken token = entrance.door() == Door.STRANGERS ? drawn.browserToken() : null;
        Account next = entrance.stepUp() ? this : used(entrance.browser(), call);
        Account noted = token == null ? next : next.note(token, events, call);
        BrowserId browser = token == null ? entrance.browser() : token.browser();
        return new Decision<>(noted, noted.proof(method, by, browser, token, call), events);
    }

    private Verified proof(
            Method method,
            @Nullable AuthenticatorId by,
            @Nullable BrowserId browser,
            @Nullable BrowserToken token,
            Call call) {
        return new Verified(
                call.realm(),
                header.recordId(),
                call.user(),
                call.now(),
                method,
                by,
                backupCodes.left(),
                stamp(browser),
                token);
    }

    /**
     * Counts one failure at the door, and in the row of the browser or of the step-ups. Ten failures in a row end the
     * trust in that browser or in all sessions.
     */
    private Decision<VerificationResult> failed(
            Entrance entrance, Typed typed, Rejection reason, Drawn drawn, Call call) {
        FailureRow row = entrance.row().failed(call.now());
        Account counted = with(limits.failed(entrance.door(), call.now()));
        List<TwoFactorEvent> events = new ArrayList<>();
        events.add(
                rejection(reason, typed, call).with(Detail.DOOR, entrance.door().name()));
        Lock lock = counted.limits.lock(entrance.door(), row, call);
        if (lock != null) {
            boolean again = lock.reason() == Lock.Reason.BACK_OFF
                    && row.failures() > call.policy().failuresBeforeLockout();
            events.add(describe(lock, entrance, call.event(again ? Type.LOCKED_OUT_AGAIN : beginning(lock))));
        }
        Account next = counted.charge(entrance, row, drawn, events, call);
        return new Decision<>(next, new Rejected(), events);
    }

    private Account charge(Entrance entrance, FailureRow row, Drawn drawn, List<TwoFactorEvent> events, Call call) {
        boolean expelled = row.failures() >= TwoFactorPolicy.FAILURES_BEFORE_EXPULSION;
        if (entrance.stepUp()) {
            if (expelled) {
                events.add(call.event(Type.SESSIONS_EXPELLED));
                return with(limits.withStepUp(FailureRow.NONE)).after(Act.STEP_UP_FAILED_TEN_TIMES, drawn.epoch());
            }
            return with(limits.withStepUp(row));
        }
        BrowserId id = entrance.browser();
        if (id == null) {
            return this;
        }
        if (expelled) {
            return without(id, events, call);
        }
        return withBrowsers(browsers.stream()
                .map(one -> one.id().equals(id) ? one.with(row) : one)
                .toList());
    }

    /**
     * The event for a one-time code that was compared and refused. It always searches the neighboring steps for the
     * code, so that every rejection takes the same work.
     */
    private TwoFactorEvent rejection(Rejection reason, Typed typed, Call call) {
        TwoFactorEvent rejection = rejection(reason, Method.ONE_TIME_CODE, call);
        OptionalInt away = stepsAway(typed.last(), call);
        return away.isPresent() ? rejection.with(Detail.OFFSET, Integer.toString(away.getAsInt())) : rejection;
    }

    private OptionalInt stepsAway(TypedCode code, Call call) {
        OptionalInt found = OptionalInt.empty();
        for (Authenticator one : authenticators) {
            OptionalInt steps = one.stepsAway(code.canonical(), call);
            found = steps.isPresent() ? steps : found;
        }
        return found;
    }

    private static Type beginning(Lock lock) {
        return switch (lock.reason()) {
            case BACK_OFF -> Type.LOCKED_OUT;
            case SUSPENDED -> Type.SUSPENDED;
            case BUDGET_SPENT -> Type.BUDGET_SPENT;
        };
    }

    private static TwoFactorEvent describe(Lock lock, Entrance entrance, TwoFactorEvent event) {
        TwoFactorEvent described = event.with(Detail.REASON, lock.reason().name())
                .with(Detail.DOOR, entrance.door().name());
        return lock.until()
                .map(until -> described.with(Detail.UNTIL, until.toString()))
                .orElse(described);
    }

    /** Checks a backup or temporary code. A right one is accepted even during a lockout. A wrong one is not counted. */
    private Decision<VerificationResult> verifySingleUseCode(
            Entrance entrance, TypedCode code, Drawn drawn, Call call) {
        boolean backup = code.kind() == TypedCode.Kind.BACKUP_CODE;
        Method method = backup ? Method.BACKUP_CODE : Method.TEMPORARY_CODE;
        int index = backup ? backupCodes.indexOf(code) : -1;
        boolean spent = index >= 0 && backupCodes.slots().get(index).spent();
        boolean right = backup ? index >= 0 && !spent : backupCodes.isTemporaryCode(code, call);
        if (!right) {
            return Decision.of(
                    this, new Rejected(), rejection(spent ? Rejection.REPLAYED : Rejection.WRONG, method, call));
        }
        Account used = with(backup ? backupCodes.spend(index) : backupCodes)
                .withWindowsUsedUp(call)
                .with(limits.accepted())
                .withBackOffOfBrowsersEnded();
        Account next = used.after(Act.USE_BACKUP_OR_TEMPORARY_CODE, drawn.epoch());
        String left = Integer.toString(next.backupCodes.left());
        List<TwoFactorEvent> events = new ArrayList<>();
        events.add(call.event(backup ? Type.BACKUP_CODE_USED : Type.TEMPORARY_CODE_USED)
                .with(Detail.DOOR, entrance.door().name())
                .with(Detail.BACKUP_CODES_LEFT, left));
        if (backup && next.backupCodes.left() <= TwoFactorPolicy.BACKUP_CODES_LOW) {
            events.add(call.event(Type.BACKUP_CODES_LOW).with(Detail.BACKUP_CODES_LEFT, left));
        }
        return next.enter(entrance, method, null, drawn, events, call);
    }

    private static TwoFactorEvent rejection(Rejection reason, Method method, Call call) {
        return call.event(Type.CODE_REJECTED).with(Detail.REASON, reason.name()).with(Detail.METHOD, method.name());
    }

    // --- Enrollment ---

    void requireOff() {
        if (isEnabled()) {
            throw new AlreadyEnabledException("two-factor authentication is on; call addAuthenticator with a proof");
        }
    }

    void requireRoom() {
        if (authenticators.size() >= TwoFactorPolicy.MAX_AUTHENTICATORS) {
            throw new IllegalStateException("an account has at most " + TwoFactorPolicy.MAX_AUTHENTICATORS
                    + " authenticators; remove one first");
        }
    }

    /** Begins an enrollment. It replaces a pending one. */
    Decision<PendingSlot> begin(PendingSlot slot, Call call) {
        requireNewSecret(slot.candidate(), authenticators);
        return Decision.of(with(slot), slot, slot.candidate().describe(call.event(Type.ENROLLMENT_STARTED)));
    }

    /**
     * Refuses a secret that the account has already. With two watermarks for one secret, a code could be accepted
     * twice.
     */
    private static void requireNewSecret(Authenticator added, List<Authenticator> present) {
        if (present.stream().anyMatch(one -> one.hasSecretOf(added))) {
            throw new IllegalArgumentException("this account has an authenticator with that secret already");
        }
    }

    /** The enrollment that a handle names, if it still waits. */
    @Nullable
    PendingSlot pending(String id, Call call) {
        PendingSlot slot = pending;
        return slot != null && slot.id().equals(id) && isCurrent(slot.restsOn(), call) ? slot : null;
    }

    Decision<EnrollmentResult> confirm(
            String pendingId, Browser client, Typed typed, BackupCodeSet.Fresh codes, Drawn drawn, Call call) {
        PendingSlot slot = pending(pendingId, call);
        if (slot == null) {
            return Decision.of(this, new BeginAgain());
        }
        Authenticator candidate = slot.candidate();
        if (!slot.isOpen(call)) {
            return Decision.of(
                    with((PendingSlot) null),
                    new BeginAgain(),
                    candidate.describe(call.event(Type.ENROLLMENT_EXPIRED)));
        }
        if (typed.last().canonical().length() != candidate.seed().digits()) {
            return Decision.of(this, new Rejected(), rejection(Rejection.OTHER_LENGTH, Method.ONE_TIME_CODE, call));
        }
        Match match = typed.next() == null
                ? candidate.match(typed.code().canonical(), call)
                : candidate.matchPair(typed.code().canonical(), typed.next().canonical(), call);
        if (match.kind() == Kind.ACCEPTED) {
            Authenticator live = typed.next() == null
                    ? candidate.accepted(match.position(), call)
                    : candidate.resynchronized(match.position(), call);
            return confirmed(slot, live.addedAt(call.now()), client, codes, drawn, call);
        }
        Rejection reason = switch (match.kind()) {
            case REPEATED, REPLAYED -> Rejection.REPLAYED;
            case BEHIND_THE_CLOCK -> Rejection.BEHIND_THE_CLOCK;
            case ACCEPTED, WRONG -> Rejection.WRONG;
        };
        TwoFactorEvent rejection = rejection(reason, Method.ONE_TIME_CODE, call);
        OptionalInt away =
                typed.next() == null ? candidate.stepsAway(typed.code().canonical(), call) : OptionalInt.empty();
        TotpParameters totp = candidate.seed().totp();
        if (totp == null || away.isEmpty()) {
            return Decision.of(with(slot.failed()), new Rejected(), rejection);
        }
        Duration by = totp.period().multipliedBy(away.getAsInt());
        return Decision.of(
                with(slot.failed()),
                new ClockOff(by),
                rejection.with(Detail.OFFSET, Integer.toString(away.getAsInt())));
    }

    private Decision<EnrollmentResult> confirmed(
            PendingSlot slot, Authenticator live, Browser client, BackupCodeSet.Fresh codes, Drawn drawn, Call call) {
        boolean first = !isEnabled();
        Account added = add(live, call).with((PendingSlot) null);
        Account next = first ? added.after(Act.ENABLE, drawn.epoch()).with(codes.set()) : added;
        List<TwoFactorEvent> events = new ArrayList<>();
        events.add(live.describe(call.event(Type.ENROLLMENT_CONFIRMED)));
        events.add(live.describe(call.event(Type.AUTHENTICATOR_ADDED)));
        KnownBrowser recognized = next.recognize(client, call);
        BrowserId known = slot.restsOn().browser().orElse(recognized == null ? null : recognized.id());
        BrowserToken token = known == null ? drawn.browserToken() : null;
        Account noted = token == null ? next.used(known, call) : next.note(token, events, call);
        BrowserId browser = token == null ? known : token.browser();
        Verified proof = noted.proof(Method.ONE_TIME_CODE, live.id(), browser, token, call);
        return new Decision<>(
                noted, new Enrolled(live.id(), first ? Optional.of(codes.codes()) : Optional.empty(), proof), events);
    }

    private Account add(Authenticator added, Call call) {
        List<Authenticator> more = new ArrayList<>(authenticators);
        more.add(added);
        Instant since = header.enabledAt() == null ? call.now() : header.enabledAt();
        Header enabled = new Header(header.recordId(), header.epoch(), since, header.updatedAt());
        return new Account(enabled, more, backupCodes, browsers, limits, pending);
    }

    /** Imports all authenticators of a user at once. Nobody has proved that the secrets are the user's. */
    Decision<List<AuthenticatorId>> importAll(List<Authenticator> imported, Drawn drawn, Call call) {
        requireOff();
        Account next = after(Act.IMPORT, drawn.epoch());
        List<TwoFactorEvent> events = new ArrayList<>();
        for (Authenticator one : imported) {
            requireNewSecret(one, next.authenticators);
            next = next.add(one, call);
            events.add(one.describe(call.event(Type.AUTHENTICATOR_IMPORTED)));
        }
        return new Decision<>(next, imported.stream().map(Authenticator::id).toList(), events);
    }

    // --- What a proof is good for ---

    Decision<Regenerated> regenerate(Verified proof, BackupCodeSet.Fresh fresh, Drawn drawn, Call call) {
        Account next = with(fresh.set()).after(Act.REGENERATE_BACKUP_CODES, drawn.epoch());
        Regenerated result = new Regenerated(fresh.codes(), next.renew(proof));
        return Decision.of(next, result, call.event(Type.BACKUP_CODES_REGENERATED));
    }

    private Verified renew(Verified proof) {
        return proof.renewed(stamp(proof.stamp().browser().orElse(null)), backupCodes.left());
    }

    Decision<Verified> removeAuthenticator(Verified proof, AuthenticatorId id, Drawn drawn, Call call) {
        List<Authenticator> left = new ArrayList<>(authenticators);
        Authenticator removed = left.stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("this account has no authenticator " + id.value()));
        if (left.size() == 1) {
            throw new IllegalStateException("the last authenticator cannot be removed; disable instead");
        }
        left.remove(removed);
        Account next = with(left).after(Act.REMOVE_AUTHENTICATOR, drawn.epoch());
        return Decision.of(next, next.renew(proof), removed.describe(call.event(Type.AUTHENTICATOR_REMOVED)));
    }

    /** For disable and reset. */
    Decision<TrustStamp> empty(Drawn drawn, TwoFactorEvent event) {
        Account next = after(Act.EMPTY, drawn.epoch());
        return Decision.of(next, next.stamp(null), event);
    }

    Decision<TrustStamp> endTrust(Drawn drawn, Call call) {
        Account next = after(Act.END_TRUST, drawn.epoch());
        return Decision.of(next, next.stamp(null), call.event(Type.TRUST_ENDED));
    }

    Decision<Optional<TrustStamp>> endTrust(TrustStamp stamp, Drawn drawn, Call call) {
        if (!isCurrent(stamp, call)) {
            return Decision.of(this, Optional.empty());
        }
        Decision<TrustStamp> ended = endTrust(drawn, call);
        return new Decision<>(ended.next(), Optional.of(ended.result()), ended.events());
    }

    // --- Known browsers ---

    Decision<BrowserId> remember(Verified proof, Call call) {
        KnownBrowser browser =
                proof.stamp().browser().map(id -> known(id, call)).orElse(null);
        if (browser == null) {
            throw new IllegalStateException("the proof names no browser, so there is none to remember");
        }
        List<KnownBrowser> after = browsers.stream()
                .map(one -> one.equals(browser) ? one.remembered(call.now()) : one)
                .toList();
        return Decision.of(withBrowsers(after), browser.id(), browser.describe(call.event(Type.BROWSER_REMEMBERED)));
    }

    private Account used(@Nullable BrowserId id, Call call) {
        List<KnownBrowser> after = new ArrayList<>();
        for (KnownBrowser one : browsers) {
            after.add(one.id().equals(id) ? one.accepted(call.now()) : one);
        }
        return withBrowsers(after);
    }

    /**
     * Adds a browser. Expired browsers are dropped. If there are still too many, those that were unused for the longest
     * time are dropped.
     */
    private Account note(BrowserToken token, List<TwoFactorEvent> events, Call call) {
        String label = Objects.requireNonNull(token.label(), "a browser that keeps a token has a label");
        KnownBrowser noted = new KnownBrowser(
                token.browser(), KnownBrowser.hash(token.value()), label, call.now(), null, FailureRow.NONE);
        List<KnownBrowser> after = new ArrayList<>(
                browsers.stream().filter(one -> one.isKnown(call)).toList());
        events.add(noted.describe(call.event(Type.BROWSER_NOTED)));
        while (after.size() >= TwoFactorPolicy.MAX_BROWSERS) {
            KnownBrowser oldest = after.stream()
                    .min(Comparator.comparing(KnownBrowser::lastUsed))
                    .orElseThrow();
            after.remove(oldest);
            events.add(oldest.describe(call.event(Type.BROWSER_FORGOTTEN)));
        }
        after.add(noted);
        return withBrowsers(after);
    }

    /**
     * Forgets one browser, if it is known. The epoch stays, so only what came from that browser ends.
     */
    Decision<Boolean> forget(BrowserId id, Call call) {
        List<TwoFactorEvent> events = new ArrayList<>();
        Account next = without(id, events, call);
        return new Decision<>(next, true, events);
    }

    private Account without(BrowserId id, List<TwoFactorEvent> events, Call call) {
        List<KnownBrowser> left = new ArrayList<>(browsers);
        for (KnownBrowser one : browsers) {
            if (one.id().equals(id)) {
                left.remove(one);
                events.add(one.describe(call.event(Type.BROWSER_FORGOTTEN)));
            }
        }
        boolean pendingCameFromIt =
                pending != null && pending.restsOn().browser().equals(Optional.of(id));
        return withBrowsers(left).with(pendingCameFromIt ? null : pending);
    }

    // --- Operators ---

    /** Ends every lockout. Returns whether two-factor authentication is on. */
    Decision<Boolean> unlock(String reason, Call call) {
        if (!isEnabled()) {
            return Decision.of(this, false);
        }
        TwoFactorEvent unlocked = call.event(Type.UNLOCKED).with(Detail.REASON, reason);
        return Decision.of(with(Limits.NONE).withBackOffOfBrowsersEnded(), true, unlocked);
    }

    Decision<TemporaryCode> issue(BackupCodeSet.Temporary kept, TemporaryCode code, String reason, Call call) {
        if (!isEnabled()) {
            throw new IllegalStateException("two-factor authentication is off for this user, so no code is needed");
        }
        TwoFactorEvent issued = call.event(Type.TEMPORARY_CODE_ISSUED)
                .with(Detail.REASON, reason)
                .with(Detail.UNTIL, code.expires().toString());
        return Decision.of(with(backupCodes.with(kept)), code, issued);
    }

    /**
     * Accepts the older record. It does not know which codes were used since the backup, so the whole window counts as
     * used.
     */
    Decision<TrustStamp> acceptRestored(String reason, Drawn drawn, Call call) {
        if (!isEnabled()) {
            throw new IllegalStateException(
                    "the store has no record of this user that is on; to accept that, reset it");
        }
        Account next = withWindowsUsedUp(call).after(Act.ACCEPT_RESTORED_RECORD, drawn.epoch());
        return Decision.of(
                next, next.stamp(null), call.event(Type.RECORD_RESTORED).with(Detail.REASON, reason));
    }

    // --- Views ---

    RecordSummary summary(Call call) {
        int remembered = 0;
        for (KnownBrowser browser : browsers) {
            remembered += browser.isRemembered(call) ? 1 : 0;
        }
        Lock lock = limits.lock(Door.STRANGERS, limits.strangers(), call);
        boolean suspended = lock != null && lock.reason() == Lock.Reason.SUSPENDED;
        RecordSummary.State off = pending == null ? RecordSummary.State.OFF : RecordSummary.State.PENDING;
        RecordSummary.State on = suspended ? RecordSummary.State.SUSPENDED : RecordSummary.State.ENABLED;
        return new RecordSummary(
                isEnabled() ? on : off,
                limits.consecutive(Door.STRANGERS),
                lock == null ? null : lock.until().orElse(null),
                backupCodes.left(),
                remembered,
                header.enabledAt(),
                header.updatedAt());
    }

    TwoFactorStatus status(Call call) {
        Account account = noLaterThan(call.now());
        boolean waits = pending != null && pending.isOpen(call) && isCurrent(pending.restsOn(), call);
        TwoFactorStatus.State off = waits ? TwoFactorStatus.State.PENDING : TwoFactorStatus.State.OFF;
        return new TwoFactorStatus(
                isEnabled() ? TwoFactorStatus.State.ENABLED : off,
                authenticators.stream().map(Authenticator::status).toList(),
                backupCodes.left(),
                browsers.stream()
                        .filter(one -> one.isKnown(call))
                        .map(one -> one.status(call))
                        .toList(),
                account.limits.status(Door.STRANGERS, call),
                account.limits.status(Door.KNOWN, call));
    }

    // --- Copies ---

    /**
     * Replaces each instant that is later than now by now, because a wrong clock wrote it. No other method does this.
     * The replacement has to be saved; otherwise every call would restart the waiting time. The pending enrollment and
     * the temporary code are not changed, because they are valid only within their lifetime.
     */
    Account noLaterThan(Instant now) {
        List<KnownBrowser> clamped = new ArrayList<>();
        for (KnownBrowser browser : browsers) {
            clamped.add(browser.noLaterThan(now));
        }
        return withBrowsers(clamped).with(limits.noLaterThan(now));
    }

    Account updated(Instant now) {
        Header updated = new Header(header.recordId(), header.epoch(), header.enabledAt(), now);
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

    private Account with(List<Authenticator> after) {
        return new Account(header, after, backupCodes, browsers, limits, pending);
    }

    private Account withWindowsUsedUp(Call call) {
        return with(
                authenticators.stream().map(one -> one.withWindowUsedUp(call)).toList());
    }

    private Account withBackOffOfBrowsersEnded() {
        return withBrowsers(
                browsers.stream().map(one -> one.with(FailureRow.NONE)).toList());
    }

    private Account withBrowsers(List<KnownBrowser> after) {
        return new Account(header, authenticators, backupCodes, after, limits, pending);
    }

    /** Overwrites the secrets with zeros. No object that was handed out uses the same bytes. */
    void destroySecrets() {
        for (Authenticator one : authenticators) {
            one.seed().secret().destroy();
        }
        if (pending != null) {
            pending.candidate().seed().secret().destroy();
        }
    }
}
