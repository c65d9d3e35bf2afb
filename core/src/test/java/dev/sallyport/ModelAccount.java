// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.ClockOff;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One user's second factor, as simple as the rules can be told: failures are kept one by one, codes as they are typed, and
 * nothing is hashed, encrypted or versioned. Written from the documentation; it shares no rule with the code that it checks.
 *
 * <p>Each method that is named like one of {@link TwoFactor} does what that one should do, and returns the answer that it
 * should give, in the words of {@link ModelAnswer}. An exception is returned as its class.
 */
final class ModelAccount {
    /** The step or counter that was used last, where none was. */
    static final long NONE = -1;

    private static final Duration CLOCKS_APART = Duration.ofMinutes(1);
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static final Duration YEAR = Duration.ofDays(365);
    private static final int NO_EPOCH = 0;
    private static final int CAP = 50;
    private static final int MOST_BROWSERS = 20;
    private static final int MOST_AUTHENTICATORS = 5;

    /** A live authenticator. Its id is unknown until an answer or the status tells it. */
    record App(
            String keyUri,
            @Nullable AuthenticatorId id,
            String label,
            Instant added,
            @Nullable Instant lastUsed,
            long used,
            boolean ownClock,
            int offset) {
        boolean isToken() {
            return keyUri.contains("://hotp/");
        }

        Phone phone() {
            return Phone.scan(keyUri);
        }

        private int digits() {
            return keyUri.contains("digits=8") ? 8 : 6;
        }

        /** The step that the authenticator's own clock shows. */
        long shows(Instant now) {
            return phone().step(now) + offset;
        }

        /** The latest of the steps or counters of now that the code belongs to. */
        private OptionalLong newest(String code, Instant now) {
            Phone phone = phone();
            long first = isToken() ? used + 1 : Math.max(used + 1, shows(now) - 1);
            long last = isToken() ? used + 3 : shows(now) + 1;
            return LongStream.rangeClosed(first, last)
                    .filter(position -> phone.code(position).equals(code))
                    .max();
        }

        /** RFC 4226 section 7.4. The position is that of the second code. */
        private OptionalLong newest(String first, String second, Instant now, boolean confirming) {
            Phone phone = phone();
            if (isToken()) {
                return newest(phone, first, second, used + 2, used + 100);
            }
            if (!ownClock && !confirming) {
                return OptionalLong.empty();
            }
            int from = confirming ? -100 : Math.max(-100, offset - 20);
            int to = confirming ? 100 : Math.min(100, offset + 20);
            long step = phone.step(now);
            return newest(phone, first, second, Math.max(step + from, used + 2), step + to);
        }

        private static OptionalLong newest(Phone phone, String first, String second, long from, long to) {
            return LongStream.rangeClosed(from, to)
                    .filter(position -> phone.code(position - 1).equals(first)
                            && phone.code(position).equals(second))
                    .max();
        }

        private boolean wasLast(String code) {
            return used > NONE && phone().code(used).equals(code);
        }

        /** Whether the clock is behind all the codes that are left. */
        private boolean isAheadOf(Instant now) {
            return !isToken() && used > shows(now);
        }

        /** How many steps away the code is right, where that is too far. */
        private OptionalInt stepsAway(String code, Instant now) {
            Phone phone = phone();
            return isToken()
                    ? OptionalInt.empty()
                    : IntStream.rangeClosed(-20, 20)
                            .filter(steps -> Math.abs(steps) >= 4)
                            .filter(steps -> phone.code(shows(now) + steps).equals(code))
                            .max();
        }

        private App using(long position, Instant now, boolean pair) {
            boolean moved = ownClock || (pair && !isToken());
            int clock = moved ? (int) (position - phone().step(now)) : offset;
            return new App(keyUri, id, label, added, now, position, ownClock, clock);
        }

        private App burnt(Instant now) {
            long all = isToken() ? used : Math.max(used, shows(now) + 1);
            return new App(keyUri, id, label, added, lastUsed, all, ownClock, offset);
        }

        private App with(AuthenticatorId known) {
            return new App(keyUri, known, label, added, lastUsed, used, ownClock, offset);
        }

        private boolean hasSecretOf(String otherKeyUri) {
            return secret(keyUri).equals(secret(otherKeyUri));
        }

        private static String secret(String keyUri) {
            return keyUri.replaceAll(".*[?&]secret=([A-Z2-7]+).*", "$1");
        }
    }

