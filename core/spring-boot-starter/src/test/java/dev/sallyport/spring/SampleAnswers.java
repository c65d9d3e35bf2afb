// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.AuthenticatorId;
import dev.sallyport.BrowserId;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.TwoFactorStatus.Door;
import dev.sallyport.TwoFactorStatus.Lock;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.spring.Answer.Change;
import dev.sallyport.spring.Answer.CodeDue;
import dev.sallyport.spring.Answer.CodeForChange;
import dev.sallyport.spring.Answer.Enrolling;
import dev.sallyport.spring.Answer.Failed;
import dev.sallyport.spring.Answer.NewBackupCodes;
import dev.sallyport.spring.Answer.Overview;
import dev.sallyport.spring.Answer.PasswordDue;
import dev.sallyport.spring.Problem.Kind;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** An answer of each kind, with every part that can be there. */
final class SampleAnswers {
    static final Door QUIET = new Door(0, 0, Optional.empty());
    static final BrowserId BROWSER = BrowserId.of("00112233445566ff");

    private final Map<String, Answer> pages = new LinkedHashMap<>();
    private final Instant now;

    SampleAnswers(String issuer, String account, String label) {
        Account used = new Account(issuer, account);
        PendingEnrollment pending = used.pending();
        Enrolled enrolled = used.enroll();
        now = used.now();
        add("code", new CodeDue(null));
        add("code-rejected", new CodeDue(Problem.of(Kind.REJECTED)));
        add("code-locked", new CodeDue(new Problem(Kind.LOCKED_OUT, now.plusSeconds(754), null)));
        add("code-suspended", new CodeDue(Problem.of(Kind.SUSPENDED)));
        add("off", new Overview(empty(State.OFF), Optional.empty(), null));
        add("pending", new Overview(empty(State.PENDING), Optional.empty(), Problem.of(Kind.BEGIN_AGAIN)));
        add("settings", new Overview(full(label), Optional.of(BROWSER), null));
        add("settings-few", new Overview(one(), Optional.empty(), null));
        add("password", new PasswordDue(null));
        add("password-wrong", new PasswordDue(Problem.of(Kind.PASSWORD_WRONG)));
        add("password-none", new PasswordDue(false, null));
        add("enroll", new Enrolling(pending, null));
        add("enroll-clock", new Enrolling(pending, new Problem(Kind.CLOCK_OFF, null, Duration.ofMinutes(-5))));
        add("codes", new NewBackupCodes(enrolled.backupCodes().orElseThrow(), true, null));
        add("codes-new", new NewBackupCodes(enrolled.backupCodes().orElseThrow()));
        for (Change change : Change.values()) {
            String target = change == Change.REMOVE ? "aabbccddeeff0011" : null;
            add("change-" + change, new CodeForChange(change, target, target == null ? null : label, null));
        }
        add("change-malformed", new CodeForChange(Change.ADD, null, label, Problem.of(Kind.MALFORMED)));
        for (Kind kind : Kind.values()) {
            add("failed-" + kind, new Failed(Problem.of(kind)));
        }
    }

    SampleAnswers() {
        this("Acme", "alice@example.com", "Alice’s phone");
    }

    /** {@return the answers that become pages, by name} */
    Map<String, Answer> pages() {
        return pages;
    }

    /** {@return the answer of that name} */
    Answer page(String name) {
        return Objects.requireNonNull(pages.get(name), name);
    }

    Instant now() {
        return now;
    }

    static Verified verified() {
        Account account = new Account();
        account.enroll();
        return account.verified();
    }

    private void add(String name, Answer answer) {
        pages.put(name, answer);
    }

    static TwoFactorStatus empty(State state) {
        return new TwoFactorStatus(state, List.of(), 0, List.of(), QUIET, QUIET);
    }

    private TwoFactorStatus one() {
        return new TwoFactorStatus(
                State.ENABLED, List.of(authenticator("Authenticator app")), 2, List.of(), QUIET, QUIET);
    }

    private TwoFactorStatus.Authenticator authenticator(String label) {
        return new TwoFactorStatus.Authenticator(
                AuthenticatorId.of("aabbccddeeff0011"),
                label,
                now.minus(Duration.ofDays(90)),
                Optional.empty(),
                false,
                0);
    }

    /** A device whose app gave no name. */
    Answer deviceWithoutName() {
        TwoFactorStatus.Browser browser =
                new TwoFactorStatus.Browser(BROWSER, "Unnamed device", now, Optional.empty(), Optional.empty());
        return new Overview(
                new TwoFactorStatus(State.ENABLED, List.of(), 10, List.of(browser), QUIET, QUIET),
                Optional.empty(),
                null);
    }

    /** No further authenticator fits. */
    Answer fullOfAuthenticators() {
        List<TwoFactorStatus.Authenticator> five = Collections.nCopies(5, authenticator("Phone"));
        return new Overview(
                new TwoFactorStatus(State.ENABLED, five, 10, List.of(), QUIET, QUIET), Optional.empty(), null);
    }

    /** Everything that a status can say. */
    TwoFactorStatus full(String label) {
        return new TwoFactorStatus(
                State.ENABLED,
                List.of(
                        new TwoFactorStatus.Authenticator(
                                AuthenticatorId.of("aabbccddeeff0011"),
                                label,
                                now.minus(Duration.ofDays(90)),
                                Optional.of(now.minus(Duration.ofHours(2))),
                                true,
                                -3),
                        authenticator("Authenticator app")),
                7,
                List.of(
                        new TwoFactorStatus.Browser(
                                BROWSER,
                                "Firefox on Linux",
                                now.minus(Duration.ofHours(2)),
                                Optional.of(now.plus(Duration.ofDays(30))),
                                Optional.empty()),
                        new TwoFactorStatus.Browser(
                                BrowserId.of("00112233445566ee"),
                                label,
                                now.minus(Duration.ofDays(40)),
                                Optional.empty(),
                                Optional.of(now.plus(Duration.ofMinutes(16)))),
                        new TwoFactorStatus.Browser(
                                BrowserId.of("00112233445566dd"),
                                "Unknown browser on Windows",
                                now.minus(Duration.ofDays(41)),
                                Optional.empty(),
                                Optional.empty())),
                new Door(
                        5,
                        12,
                        Optional.of(new Lock(Lock.Reason.BACK_OFF, Optional.of(now.plus(Duration.ofMinutes(32)))))),
                new Door(50, 61, Optional.of(new Lock(Lock.Reason.SUSPENDED, Optional.empty()))));
    }
}
