// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.EnrollmentResult.Expired;
import dev.sallyport.EnrollmentResult.NotPending;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One user's second factor, told as simply as the rules can be: failures are kept one by one, codes as they are typed, and
 * nothing is hashed, encrypted or versioned. Written from the documentation, it shares no line with what it judges.
 *
 * <p>Each method that is named like one of {@link TwoFactor} does what that ought to do, and gives the answer that it
 * ought to give, in the words of {@link ModelAnswer}; an exception is its class.
 */
final class ModelAccount {
    /** Small numbers, so that a play of some dozen turns gets beyond each of them. */
    static final TwoFactorPolicy POLICY = TwoFactorPolicy.builder()
            .backupCodes(2)
            .backupCodesLow(0)
            .enrollmentAttempts(3)
            .failuresBeforeLockout(2)
            .failuresBeforeBackupWait(2)
            .longestLockout(Duration.ofSeconds(100))
            .suspendAfter(6)
            .failureBudget(5)
            .maxAuthenticators(3)
            .maxBrowsers(3)
            .resynchronizationRange(10)
            .build();

    /** The step or counter that was used last, where none was. */
    static final long NONE = -1;

    private static final Duration CLOCKS_APART = Duration.ofMinutes(1);

    /** A live authenticator. Its id is unknown as long as the answer that told it is lost. */
    record App(
            String keyUri,
            @Nullable AuthenticatorId id,
            String label,
            Instant added,
            @Nullable Instant lastUsed,
            long used) {
        boolean isToken() {
            return keyUri.contains("://hotp/");
        }

        Phone phone() {
            return Phone.scan(keyUri);
        }

        /** The latest of the steps or counters that a code may be of now. */
        private OptionalLong newest(String code, Instant now) {
            Phone phone = phone();
            long first = isToken() ? used + 1 : Math.max(used + 1, phone.step(now) - 1);
            long last = isToken() ? used + 6 : phone.step(now) + 1;
            return LongStream.rangeClosed(first, last)
                    .filter(position -> phone.code(position).equals(code))
                    .max();
        }

        /** RFC 4226 section 7.4. */
        private OptionalLong newest(String first, String second) {
            Phone phone = phone();
            return !isToken()
                    ? OptionalLong.empty()
                    : LongStream.range(used + 2, used + 1 + POLICY.resynchronizationRange())
                            .filter(counter -> phone.code(counter - 1).equals(first)
                                    && phone.code(counter).equals(second))
                            .max();
        }

        private boolean wasLast(String code) {
            return used > NONE && phone().code(used).equals(code);
        }

        /** Whether the clock is behind all the codes that are left. */
        private boolean isAheadOf(Instant now) {
            return !isToken() && used > phone().step(now);
        }

        private App using(long position, Instant now) {
            return new App(keyUri, id, label, added, now, position);
        }

        private boolean hasSecretOf(String otherKeyUri) {
            return secret(keyUri).equals(secret(otherKeyUri));
        }

        private static String secret(String keyUri) {
            return keyUri.replaceAll(".*[?&]secret=([A-Z2-7]+).*", "$1");
        }
    }

    /** An enrollment that waits. Its secret is unknown as long as the answer that told it is lost. */
    record Waiting(@Nullable String keyUri, String label, long used, Instant begun, int failures, int epoch) {
        Instant expires() {
            return begun.plus(POLICY.enrollmentLifetime());
        }

        private Object shown() {
            return new ModelAnswer.Shown(label, expires());
        }

        private Waiting failed() {
            return new Waiting(keyUri, label, used, begun, failures + 1, epoch);
        }

        private boolean isGood(Instant now, int epochNow) {
            return epoch == epochNow && !now.isBefore(begun.minus(CLOCKS_APART)) && !now.isAfter(expires());
        }
    }

    /** A remembered browser. Its id and token are unknown as long as the answer that told them is lost. */
    record Browser(@Nullable BrowserId id, @Nullable String token, String label, Instant remembered) {
        Instant expires() {
            return remembered.plus(POLICY.browserLifetime());
        }

        private boolean isGood(Instant now) {
            return !now.isBefore(remembered.minus(CLOCKS_APART)) && now.isBefore(expires());
        }
    }