    /** What is to be enrolled. The key URI is unknown where Sallyport draws the secret and its answer is lost. */
    record Candidate(@Nullable String keyUri, String label, long used, boolean ownClock) {
        private boolean isOfTheFuture(Instant now) {
            return keyUri != null
                    && keyUri.contains("://totp/")
                    && used > Phone.scan(keyUri).step(now) + 20;
        }

        private App live(Instant now, @Nullable Instant lastUsed) {
            return new App(known(keyUri), null, label, now, lastUsed, used, ownClock, 0);
        }
    }

    /** What a session, a challenge, a proof or an enrollment rests on. */
    record Basis(int epoch, @Nullable BrowserId browser) {}

    /** An enrollment that waits. */
    record Waiting(int number, Candidate candidate, Instant begun, int failures, Basis basis) {
        Instant expires() {
            return begun.plus(TEN_MINUTES);
        }

        private Object shown() {
            return new ModelAnswer.Shown(candidate.label(), expires());
        }

        private Waiting failed() {
            return new Waiting(number, candidate, begun, failures + 1, basis);
        }

        private boolean isOpen(Instant now) {
            return isWithin(begun, TEN_MINUTES, now) && failures < 10;
        }
    }

    /** Failures in a row. */
    record Row(int failures, Instant last) {
        static final Row EMPTY = new Row(0, Instant.MIN);

        private Row failed(Instant now) {
            return new Row(failures + 1, now);
        }

        private Row noLaterThan(Instant now) {
            return new Row(failures, earlier(last, now));
        }

        private Optional<Instant> lockedUntil(TwoFactorPolicy policy, Instant now) {
            int over = failures - policy.failuresBeforeLockout();
            if (over < 0) {
                return Optional.empty();
            }
            long seconds = policy.firstLockout().toSeconds();
            for (int i = 0; i < over && seconds < 3600; i++) {
                seconds *= 2;
            }
            Instant until = last.plusSeconds(Math.min(seconds, 3600));
            return until.isAfter(now) ? Optional.of(until) : Optional.empty();
        }
    }

    /** A browser that can be at either door: the tokens that it sends, and its label if it keeps tokens. */
    record Client(List<String> tokens, @Nullable String label, Browser browser) {}

    /** A known browser. Its id and token are unknown until an answer or the status tells them. */
    record Known(
            @Nullable BrowserId id,
            @Nullable String token,
            String label,
            Instant lastUsed,
            @Nullable Instant remembered,
            Row row) {
        private boolean isGood(Instant now) {
            return isWithin(lastUsed, YEAR, now);
        }

        private boolean isRemembered(TwoFactorPolicy policy, Instant now) {
            return isGood(now) && remembered != null && isWithin(remembered, policy.browserLifetime(), now);
        }

        private Known with(Row after) {
            return new Known(id, token, label, lastUsed, remembered, after);
        }

        private Known remembered(@Nullable Instant since) {
            return new Known(id, token, label, lastUsed, since, row);
        }

        private Known used(Instant now) {
            return new Known(id, token, label, now, remembered, Row.EMPTY);
        }

        private Known noLaterThan(Instant now) {
            return new Known(
                    id,
                    token,
                    label,
                    earlier(lastUsed, now),
                    remembered == null ? null : earlier(remembered, now),
                    row.noLaterThan(now));
        }
    }

    /** A half-finished sign-in. */
    record SignIn(UserId user, Basis basis, Instant issued, Client client) {}

    /** A proof, and of which of a user's records it is. */
    record Proof(Verified verified, int record, Basis basis) {}

    private record Temporary(String code, Instant issued, Duration lifetime) {}

    /** Where a code is typed. */
    private record Place(
            boolean known, boolean stepUp, @Nullable BrowserId browser, Client client) {}

    private final UserId user;
    private final TwoFactorPolicy policy;
    private int record;
    private int epoch = NO_EPOCH;
    private int epochsDrawn;
    private int enrollmentsBegun;
    private final List<App> apps = new ArrayList<>();
    private @Nullable Waiting waiting;
    private final List<String> backupCodes = new ArrayList<>();
    private @Nullable Temporary temporary;
    private final List<Known> browsers = new ArrayList<>();

    private Row strangers = Row.EMPTY;
    private Row stepUps = Row.EMPTY;
    private int knownFailures;
    private final List<LocalDate> strangersBudget = new ArrayList<>();
    private final List<LocalDate> knownBudget = new ArrayList<>();

    ModelAccount(UserId user, TwoFactorPolicy policy) {
        this.user = user;
        this.policy = policy;
    }

    ModelAccount copy() {
        ModelAccount copy = new ModelAccount(user, policy);
        copy.record = record;
        copy.epoch = epoch;
        copy.epochsDrawn = epochsDrawn;
        copy.enrollmentsBegun = enrollmentsBegun;
        copy.apps.addAll(apps);
        copy.waiting = waiting;
        copy.backupCodes.addAll(backupCodes);
        copy.temporary = temporary;
        copy.browsers.addAll(browsers);
        copy.strangers = strangers;
        copy.stepUps = stepUps;
        copy.knownFailures = knownFailures;
        copy.strangersBudget.addAll(strangersBudget);
        copy.knownBudget.addAll(knownBudget);
        return copy;
    }

    // --- What there is to choose from ---

    List<App> apps() {
        return apps;
    }

    List<Known> browsers() {
        return browsers;
    }

    List<String> backupCodes() {
        return backupCodes;
    }

    @Nullable
    Waiting waiting() {
        return waiting;
    }

    boolean isEnabled() {
        return !apps.isEmpty();
    }

    /** Until when the codes of any place are not compared, the earliest first. */
    List<Instant> lockoutEnds(Instant now) {
        return Stream.concat(
                        Stream.of(
                                lock(false, strangers, now).flatMap(Lock::until),
                                lock(true, stepUps, now).flatMap(Lock::until)),
                        browsers.stream().map(one -> lock(true, one.row(), now).flatMap(Lock::until)))
                .flatMap(Optional::stream)
                .sorted()
                .toList();
    }

    /** Instants at which, or after which, something changes. */
    List<Instant> deadlines(Instant now) {
        List<Instant> deadlines = new ArrayList<>(lockoutEnds(now));
        if (waiting != null) {
            deadlines.add(waiting.expires());
        }
        if (temporary != null) {
            deadlines.add(temporary.issued().plus(temporary.lifetime()));
        }
        for (Known one : browsers) {
            deadlines.add(one.lastUsed().plus(YEAR));
            Instant since = one.remembered();
            if (since != null) {
                deadlines.add(since.plus(policy.browserLifetime()));
            }
        }
        return deadlines.stream().filter(now::isBefore).toList();
    }

    // --- Trust ---

    Basis basis(@Nullable BrowserId browser) {
        return new Basis(epoch, browser);
    }

    boolean isCurrent(Instant now, @Nullable Basis basis) {
        return basis != null && holds(basis, now);
    }

    private boolean holds(Basis basis, Instant now) {
        return basis.epoch() == epoch && (basis.browser() == null || known(basis.browser(), now) != null);
    }

    private @Nullable Known known(BrowserId id, Instant now) {
        return browsers.stream()
                .filter(one -> id.equals(one.id()) && one.isGood(now))
                .findFirst()
                .orElse(null);
    }

    Proof proof(Verified verified) {
        return new Proof(verified, record, basis(verified.stamp().browser().orElse(null)));
    }

    private void newEpoch() {
        epochsDrawn++;
        epoch = epochsDrawn;
        waiting = null;
        temporary = null;
    }

    private void needCodesAgain() {
        browsers.replaceAll(one -> one.remembered(null));
    }

    /** A proof is for its record as it is; nobody is asked while the clocks are too far apart. */
    private boolean isStale(Proof proof, Instant now) {
        ModelAccount seen = copy();
        seen.clamp(now);
        return !isInTime(proof, now) || proof.record() != record || !seen.holds(proof.basis(), now);
    }