    /** A proof, and for which of a user's records it was given, at which trust epoch. */
    record Proof(Verified verified, int record, int epoch) {
        boolean isInTime(Instant now) {
            return Duration.between(verified.at(), now).abs().compareTo(POLICY.proofLifetime()) <= 0;
        }
    }

    private record Lock(LockReason reason, Optional<Instant> until) {}

    private final UserId user;
    private int record;
    private int epoch;
    private final List<App> apps = new ArrayList<>();
    private @Nullable Waiting waiting;
    private final List<String> backupCodes = new ArrayList<>();
    private final List<Browser> browsers = new ArrayList<>();

    private int failures;
    private Instant lastFailure = Instant.MIN;
    private final List<LocalDate> budget = new ArrayList<>();
    private Instant budgetEmptied = Instant.MIN;
    private int backupFailures;
    private Instant lastBackupFailure = Instant.MIN;

    ModelAccount(UserId user) {
        this.user = user;
    }

    ModelAccount copy() {
        ModelAccount copy = new ModelAccount(user);
        copy.record = record;
        copy.epoch = epoch;
        copy.apps.addAll(apps);
        copy.waiting = waiting;
        copy.backupCodes.addAll(backupCodes);
        copy.browsers.addAll(browsers);
        copy.failures = failures;
        copy.lastFailure = lastFailure;
        copy.budget.addAll(budget);
        copy.budgetEmptied = budgetEmptied;
        copy.backupFailures = backupFailures;
        copy.lastBackupFailure = lastBackupFailure;
        return copy;
    }

    // --- What is there to choose from ---

    List<App> apps() {
        return apps;
    }

    @Nullable
    Waiting waiting() {
        return waiting;
    }

    /** Of the remembered browsers, expired or not. */
    List<String> tokens() {
        return browsers.stream()
                .flatMap(browser -> Optional.ofNullable(browser.token()).stream())
                .toList();
    }

    Optional<Instant> lockedUntil(Instant now) {
        return lock(now).flatMap(Lock::until);
    }

    /** Instants at which, or after which, something is other than before. */
    List<Instant> deadlines(Instant now) {
        Stream<Instant> instants = Stream.of(
                lockedUntil(now).orElse(now),
                backupFailures == 0 ? now : backupCodesFrom(),
                waiting == null ? now : waiting.expires(),
                budgetEmptied.equals(Instant.MIN) ? now : budgetEmptied.plus(Duration.ofDays(30)));
        return Stream.concat(instants, browsers.stream().map(Browser::expires))
                .filter(now::isBefore)
                .toList();
    }

    private boolean isEnabled() {
        return !apps.isEmpty();
    }

    // --- Enrollment ---

    Object begin(Instant now, @Nullable String keyUri, String label, long used) {
        return isEnabled() ? AlreadyEnabledException.class : wait(now, keyUri, label, used);
    }

    Object begin(Instant now, Proof proof, @Nullable String keyUri, String label, long used) {
        if (!isGood(proof, now)) {
            return StaleProofException.class;
        }
        return apps.size() == POLICY.maxAuthenticators() ? IllegalStateException.class : wait(now, keyUri, label, used);
    }

    private Object wait(Instant now, @Nullable String keyUri, String label, long used) {
        if ((keyUri != null && isOfTheFuture(keyUri, used, now)) || hasSecretOf(keyUri)) {
            return IllegalArgumentException.class;
        }
        clamp(now);
        Waiting begun = new Waiting(keyUri, label, used, now, 0, epoch);
        waiting = begun;
        return begun.shown();
    }

    private boolean hasSecretOf(@Nullable String keyUri) {
        return keyUri != null && apps.stream().anyMatch(app -> app.hasSecretOf(keyUri));
    }

    private static boolean isOfTheFuture(String keyUri, long used, Instant now) {
        return keyUri.contains("://totp/") && used > Phone.scan(keyUri).step(now) + 1;
    }

    Object pending(Instant now) {
        return isEnabled() ? Optional.empty() : shown(now);
    }

    Object pending(Instant now, Proof proof) {
        return isGood(proof, now) ? shown(now) : StaleProofException.class;
    }

    private Optional<Object> shown(Instant now) {
        return Optional.ofNullable(waiting)
                .filter(slot -> slot.isGood(now, epoch))
                .map(Waiting::shown);
    }