    boolean isInTime(Proof proof, Instant now) {
        return isWithin(proof.verified().at(), policy.proofLifetime(), now);
    }

    Object endTrust(Instant now) {
        clamp(now);
        browsers.clear();
        newEpoch();
        return ModelAnswer.STAMP;
    }

    /** For a session that asks. */
    Object endTrust(Instant now, @Nullable Basis basis) {
        clamp(now);
        return isCurrent(now, basis) ? Optional.of(endTrust(now)) : Optional.empty();
    }

    Object endTrust(Instant now, Proof proof) {
        if (isStale(proof, now)) {
            return StaleProofException.class;
        }
        endTrust(now);
        return renewed(proof, null);
    }

    private ModelAnswer.Proved renewed(Proof proof, @Nullable BrowserId browser) {
        Verified before = proof.verified();
        return new ModelAnswer.Proved(
                user,
                before.at(),
                before.method(),
                before.authenticator(),
                backupCodes.size(),
                Optional.ofNullable(browser));
    }

    // --- Enrollment ---

    Object beginEnrollment(Instant now, Candidate candidate) {
        return isEnabled() ? AlreadyEnabledException.class : begin(now, candidate, basis(null));
    }

    Object addAuthenticator(Instant now, Proof proof, Candidate candidate) {
        if (isStale(proof, now)) {
            return StaleProofException.class;
        }
        return apps.size() == MOST_AUTHENTICATORS ? IllegalStateException.class : begin(now, candidate, proof.basis());
    }

    private Object begin(Instant now, Candidate candidate, Basis basis) {
        String keyUri = candidate.keyUri();
        if (candidate.isOfTheFuture(now)
                || (keyUri != null && apps.stream().anyMatch(app -> app.hasSecretOf(keyUri)))) {
            return IllegalArgumentException.class;
        }
        clamp(now);
        enrollmentsBegun++;
        Waiting begun = new Waiting(enrollmentsBegun, candidate, now, 0, basis);
        waiting = begun;
        return begun.shown();
    }

    /** The secret that Sallyport has drawn. */
    void scan(String keyUri) {
        Waiting slot = Objects.requireNonNull(waiting);
        Candidate before = slot.candidate();
        Candidate seen = new Candidate(keyUri, before.label(), before.used(), before.ownClock());
        waiting = new Waiting(slot.number(), seen, slot.begun(), slot.failures(), slot.basis());
    }

    private Optional<Waiting> waiting(int number, Instant now) {
        return Optional.ofNullable(waiting)
                .filter(slot -> slot.number() == number)
                .filter(slot -> holds(slot.basis(), now));
    }

    Object pendingEnrollment(Instant now, int number) {
        return waiting(number, now).filter(slot -> slot.isOpen(now)).map(Waiting::shown);
    }

    Object confirmEnrollment(Instant now, int number, Client client, ModelTyped typed) {
        clamp(now);
        Optional<Waiting> found = waiting(number, now);
        if (found.isEmpty()) {
            return new BeginAgain();
        }
        Waiting slot = found.get();
        if (!slot.isOpen(now)) {
            waiting = null;
            return new BeginAgain();
        }
        App app = slot.candidate().live(now, now);
        if (app.digits() != typed.digits()) {
            return new Rejected();
        }
        String second = typed.second();
        OptionalLong position = second != null
                ? app.newest(typed.code(), second, now, true)
                : app.wasLast(typed.code()) ? OptionalLong.empty() : app.newest(typed.code(), now);
        if (position.isPresent()) {
            return live(now, slot, app.using(position.getAsLong(), now, second != null), client);
        }
        waiting = slot.failed();
        OptionalInt away = second == null ? app.stepsAway(typed.code(), now) : OptionalInt.empty();
        if (away.isEmpty()) {
            return new Rejected();
        }
        long period = app.keyUri().contains("period=40") ? 40 : 30;
        return new ClockOff(Duration.ofSeconds(period * away.getAsInt()));
    }

    private Object live(Instant now, Waiting slot, App app, Client client) {
        boolean first = !isEnabled();
        apps.add(app);
        waiting = null;
        if (first) {
            newEpoch();
            newBackupCodes();
        }
        BrowserId browser = slot.basis().browser();
        if (browser == null) {
            browser = recognize(client, now).map(Known::id).orElse(null);
        }
        ModelAnswer.Proved proof = enter(now, Method.ONE_TIME_CODE, ModelAnswer.NEW_ID, browser, client);
        return new ModelAnswer.Live(first ? backupCodes.size() : 0, proof);
    }

    Object importWithoutConfirmation(Instant now, List<Candidate> candidates) {
        if (candidates.stream().anyMatch(one -> one.isOfTheFuture(now))) {
            return IllegalArgumentException.class;
        }
        if (isEnabled()) {
            return AlreadyEnabledException.class;
        }
        long secrets = candidates.stream()
                .map(one -> App.secret(known(one.keyUri())))
                .distinct()
                .count();
        if (secrets < candidates.size()) {
            return IllegalArgumentException.class;
        }
        clamp(now);
        browsers.clear();
        newEpoch();
        candidates.forEach(one -> apps.add(one.live(now, null)));
        return candidates.size();
    }

    // --- Codes ---

    Object verify(Instant now, SignIn signIn, ModelTyped typed) {
        clamp(now);
        if (!isEnabled() || !isWithin(signIn.issued(), TEN_MINUTES, now) || !holds(signIn.basis(), now)) {
            return new SignInAgain();
        }
        BrowserId browser = signIn.basis().browser();
        return verify(now, new Place(browser != null, false, browser, signIn.client()), typed);
    }

    Object stepUp(Instant now, @Nullable Basis basis, ModelTyped typed, Client none) {
        clamp(now);
        if (!isEnabled() || basis == null || !holds(basis, now)) {
            return new SignInAgain();
        }
        return verify(now, new Place(true, true, basis.browser(), none), typed);
    }

    private Object verify(Instant now, Place place, ModelTyped typed) {
        if (typed.kind() != ModelTyped.Kind.ONE_TIME_CODE) {
            return verifySingleUse(now, place, typed);
        }
        if (apps.stream().noneMatch(app -> app.digits() == typed.digits())) {
            return new Rejected();
        }
        Optional<Lock> lock = lock(place.known(), row(place, now), now);
        if (lock.isPresent()) {
            return new LockedOut(lock.get().until());
        }
        String second = typed.second();
        return second == null
                ? oneAttempt(now, place, typed, app -> app.newest(typed.code(), now))
                : oneAttempt(now, place, typed, app -> app.newest(typed.code(), second, now, false));
    }

    /** One charge at most, whatever the number of authenticators. */
    private Object oneAttempt(Instant now, Place place, ModelTyped typed, Function<App, OptionalLong> newest) {
        boolean single = typed.second() == null;
        if (single && apps.stream().anyMatch(app -> app.wasLast(typed.code()))) {
            return new Rejected();
        }
        App by = null;
        for (App app : List.copyOf(apps)) {
            OptionalLong position = newest.apply(app);
            if (position.isPresent()) {
                by = app.using(position.getAsLong(), now, !single);
                apps.set(apps.indexOf(app), by);
            }
        }
        if (by == null) {
            if (!single || !apps.stream().allMatch(app -> app.isAheadOf(now))) {
                charge(now, place);
            }
            return new Rejected();
        }
        strangers = Row.EMPTY;
        if (place.known()) {
            knownFailures = 0;
        }
        if (place.stepUp()) {
            stepUps = Row.EMPTY;
        }
        return enter(now, place, Method.ONE_TIME_CODE, Optional.of(known(by.id())));
    }

    private Object verifySingleUse(Instant now, Place place, ModelTyped typed) {
        boolean backup = typed.kind() == ModelTyped.Kind.BACKUP_CODE;
        Temporary issued = temporary;
        boolean right = backup
                ? backupCodes.remove(typed.code())
                : issued != null
                        && issued.code().equals(typed.code())
                        && isWithin(issued.issued(), issued.lifetime(), now);
        if (!right) {
            return new Rejected();
        }
        apps.replaceAll(app -> app.burnt(now));
        strangers = Row.EMPTY;
        knownFailures = 0;
        browsers.replaceAll(one -> one.with(Row.EMPTY));
        stepUps = Row.EMPTY;
        needCodesAgain();
        newEpoch();
        return enter(now, place, backup ? Method.BACKUP_CODE : Method.TEMPORARY_CODE, Optional.empty());
    }