    /** The secret of the enrollment that waits is known from now on; it is never another than before. */
    void scan(String keyUri) {
        Waiting slot = waiting;
        if (slot == null || (slot.keyUri() != null && !slot.keyUri().equals(keyUri))) {
            throw new AssertionError("another secret than at the beginning");
        }
        waiting = new Waiting(keyUri, slot.label(), slot.used(), slot.begun(), slot.failures(), slot.epoch());
    }

    Object confirm(Instant now, String typed) {
        String code = bare(typed);
        if (!isOneTimeCode(code)) {
            return new EnrollmentResult.Rejected();
        }
        clamp(now);
        Waiting slot = waiting;
        if (slot == null) {
            return new NotPending();
        }
        waiting = null;
        if (slot.isGood(now, epoch)) {
            App candidate = new App(known(slot.keyUri()), null, slot.label(), now, now, slot.used());
            OptionalLong position = candidate.wasLast(code) ? OptionalLong.empty() : candidate.newest(code, now);
            if (position.isPresent()) {
                return live(now, candidate.using(position.getAsLong(), now));
            }
            if (slot.failures() + 1 < POLICY.enrollmentAttempts()) {
                waiting = slot.failed();
                return new EnrollmentResult.Rejected();
            }
        }
        endIfEmpty();
        return new Expired();
    }

    private Object live(Instant now, App app) {
        boolean first = !isEnabled();
        apps.add(app);
        if (first) {
            newBackupCodes();
        }
        return new ModelAnswer.Live(first ? backupCodes.size() : 0, now, backupCodes.size());
    }

    Object cancel(Instant now) {
        clamp(now);
        waiting = null;
        endIfEmpty();
        return ModelAnswer.DONE;
    }

    /** A record with nothing in it is none. */
    private void endIfEmpty() {
        if (!isEnabled()) {
            end();
        }
    }

    Object importWithoutConfirmation(Instant now, String keyUri, String label, long used) {
        if (isEnabled()) {
            return AlreadyEnabledException.class;
        }
        if (isOfTheFuture(keyUri, used, now)) {
            return IllegalArgumentException.class;
        }
        waiting = null;
        apps.add(new App(keyUri, null, label, now, null, used));
        return ModelAnswer.NEW_ID;
    }

    // --- Codes ---

    Object verify(Instant now, String typed) {
        String code = bare(typed);
        if (isOneTimeCode(code)) {
            return oneAttempt(now, code, app -> app.newest(code, now));
        }
        String symbols = code.toUpperCase(Locale.ROOT)
                .replace('O', '0')
                .replace('I', '1')
                .replace('L', '1');
        return symbols.matches("[0-9A-Z&&[^U]]{16}") ? backupCode(now, symbols) : new Rejected();
    }

    Object resynchronize(Instant now, String first, String second) {
        String one = bare(first);
        String two = bare(second);
        return isOneTimeCode(one) && isOneTimeCode(two)
                ? oneAttempt(now, null, app -> app.newest(one, two))
                : new Rejected();
    }

    private static String bare(String typed) {
        return typed.replaceAll("[ -]", "");
    }

    private static boolean isOneTimeCode(String code) {
        return code.matches("[0-9]{6,8}");
    }

    /** One charge at most, whatever the number of authenticators. */
    private Object oneAttempt(Instant now, @Nullable String single, Function<App, OptionalLong> newest) {
        if (!isEnabled()) {
            return new NotEnrolled();
        }
        clamp(now);
        Optional<Lock> lock = lock(now);
        if (lock.isPresent()) {
            return lock.get().until().<Object>map(LockedOut::new).orElse(new Suspended());
        }
        if (single != null && apps.stream().anyMatch(app -> app.wasLast(single))) {
            return new Rejected();
        }
        AuthenticatorId by = null;
        boolean right = false;
        for (App app : List.copyOf(apps)) {
            OptionalLong position = newest.apply(app);
            if (position.isPresent()) {
                apps.set(apps.indexOf(app), app.using(position.getAsLong(), now));
                right = true;
                by = app.id();
            }
        }
        if (right) {
            failures = 0;
            return new ModelAnswer.Proved(user, now, by, backupCodes.size());
        }
        if (single == null || !apps.stream().allMatch(app -> app.isAheadOf(now))) {
            failures++;
            lastFailure = now;
            budget.add(day(now));
        }
        return new Rejected();
    }

    private Optional<Lock> lock(Instant now) {
        if (failures >= POLICY.suspendAfter()) {
            return Optional.of(new Lock(LockReason.SUSPENDED, Optional.empty()));
        }
        Instant backOff = Instant.MIN;
        if (failures >= POLICY.failuresBeforeLockout()) {
            long seconds = Math.min(100, 30L << (failures - POLICY.failuresBeforeLockout()));
            backOff = lastFailure.plusSeconds(seconds);
        }
        Instant room = Instant.MIN;
        LocalDate day = day(now);
        while (failuresInThirtyDaysBefore(day) >= POLICY.failureBudget()) {
            day = day.plusDays(1);
            room = day.atStartOfDay(ZoneOffset.UTC).toInstant();
        }
        Instant until = room.isBefore(backOff) ? backOff : room;
        LockReason reason = room.isBefore(backOff) ? LockReason.BACK_OFF : LockReason.BUDGET_SPENT;
        return until.isAfter(now) ? Optional.of(new Lock(reason, Optional.of(until))) : Optional.empty();
    }

    /** And on the day itself. */
    private long failuresInThirtyDaysBefore(LocalDate day) {
        return budget.stream()
                .filter(failed -> !failed.isBefore(day.minusDays(30)))
                .count();
    }

    private static LocalDate day(Instant now) {
        return LocalDate.ofInstant(now, ZoneOffset.UTC);
    }

    private Object backupCode(Instant now, String symbols) {
        if (!isEnabled()) {
            return new NotEnrolled();
        }
        clamp(now);
        if (backupFailures >= POLICY.failuresBeforeBackupWait() && now.isBefore(backupCodesFrom())) {
            return new LockedOut(backupCodesFrom());
        }
        if (!backupCodes.remove(symbols)) {
            backupFailures++;
            lastBackupFailure = now;
            return new Rejected();
        }
        failures = 0;
        backupFailures = 0;
        boolean recently = !budgetEmptied.equals(Instant.MIN) && now.isBefore(budgetEmptied.plus(Duration.ofDays(30)));
        if (!recently && failuresInThirtyDaysBefore(day(now)) > 0) {
            budget.clear();
            budgetEmptied = now;
        }
        lowerTrust();
        return new ModelAnswer.Proved(user, now, null, backupCodes.size());
    }

    private Instant backupCodesFrom() {
        return lastBackupFailure.plus(POLICY.backupWait());
    }

    // --- Proofs ---

    Proof holds(Verified verified) {
        return new Proof(verified, record, epoch);
    }

    private boolean isGood(Proof proof, Instant now) {
        return proof.record() == record && proof.epoch() == epoch && proof.isInTime(now);
    }

    Object regenerate(Instant now, Proof proof) {
        if (!isGood(proof, now)) {
            return StaleProofException.class;
        }
        clamp(now);
        newBackupCodes();
        browsers.clear();
        return new ModelAnswer.Codes(backupCodes.size());
    }

    /** Nobody knows them, unless the answer tells. */
    private void newBackupCodes() {
        backupCodes.clear();
        for (int i = 1; i <= POLICY.backupCodes(); i++) {
            backupCodes.add("unknown " + i);
        }
    }

    void read(BackupCodes codes) {
        backupCodes.clear();
        codes.asList().forEach(code -> backupCodes.add(bare(code)));
    }