    private ModelAnswer.Proved enter(Instant now, Place place, Method method, Object by) {
        if (place.stepUp()) {
            return new ModelAnswer.Proved(
                    user, now, method, by, backupCodes.size(), Optional.ofNullable(place.browser()));
        }
        return enter(now, method, by, place.browser(), place.client());
    }

    /** A browser that was known is marked as used; another one that keeps tokens is noted. */
    private ModelAnswer.Proved enter(Instant now, Method method, Object by, @Nullable BrowserId known, Client client) {
        String label = client.label();
        Object browser = Optional.ofNullable(known);
        if (known != null) {
            browsers.replaceAll(one -> known.equals(one.id()) ? one.used(now) : one);
        } else if (label != null) {
            note(new Known(null, null, label, now, null, Row.EMPTY), now);
            browser = ModelAnswer.NEW_ID;
        }
        return new ModelAnswer.Proved(user, now, method, by, backupCodes.size(), browser);
    }

    private void note(Known noted, Instant now) {
        browsers.removeIf(one -> !one.isGood(now));
        if (browsers.size() == MOST_BROWSERS) {
            browsers.stream().min(Comparator.comparing(Known::lastUsed)).ifPresent(browsers::remove);
        }
        browsers.add(noted);
    }

    private Row row(Place place, Instant now) {
        BrowserId browser = place.browser();
        if (!place.known()) {
            return strangers;
        }
        return place.stepUp() || browser == null
                ? stepUps
                : Objects.requireNonNull(known(browser, now)).row();
    }

    private void charge(Instant now, Place place) {
        Row after = row(place, now).failed(now);
        BrowserId browser = place.browser();
        if (!place.known()) {
            strangers = after;
            strangersBudget.add(day(now));
            return;
        }
        knownFailures++;
        knownBudget.add(day(now));
        boolean expelled = after.failures() == 10;
        if (place.stepUp()) {
            stepUps = expelled ? Row.EMPTY : after;
            if (expelled) {
                newEpoch();
            }
        } else if (expelled) {
            browsers.removeIf(one -> Objects.equals(one.id(), browser));
        } else {
            browsers.replaceAll(one -> Objects.equals(one.id(), browser) ? one.with(after) : one);
        }
    }

    private Optional<Lock> lock(boolean known, Row row, Instant now) {
        if ((known ? knownFailures : strangers.failures()) >= CAP) {
            return Optional.of(new Lock(Lock.Reason.SUSPENDED, Optional.empty()));
        }
        List<LocalDate> budget = known ? knownBudget : strangersBudget;
        LocalDate day = day(now);
        while (failuresUpTo(day, budget) >= (known ? policy.knownBudget() : policy.strangersBudget())) {
            day = day.plusDays(1);
        }
        Optional<Lock> backOff =
                row.lockedUntil(policy, now).map(until -> new Lock(Lock.Reason.BACK_OFF, Optional.of(until)));
        if (day.equals(day(now))) {
            return backOff;
        }
        Instant room = day.atStartOfDay(ZoneOffset.UTC).toInstant();
        return backOff.filter(lock -> lock.until().orElseThrow().isAfter(room))
                .or(() -> Optional.of(new Lock(Lock.Reason.BUDGET_SPENT, Optional.of(room))));
    }

    /** In 31 calendar days, this one included. */
    private static int failuresUpTo(LocalDate day, List<LocalDate> budget) {
        return (int) budget.stream()
                .filter(failed -> failed.isAfter(day.minusDays(31)) && !failed.isAfter(day))
                .count();
    }

    private static LocalDate day(Instant now) {
        return LocalDate.ofInstant(now, ZoneOffset.UTC);
    }

    // --- With a proof ---

    Object regenerateBackupCodes(Instant now, Proof proof) {
        if (isStale(proof, now)) {
            return StaleProofException.class;
        }
        clamp(now);
        newBackupCodes();
        needCodesAgain();
        newEpoch();
        return new ModelAnswer.Codes(
                backupCodes.size(), renewed(proof, proof.basis().browser()));
    }

    /** Nobody knows them, unless the answer tells. */
    private void newBackupCodes() {
        backupCodes.clear();
        for (int i = 1; i <= policy.backupCodes(); i++) {
            backupCodes.add("unknown " + i);
        }
    }

    void read(BackupCodes codes) {
        backupCodes.clear();
        codes.asList().forEach(code -> backupCodes.add(code.replace("-", "")));
    }

    Object removeAuthenticator(Instant now, Proof proof, AuthenticatorId id) {
        if (isStale(proof, now)) {
            return StaleProofException.class;
        }
        if (apps.stream().noneMatch(app -> id.equals(app.id()))) {
            return IllegalArgumentException.class;
        }
        if (apps.size() == 1) {
            return IllegalStateException.class;
        }
        clamp(now);
        apps.removeIf(app -> id.equals(app.id()));
        needCodesAgain();
        newEpoch();
        return renewed(proof, proof.basis().browser());
    }

    Object disable(Instant now, Proof proof) {
        if (isStale(proof, now)) {
            return StaleProofException.class;
        }
        empty();
        return ModelAnswer.STAMP;
    }

    private void empty() {
        newEpoch();
        apps.clear();
        backupCodes.clear();
        browsers.clear();
        strangers = Row.EMPTY;
        stepUps = Row.EMPTY;
        knownFailures = 0;
        strangersBudget.clear();
        knownBudget.clear();
    }

    Object rememberBrowser(Instant now, Proof proof) {
        if (isStale(proof, now)) {
            return StaleProofException.class;
        }
        BrowserId browser = proof.basis().browser();
        if (browser == null) {
            return IllegalStateException.class;
        }
        clamp(now);
        browsers.replaceAll(one -> browser.equals(one.id()) ? one.remembered(now) : one);
        return ModelAnswer.DONE;
    }

    Object seal(Instant now, Proof proof) {
        return isInTime(proof, now) ? ModelAnswer.DONE : StaleProofException.class;
    }

    // --- Browsers ---

    private Optional<Known> recognize(Client client, Instant now) {
        return browsers.stream()
                .filter(one -> one.token() != null && client.tokens().contains(one.token()) && one.isGood(now))
                .findFirst();
    }

    Object signInRequirement(Instant now, Client client) {
        if (!isEnabled()) {
            return new ModelAnswer.Free(Optional.empty());
        }
        return recognize(client, now)
                .filter(one -> one.isRemembered(policy, now))
                .<Object>map(one -> new ModelAnswer.Free(Optional.of(known(one.id()))))
                .orElse(ModelAnswer.CHALLENGE);
    }

    SignIn signIn(Instant now, Client client) {
        return new SignIn(user, basis(recognize(client, now).map(Known::id).orElse(null)), now, client);
    }

    /** The browser that was noted last has got this token. */
    void keep(BrowserToken token) {
        int last = browsers.size() - 1;
        Known noted = browsers.get(last);
        browsers.set(
                last, new Known(token.browser(), token.value(), noted.label(), noted.lastUsed(), null, noted.row()));
    }

    Object forgetBrowser(Instant now, BrowserId id) {
        clamp(now);
        browsers.removeIf(one -> id.equals(one.id()));
        return ModelAnswer.DONE;
    }

    // --- Operators ---

    Object issueTemporaryCode(Instant now, Duration lifetime) {
        if (!isEnabled()) {
            return IllegalStateException.class;
        }
        clamp(now);
        temporary = new Temporary("unknown", now, lifetime);
        return now.plus(lifetime);
    }

    void read(TemporaryCode code) {
        Temporary issued = Objects.requireNonNull(temporary);
        temporary = new Temporary(code.value().replace("-", ""), issued.issued(), issued.lifetime());
    }