    Object removeAuthenticator(Instant now, Proof proof, AuthenticatorId id) {
        if (!isGood(proof, now)) {
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
        lowerTrust();
        return ModelAnswer.of(proof.verified());
    }

    Object disable(Instant now, Proof proof) {
        if (!isGood(proof, now)) {
            return StaleProofException.class;
        }
        end();
        return ModelAnswer.DONE;
    }

    Object reset() {
        end();
        return ModelAnswer.DONE;
    }

    private void end() {
        record++;
        epoch = 0;
        apps.clear();
        waiting = null;
        backupCodes.clear();
        browsers.clear();
        failures = 0;
        budget.clear();
        budgetEmptied = Instant.MIN;
        backupFailures = 0;
    }

    private void lowerTrust() {
        browsers.clear();
        epoch++;
    }

    // --- Browsers ---

    Object rememberBrowser(Instant now, Proof proof, String label) {
        if (!isGood(proof, now)) {
            return StaleProofException.class;
        }
        clamp(now);
        browsers.removeIf(browser -> !browser.isGood(now));
        browsers.add(new Browser(null, null, label, now));
        if (browsers.size() > POLICY.maxBrowsers()) {
            browsers.remove(0);
        }
        return POLICY.browserLifetime();
    }

    void keep(BrowserToken token) {
        int last = browsers.size() - 1;
        Browser added = browsers.get(last);
        browsers.set(last, new Browser(token.browser(), token.value(), added.label(), added.remembered()));
    }

    Object signInRequirement(Instant now, @Nullable String token) {
        if (!isEnabled()) {
            return new SignInRequirement.NotEnrolled();
        }
        return browsers.stream()
                .filter(browser -> token != null && token.equals(browser.token()) && browser.isGood(now))
                .findFirst()
                .<SignInRequirement>map(browser -> new SignInRequirement.RememberedBrowser(known(browser.id())))
                .orElse(new CodeRequired());
    }

    Object forgetBrowser(Instant now, BrowserId id) {
        clamp(now);
        if (browsers.removeIf(browser -> id.equals(browser.id()))) {
            epoch++;
        }
        return ModelAnswer.DONE;
    }

    Object forgetBrowsers(Instant now) {
        if (isEnabled() || waiting != null) {
            clamp(now);
            lowerTrust();
        }
        return ModelAnswer.DONE;
    }

    // --- The rest ---

    Object unlock(Instant now) {
        clamp(now);
        failures = 0;
        backupFailures = 0;
        budget.clear();
        return ModelAnswer.DONE;
    }

    TwoFactorStatus status(Instant now) {
        ModelAccount seen = copy();
        seen.clamp(now);
        Optional<Lock> lock = seen.lock(now);
        TwoFactorStatus.State off =
                shown(now).isPresent() ? TwoFactorStatus.State.PENDING : TwoFactorStatus.State.NOT_ENROLLED;
        return new TwoFactorStatus(
                isEnabled() ? TwoFactorStatus.State.ENABLED : off,
                apps.stream().map(ModelAccount::status).toList(),
                backupCodes.size(),
                browsers.stream()
                        .filter(browser -> browser.isGood(now))
                        .map(ModelAccount::status)
                        .toList(),
                lock.map(Lock::reason),
                lock.flatMap(Lock::until));
    }

    private static TwoFactorStatus.Authenticator status(App app) {
        return new TwoFactorStatus.Authenticator(
                known(app.id()), app.label(), app.added(), Optional.ofNullable(app.lastUsed()));
    }

    private static TwoFactorStatus.Browser status(Browser browser) {
        return new TwoFactorStatus.Browser(
                known(browser.id()), browser.label(), browser.remembered(), browser.expires());
    }

    private static <T> T known(@Nullable T id) {
        if (id == null) {
            throw new AssertionError("no answer and no status has told it");
        }
        return id;
    }

    /** Takes from the status the ids that no answer has told. */
    void learnIds(TwoFactorStatus status, Instant now) {
        for (int i = 0; i < Math.min(apps.size(), status.authenticators().size()); i++) {
            App app = apps.get(i);
            AuthenticatorId id =
                    app.id() == null ? status.authenticators().get(i).id() : app.id();
            apps.set(i, new App(app.keyUri(), id, app.label(), app.added(), app.lastUsed(), app.used()));
        }
        List<Browser> good =
                browsers.stream().filter(browser -> browser.isGood(now)).toList();
        for (int i = 0; i < Math.min(good.size(), status.browsers().size()); i++) {
            Browser browser = good.get(i);
            BrowserId id = browser.id() == null ? status.browsers().get(i).id() : browser.id();
            browsers.set(
                    browsers.indexOf(browser), new Browser(id, browser.token(), browser.label(), browser.remembered()));
        }
    }

    /** What a wrong clock has written of the future counts as of now, from the next call on that may write. */
    private void clamp(Instant now) {
        browsers.replaceAll(browser ->
                new Browser(browser.id(), browser.token(), browser.label(), earlier(browser.remembered(), now)));
        lastFailure = earlier(lastFailure, now);
        budget.replaceAll(failed -> failed.isAfter(day(now)) ? day(now) : failed);
        budgetEmptied = earlier(budgetEmptied, now);
        lastBackupFailure = earlier(lastBackupFailure, now);
    }

    private static Instant earlier(Instant one, Instant other) {
        return one.isBefore(other) ? one : other;
    }
}