    Object unlock(Instant now) {
        clamp(now);
        strangers = Row.EMPTY;
        stepUps = Row.EMPTY;
        knownFailures = 0;
        strangersBudget.clear();
        knownBudget.clear();
        browsers.replaceAll(one -> one.with(Row.EMPTY));
        return ModelAnswer.DONE;
    }

    Object resetWithoutProof() {
        empty();
        return ModelAnswer.DONE;
    }

    Object acceptRestoredRecord(Instant now) {
        if (!isEnabled()) {
            return IllegalStateException.class;
        }
        clamp(now);
        apps.replaceAll(app -> app.burnt(now));
        browsers.clear();
        newEpoch();
        return ModelAnswer.DONE;
    }

    Object deleteAccount() {
        empty();
        record++;
        epoch = NO_EPOCH;
        return ModelAnswer.DONE;
    }

    // --- What everybody can see ---

    TwoFactorStatus status(Instant now) {
        ModelAccount seen = copy();
        seen.clamp(now);
        boolean waits = waiting != null && waiting.isOpen(now) && holds(waiting.basis(), now);
        TwoFactorStatus.State off = waits ? TwoFactorStatus.State.PENDING : TwoFactorStatus.State.OFF;
        return new TwoFactorStatus(
                isEnabled() ? TwoFactorStatus.State.ENABLED : off,
                apps.stream().map(ModelAccount::status).toList(),
                backupCodes.size(),
                browsers.stream()
                        .filter(one -> one.isGood(now))
                        .map(one -> status(one, now))
                        .toList(),
                new TwoFactorStatus.Door(
                        strangers.failures(),
                        failuresUpTo(day(now), seen.strangersBudget),
                        seen.lock(false, seen.strangers, now)),
                new TwoFactorStatus.Door(
                        knownFailures, failuresUpTo(day(now), seen.knownBudget), seen.lock(true, Row.EMPTY, now)));
    }

    private static TwoFactorStatus.Authenticator status(App app) {
        return new TwoFactorStatus.Authenticator(
                known(app.id()),
                app.label(),
                app.added(),
                Optional.ofNullable(app.lastUsed()),
                false,
                app.isToken() ? 0 : app.offset());
    }

    private TwoFactorStatus.Browser status(Known browser, Instant now) {
        return new TwoFactorStatus.Browser(
                known(browser.id()),
                browser.label(),
                browser.lastUsed(),
                browser.isRemembered(policy, now)
                        ? Optional.of(known(browser.remembered()).plus(policy.browserLifetime()))
                        : Optional.empty(),
                browser.row().lockedUntil(policy, now));
    }

    private static <T> T known(@Nullable T id) {
        if (id == null) {
            throw new AssertionError("neither an answer nor a status has told it");
        }
        return id;
    }

    /** Takes from the status the ids that no answer has told. */
    void learnIds(TwoFactorStatus status, Instant now) {
        for (int i = 0; i < Math.min(apps.size(), status.authenticators().size()); i++) {
            if (apps.get(i).id() == null) {
                apps.set(i, apps.get(i).with(status.authenticators().get(i).id()));
            }
        }
        List<Known> good = browsers.stream().filter(one -> one.isGood(now)).toList();
        for (int i = 0; i < Math.min(good.size(), status.browsers().size()); i++) {
            Known one = good.get(i);
            if (one.id() == null) {
                BrowserId id = status.browsers().get(i).id();
                browsers.set(
                        browsers.indexOf(one),
                        new Known(id, one.token(), one.label(), one.lastUsed(), one.remembered(), one.row()));
            }
        }
    }

    /** What a wrong clock has written of the future counts as of now, from the next call on that may write. */
    private void clamp(Instant now) {
        browsers.replaceAll(one -> one.noLaterThan(now));
        strangers = strangers.noLaterThan(now);
        stepUps = stepUps.noLaterThan(now);
        strangersBudget.replaceAll(failed -> failed.isAfter(day(now)) ? day(now) : failed);
        knownBudget.replaceAll(failed -> failed.isAfter(day(now)) ? day(now) : failed);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }

    private static boolean isWithin(Instant start, Duration lifetime, Instant now) {
        return !start.isAfter(now.plus(CLOCKS_APART)) && !now.isAfter(start.plus(lifetime));
    }
}
