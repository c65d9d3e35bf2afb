// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static dev.sallyport.spring.Html.all;
import static dev.sallyport.spring.Html.attribute;
import static dev.sallyport.spring.Html.attributeIf;
import static dev.sallyport.spring.Html.element;
import static dev.sallyport.spring.Html.flag;
import static dev.sallyport.spring.Html.maybe;

import dev.sallyport.PendingEnrollment;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.qr.QrCode;
import dev.sallyport.spring.Answer.Change;
import dev.sallyport.spring.Html.Node;
import dev.sallyport.spring.Html.Part;
import dev.sallyport.spring.Problem.Kind;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One answer as a page. It works without a script; {@code script.js} adds comfort only. The names of classes and of
 * custom properties that a style sheet of the application may use are documented in {@code style.css}.
 */
final class HtmlPages {
    static final int FEW_BACKUP_CODES = 3;

    private static final int MAX_AUTHENTICATORS = 5;
    private static final String PROBLEM = "problem";
    /** The core writes these labels in English, because it does not know the language of the user. */
    private static final Pattern BROWSER_LABEL =
            Pattern.compile("(Edge|Opera|Samsung Internet|Vivaldi|Firefox|Chrome|Safari|Unknown browser)"
                    + "(?: on (Android|iOS|iPadOS|ChromeOS|Windows|macOS|Linux))?");
    /** After these an app's code is of no use, but a backup code is. */
    private static final Set<Kind> ONLY_BACKUP_CODES = Set.of(Kind.LOCKED_OUT, Kind.SUSPENDED);

    private static final Set<Kind> ABOUT_THE_FIELD =
            Set.of(Kind.REJECTED, Kind.MALFORMED, Kind.CLOCK_OFF, Kind.PASSWORD_WRONG);

    private final PageSettings settings;
    private final PageContext page;
    private final Texts.Language texts;

    HtmlPages(PageSettings settings, PageContext page) {
        this.settings = settings;
        this.page = page;
        this.texts = page.texts();
    }

    /** {@return the whole page} */
    String of(Answer answer) {
        if (answer instanceof Answer.CodeDue due) {
            return document("sallyport.code.title", false, codeDue(due));
        }
        if (answer instanceof Answer.Overview overview) {
            return document("sallyport.settings.title", true, overview(overview));
        }
        if (answer instanceof Answer.PasswordDue due) {
            return document("sallyport.enable.title", true, passwordDue(due));
        }
        if (answer instanceof Answer.Enrolling enrolling) {
            return document("sallyport.enroll.title", true, enrolling(enrolling));
        }
        if (answer instanceof Answer.NewBackupCodes codes) {
            return document("sallyport.backup-codes.title", true, backupCodes(codes));
        }
        if (answer instanceof Answer.CodeForChange change) {
            return document(key(change.change(), "title"), true, codeForChange(change));
        }
        if (answer instanceof Answer.Failed failed) {
            return document("sallyport.failed.title", true, failed(failed));
        }
        throw new IllegalArgumentException("no page for " + answer.getClass().getSimpleName());
    }

    // --- Sign in ---

    private Node codeDue(Answer.CodeDue due) {
        Problem problem = due.problem();
        boolean backup = page.backupCode() || (problem != null && ONLY_BACKUP_CODES.contains(problem.kind()));
        return all(
                element(
                        "form",
                        style("card narrow"),
                        attribute("method", "post"),
                        attribute("action", page.link("/code")),
                        csrf(),
                        backup ? hidden("backup", "true") : all(),
                        heading(backup ? "sallyport.code.backup.title" : "sallyport.code.title"),
                        problem(problem),
                        backup
                                ? paragraph("sallyport.code.backup.lead")
                                : paragraph("sallyport.code.lead", settings.digits(), page.issuer()),
                        codeField(
                                backup,
                                problem,
                                flag("autofocus"),
                                backup ? "sallyport.code.backup.label" : "sallyport.code.label"),
                        problem != null && problem.kind() == Kind.REJECTED && !backup ? tokenField() : all(),
                        checkbox("remember", texts.text("sallyport.code.remember", lifetime()), false),
                        actions(button("sallyport.continue")),
                        element(
                                "p",
                                style("other-way"),
                                link(
                                        page.link(backup ? "/code" : "/code?backup=true"),
                                        backup ? "sallyport.code.use-app" : "sallyport.code.use-backup"))),
                element(
                        "form",
                        style("after-card"),
                        attribute("method", "post"),
                        attribute("action", page.link("/cancel")),
                        csrf(),
                        element("button", style("link"), say("sallyport.code.cancel"))));
    }

    /** A right code of a hardware token is refused if its clock or counter has run away. Two codes bring it back. */
    private Node tokenField() {
        return element(
                "details",
                element("summary", say("sallyport.code.token")),
                paragraph("sallyport.code.token.lead"),
                secondField());
    }

    // --- Enable ---

    private Node passwordDue(Answer.PasswordDue due) {
        return element(
                "form",
                style("card narrow"),
                attribute("method", "post"),
                attribute("action", page.link("/enable")),
                csrf(),
                step(1),
                heading("sallyport.enable.title"),
                problem(due.problem()),
                paragraph("sallyport.enable.app"),
                due.passwordAsked() ? passwordFields(due) : paragraph("sallyport.enable.no-password"),
                actions(button("sallyport.continue"), quietLink("", "sallyport.not-now")));
    }

    private Node passwordFields(Answer.PasswordDue due) {
        return all(
                paragraph("sallyport.enable.lead"),
                // A password manager asks for the name that belongs to the password.
                element(
                        "input",
                        attribute("type", "text"),
                        attribute("name", "username"),
                        attribute("autocomplete", "username"),
                        attribute("value", page.userName()),
                        flag("hidden"),
                        flag("readonly")),
                label("password", "sallyport.enable.password"),
                element(
                        "input",
                        attribute("id", "password"),
                        attribute("name", "password"),
                        attribute("type", "password"),
                        attribute("autocomplete", "current-password"),
                        describedBy(due.problem()),
                        invalid(due.problem()),
                        flag("required"),
                        flag("autofocus")));
    }

    private Node enrolling(Answer.Enrolling enrolling) {
        PendingEnrollment pending = enrolling.pending();
        KeyUri keyUri = pending.keyUri();
        Problem problem = enrolling.problem();
        boolean two = keyUri.type() == KeyUri.Type.HOTP || (problem != null && problem.kind() == Kind.CLOCK_OFF);
        return element(
                "section",
                style("card"),
                step(2),
                heading("sallyport.enroll.title"),
                problem(problem),
                // A phone cannot scan its own screen.
                element(
                        "div",
                        style("on-the-phone"),
                        paragraph("sallyport.enroll.on-the-phone"),
                        actions(element(
                                "a",
                                style("button"),
                                attribute("href", keyUri.toUriString()),
                                say("sallyport.enroll.open-app")))),
                element(
                        "div",
                        style("scan"),
                        element("div", style("qr"), Html.qrCode(QrCode.of(keyUri.toUriString()))),
                        element(
                                "div",
                                paragraph("sallyport.enroll.scan"),
                                paragraph("sallyport.enroll.type"),
                                element(
                                        "p",
                                        style("secret"),
                                        attribute("dir", "ltr"),
                                        attribute("translate", "no"),
                                        Html.text(pending.secretForTyping())),
                                copying(pending.secretForTyping()),
                                element(
                                        "p",
                                        style("quiet"),
                                        say("sallyport.enroll.account", keyUri.issuer(), keyUri.accountName())))),
                element(
                        "form",
                        attribute("method", "post"),
                        attribute("action", page.link("/confirm")),
                        csrf(),
                        label("code", "sallyport.enroll.code", keyUri.digits()),
                        // The focus would scroll the QR code out of sight.
                        oneTimeCodeInput(problem, attributeIf(problem != null, "autofocus", "")),
                        two ? secondField() : all(),
                        element("p", style("quiet"), sayWithTime("sallyport.enroll.until", pending.expires())),
                        actions(button("sallyport.enroll.confirm"), quietLink("", "sallyport.cancel"))));
    }

    private Node backupCodes(Answer.NewBackupCodes answer) {
        List<String> codes = answer.codes().asList();
        String sheet = answer.codes().toText(sheetHeading());
        List<Node> items = new ArrayList<>();
        codes.forEach(code -> items.add(element("li", element("code", Html.text(code)))));
        return element(
                "section",
                style("card"),
                answer.justEnabled() ? step(3) : all(),
                heading("sallyport.backup-codes.title"),
                message(
                        "good no-print",
                        "status",
                        say(
                                answer.justEnabled()
                                        ? "sallyport.backup-codes.enabled"
                                        : "sallyport.backup-codes.replaced")),
                paragraph("sallyport.backup-codes.lead"),
                paragraph("sallyport.backup-codes.once"),
                element("p", style("only-print"), Html.text(sheetHeading())),
                element("ol", style("codes"), attribute("dir", "ltr"), attribute("translate", "no"), all(items)),
                copying(
                        sheet,
                        element(
                                "a",
                                style("button plain small"),
                                attribute("href", "data:text/plain;charset=utf-8," + percentEncoded(sheet)),
                                attribute("download", sheetHeading() + ".txt"),
                                say("sallyport.backup-codes.download")),
                        element(
                                "button",
                                style("plain small"),
                                attribute("type", "button"),
                                flag("hidden"),
                                flag("data-print"),
                                say("sallyport.print"))),
                element(
                        "form",
                        style("no-print"),
                        attribute("method", "get"),
                        attribute("action", page.link("")),
                        checkbox("saved", texts.text("sallyport.backup-codes.saved"), true),
                        actions(button("sallyport.backup-codes.done"))));
    }

    String sheetHeading() {
        return page.userName().isEmpty()
                ? texts.text("sallyport.backup-codes.sheet", page.issuer())
                : texts.text("sallyport.backup-codes.sheet-of", page.issuer(), page.userName());
    }

    // --- Settings ---

    private Node overview(Answer.Overview overview) {
        TwoFactorStatus status = overview.status();
        boolean enabled = status.state() == TwoFactorStatus.State.ENABLED;
        Node head = all(heading("sallyport.settings.title"), notice(enabled), problem(overview.problem()));
        return enabled
                ? all(
                        authenticators(status, head),
                        locks(status),
                        backupCodesLeft(status.backupCodesLeft()),
                        browsers(overview),
                        sessions(),
                        disable())
                : all(off(status, head), sessions());
    }

    private Node notice(boolean enabled) {
        Answer.Notice notice = page.notice();
        return notice == null || (enabled && notice == Answer.Notice.DISABLED)
                ? all()
                : message("good", "status", say("sallyport.notice." + dashed(notice)));
    }

    private Node off(TwoFactorStatus status, Node head) {
        boolean pending = status.state() == TwoFactorStatus.State.PENDING;
        return element(
                "section",
                style("card"),
                head,
                state(false),
                paragraph(pending ? "sallyport.settings.pending" : "sallyport.settings.off.lead"),
                actions(element(
                        "a",
                        style("button"),
                        attribute("href", page.link("/enable")),
                        say(pending ? "sallyport.settings.go-on" : "sallyport.settings.enable"))));
    }

    private Node state(boolean on) {
        return element(
                "p",
                style("state"),
                element(
                        "span",
                        style(on ? "badge on" : "badge"),
                        say(on ? "sallyport.settings.on" : "sallyport.settings.off")));
    }

    private Node authenticators(TwoFactorStatus status, Node head) {
        List<TwoFactorStatus.Authenticator> authenticators = status.authenticators();
        List<Node> rows = new ArrayList<>();
        for (TwoFactorStatus.Authenticator authenticator : authenticators) {
            String label = authenticatorLabel(authenticator.label());
            rows.add(element(
                    "li",
                    element(
                            "div",
                            element("strong", element("bdi", Html.text(label))),
                            element(
                                    "p",
                                    style("quiet"),
                                    sayWithDate("sallyport.settings.added", authenticator.added()),
                                    Html.text(" · "),
                                    authenticator
                                            .lastUsed()
                                            .map(at -> sayWithDate("sallyport.settings.last-used", at))
                                            .orElseGet(() -> say("sallyport.settings.never-used"))),
                            authenticator.weakSecret()
                                    ? element("p", style("hint"), say("sallyport.settings.weak-secret"))
                                    : all(),
                            authenticator.offset() == 0
                                    ? all()
                                    : element(
                                            "p",
                                            style("quiet"),
                                            say(
                                                    "sallyport.settings.offset",
                                                    texts.duration(settings.timeStep()
                                                            .multipliedBy(authenticator.offset()))))),
                    authenticators.size() > 1
                            ? element(
                                    "a",
                                    style("button plain small"),
                                    attribute(
                                            "href",
                                            page.link("/remove?authenticator="
                                                    + authenticator.id().value())),
                                    attribute("aria-label", texts.text("sallyport.settings.remove-this", label)),
                                    say("sallyport.settings.remove"))
                            : all()));
        }
        return element(
                "section",
                style("card"),
                head,
                state(true),
                element("h2", say("sallyport.settings.authenticators")),
                element("ul", style("rows"), all(rows)),
                authenticators.size() < MAX_AUTHENTICATORS
                        ? actions(quietLink("/add", "sallyport.settings.add"))
                        : element("p", style("quiet"), say("sallyport.problem.too-many-authenticators")));
    }

    private Node locks(TwoFactorStatus status) {
        List<Node> sentences = new ArrayList<>();
        status.strangers().lock().ifPresent(lock -> sentences.add(lock(lock, "sallyport.settings.lock.strangers")));
        status.known().lock().ifPresent(lock -> sentences.add(lock(lock, "sallyport.settings.lock.known")));
        int failures = status.strangers().failures() + status.known().failures();
        if (failures > 0) {
            sentences.add(element("p", say("sallyport.settings.failures", failures)));
        }
        return sentences.isEmpty()
                ? all()
                : element(
                        "section",
                        style("card"),
                        element("h2", say("sallyport.settings.attempts")),
                        all(sentences),
                        element("p", style("quiet"), say("sallyport.settings.attempts.lead")));
    }

    private Node lock(TwoFactorStatus.Lock lock, String key) {
        return message(
                "warning",
                "status",
                all(
                        say(key),
                        Html.text(" "),
                        lock.until()
                                .map(until -> sayWithTime("sallyport.problem.until", until))
                                .orElseGet(() -> say("sallyport.settings.lock.no-end"))));
    }

    private Node backupCodesLeft(int left) {
        return element(
                "section",
                style("card"),
                element("h2", say("sallyport.settings.backup-codes")),
                left <= FEW_BACKUP_CODES
                        ? message("warning", "status", say("sallyport.settings.backup-codes.few"))
                        : all(),
                paragraph("sallyport.settings.backup-codes.left", left),
                actions(quietLink("/regenerate", "sallyport.settings.regenerate")));
    }

    private Node browsers(Answer.Overview overview) {
        List<Node> rows = new ArrayList<>();
        for (TwoFactorStatus.Browser browser : overview.status().browsers()) {
            String label = browserLabel(browser.label());
            boolean current =
                    overview.thisBrowser().filter(browser.id()::equals).isPresent();
            rows.add(element(
                    "li",
                    element(
                            "div",
                            element("strong", element("bdi", Html.text(label))),
                            current
                                    ? all(
                                            Html.text(" "),
                                            element("span", style("badge on"), say("sallyport.settings.this-browser")))
                                    : all(),
                            element(
                                    "p",
                                    style("quiet"),
                                    sayWithDate("sallyport.settings.last-code", browser.lastUsed()),
                                    Html.text(" · "),
                                    browser.rememberedUntil()
                                            .map(until -> sayWithDate("sallyport.settings.remembered", until))
                                            .orElseGet(() -> say("sallyport.settings.not-remembered"))),
                            maybe(browser.lockedUntil()
                                    .map(until ->
                                            element("p", style("hint"), sayWithTime("sallyport.problem.until", until)))
                                    .orElse(null))),
                    element(
                            "form",
                            attribute("method", "post"),
                            attribute("action", page.link("/forget")),
                            csrf(),
                            hidden("browser", browser.id().value()),
                            element(
                                    "button",
                                    style("plain small"),
                                    attribute("aria-label", texts.text("sallyport.settings.forget-this", label)),
                                    say("sallyport.settings.forget")))));
        }
        return element(
                "section",
                style("card"),
                element("h2", say("sallyport.settings.browsers")),
                paragraph(rows.isEmpty() ? "sallyport.settings.browsers.none" : "sallyport.settings.browsers.lead"),
                rows.isEmpty() ? all() : element("ul", style("rows"), all(rows)));
    }

    private Node sessions() {
        return element(
                "section",
                style("card"),
                element("h2", say("sallyport.settings.sessions")),
                paragraph("sallyport.settings.sessions.lead"),
                element(
                        "form",
                        attribute("method", "post"),
                        attribute("action", page.link("/sign-out-everywhere")),
                        csrf(),
                        actions(element("button", style("plain"), say("sallyport.settings.sign-out-everywhere")))));
    }

    private Node disable() {
        return element(
                "section",
                style("card"),
                element("h2", say("sallyport.settings.disable")),
                paragraph("sallyport.settings.disable.lead"),
                actions(element(
                        "a",
                        style("button danger-plain"),
                        attribute("href", page.link("/disable")),
                        say("sallyport.settings.disable.go"))));
    }

    // --- A change that needs a code ---

    private Node codeForChange(Answer.CodeForChange answer) {
        Change change = answer.change();
        Problem problem = answer.problem();
        boolean backup = page.backupCode() || (problem != null && ONLY_BACKUP_CODES.contains(problem.kind()));
        String path = "/" + change.name().toLowerCase(Locale.ROOT);
        String query = answer.target() == null ? "" : "authenticator=" + percentEncoded(answer.target());
        String other = backup ? query : query + (query.isEmpty() ? "" : "&") + "backup=true";
        String label = answer.label() == null ? "" : answer.label();
        return element(
                "form",
                style("card narrow"),
                attribute("method", "post"),
                attribute("action", page.link(path)),
                csrf(),
                backup ? hidden("backup", "true") : all(),
                answer.target() == null ? all() : hidden("authenticator", answer.target()),
                heading(key(change, "title")),
                problem(problem),
                change == Change.REMOVE && !label.isEmpty()
                        ? element("p", element("strong", element("bdi", Html.text(authenticatorLabel(label)))))
                        : all(),
                paragraph(key(change, "lead")),
                change == Change.ADD ? labelField(label) : all(),
                codeField(
                        backup,
                        problem,
                        attributeIf(change != Change.ADD || !label.isEmpty(), "autofocus", ""),
                        backup ? "sallyport.code.backup.label" : "sallyport.change.code",
                        settings.digits()),
                actions(
                        element(
                                "button",
                                style(change == Change.DISABLE || change == Change.REMOVE ? "danger" : "primary"),
                                say(key(change, "go"))),
                        quietLink("", "sallyport.cancel")),
                element(
                        "p",
                        style("other-way"),
                        link(
                                page.link(path + (other.isEmpty() ? "" : "?" + other)),
                                backup ? "sallyport.code.use-app" : "sallyport.code.use-backup")));
    }

    private Node labelField(String label) {
        return all(
                label("label", "sallyport.change.add.label"),
                element(
                        "input",
                        attribute("id", "label"),
                        attribute("name", "label"),
                        attribute("type", "text"),
                        attribute("dir", "auto"),
                        attribute("maxlength", "40"),
                        attribute("autocomplete", "off"),
                        attributeIf(label.isEmpty(), "autofocus", ""),
                        attribute("value", label)));
    }

    private static String key(Change change, String part) {
        return "sallyport.change." + change.name().toLowerCase(Locale.ROOT) + "." + part;
    }

    // --- Nothing goes on ---

    private Node failed(Answer.Failed failed) {
        String next = failed.next();
        String link = next == null ? page.link("") : page.inApplication(next);
        String key = "sallyport.failed.back";
        if (failed.problem().kind() == Kind.SIGN_IN_AGAIN) {
            key = "sallyport.failed.sign-in";
        } else if (failed.problem().kind() == Kind.STORE_FAILED && page.self() != null) {
            link = page.self();
            key = "sallyport.failed.again";
        }
        return element(
                "section",
                style("card narrow"),
                heading("sallyport.failed.title"),
                problem(failed.problem()),
                actions(element("a", style("button"), attribute("href", link), say(key))));
    }

    // --- Parts ---

    private String document(String titleKey, boolean signedIn, Node content) {
        Node brand = signedIn
                ? element("a", style("brand"), attribute("href", page.inApplication("/")), issuer())
                : element("span", style("brand"), issuer());
        String ownStyle = settings.styleSheet();
        return Html.document(element(
                "html",
                attribute("lang", texts.tag()),
                attribute("dir", texts.direction()),
                element(
                        "head",
                        element("meta", attribute("charset", "utf-8")),
                        element(
                                "meta",
                                attribute("name", "viewport"),
                                attribute("content", "width=device-width, initial-scale=1")),
                        element("meta", attribute("name", "color-scheme"), attribute("content", "light dark")),
                        element("title", Html.text(texts.text(titleKey) + " – " + page.issuer())),
                        styleSheet(page.link("/" + settings.style())),
                        ownStyle == null ? all() : styleSheet(page.inApplication(ownStyle)),
                        element("script", attribute("src", page.link("/" + settings.script())), flag("defer"))),
                element("body", element("header", brand), element("main", content))));
    }

    private Node issuer() {
        return element("bdi", Html.text(page.issuer()));
    }

    private static Node styleSheet(String link) {
        return element("link", attribute("rel", "stylesheet"), attribute("href", link));
    }

    private Node problem(@Nullable Problem problem) {
        if (problem == null) {
            return all();
        }
        Instant until = problem.until();
        Node end = until == null
                ? all()
                : all(Html.text(" "), sayWithTime("sallyport.problem.until", until), countdown(until));
        return element(
                "div",
                style("message bad"),
                attribute("id", PROBLEM),
                element("p", attribute("role", "alert"), Html.text(sentence(problem))),
                until == null ? all() : element("p", end));
    }

    /** {@return the sentence that says what went wrong} */
    String sentence(Problem problem) {
        String key = problem.kind().messageKey();
        Duration off = problem.clockOff();
        if (problem.kind() == Kind.MALFORMED) {
            return texts.text(key, settings.digits());
        }
        return problem.kind() == Kind.CLOCK_OFF && off != null
                ? texts.text("sallyport.clock-off.by", texts.duration(off))
                : texts.text(key);
    }

    /** The script fills it in and shows it. */
    private Node countdown(Instant until) {
        return element(
                "span",
                style("countdown"),
                flag("hidden"),
                attribute(
                        "data-seconds",
                        Long.toString(
                                Math.max(0, Duration.between(page.now(), until).toSeconds()) + 1)),
                attribute("data-over", texts.text("sallyport.countdown.over")),
                Html.text(" "),
                say("sallyport.countdown.left"),
                Html.text(" "),
                element("span", attribute("role", "timer"), attribute("aria-live", "off"), attribute("dir", "ltr")));
    }

    private Node codeField(
            boolean backup, @Nullable Problem problem, Part focus, String labelKey, Object... arguments) {
        return all(
                label("code", labelKey, arguments),
                backup ? backupCodeInput(problem, focus) : oneTimeCodeInput(problem, focus));
    }

    private Node oneTimeCodeInput(@Nullable Problem problem, Part focus) {
        return codeInput(
                "code",
                "code-input",
                problem,
                attribute("inputmode", "numeric"),
                attribute("autocomplete", "one-time-code"),
                focus);
    }

    private Node backupCodeInput(@Nullable Problem problem, Part focus) {
        return codeInput(
                "code",
                "code-input backup",
                problem,
                attribute("autocapitalize", "characters"),
                attribute("autocomplete", "off"),
                focus);
    }

    /** Without maxlength, so that a pasted backup code fits into it, with blanks and line number. */
    private Node codeInput(String name, String style, @Nullable Problem problem, Part... special) {
        List<Part> parts = new ArrayList<>(List.of(
                attribute("id", name),
                attribute("name", name),
                attribute("type", "text"),
                style(style),
                attribute("dir", "ltr"),
                attribute("spellcheck", "false"),
                describedBy(problem),
                invalid(problem),
                flag("required")));
        parts.addAll(List.of(special));
        return element("input", parts.toArray(Part[]::new));
    }

    private Node secondField() {
        return all(
                label("second", "sallyport.code.second"),
                element(
                        "input",
                        attribute("id", "second"),
                        attribute("name", "second"),
                        attribute("type", "text"),
                        style("code-input"),
                        attribute("dir", "ltr"),
                        attribute("inputmode", "numeric"),
                        attribute("autocomplete", "off")));
    }

    /** Copying and printing need a script, so the script shows their buttons. */
    private Node copying(String text, Node... others) {
        return element(
                "div",
                style("copying no-print"),
                element(
                        "div",
                        style("actions"),
                        element(
                                "button",
                                style("plain small"),
                                attribute("type", "button"),
                                flag("hidden"),
                                attribute("data-copy", text),
                                attribute("data-copied", texts.text("sallyport.copied")),
                                attribute("data-failed", texts.text("sallyport.copy-failed")),
                                say("sallyport.copy")),
                        all(others)),
                element("p", style("quiet"), attribute("role", "status")));
    }

    private Node checkbox(String name, String label, boolean required) {
        return element(
                "label",
                style("check"),
                element(
                        "input",
                        attribute("type", "checkbox"),
                        attribute("name", name),
                        attribute("value", "true"),
                        attributeIf(required, "required", "")),
                element("span", Html.text(label)));
    }

    private Node step(int number) {
        return element("p", style("step"), say("sallyport.step", number, 3));
    }

    private Node heading(String key) {
        return element("h1", say(key));
    }

    private Node paragraph(String key, Object... arguments) {
        return element("p", say(key, arguments));
    }

    private Node message(String style, String role, Node content) {
        return element("p", style("message " + style), attribute("role", role), content);
    }

    private Node label(String input, String key, Object... arguments) {
        return element("label", attribute("for", input), say(key, arguments));
    }

    private Node button(String key) {
        return element("button", style("primary"), say(key));
    }

    private Node quietLink(String path, String key) {
        return element("a", style("button plain"), attribute("href", page.link(path)), say(key));
    }

    private Node link(String href, String key) {
        return element("a", attribute("href", href), say(key));
    }

    private static Node actions(Node... nodes) {
        return element("div", style("actions"), all(nodes));
    }

    private static Node hidden(String name, String value) {
        return element("input", attribute("type", "hidden"), attribute("name", name), attribute("value", value));
    }

    private Node csrf() {
        return page.csrf() == null
                ? all()
                : hidden(page.csrf().getParameterName(), page.csrf().getToken());
    }

    private static Part style(String classes) {
        return attribute("class", classes);
    }

    private static Part describedBy(@Nullable Problem problem) {
        return attributeIf(problem != null, "aria-describedby", PROBLEM);
    }

    private static Part invalid(@Nullable Problem problem) {
        return attributeIf(problem != null && ABOUT_THE_FIELD.contains(problem.kind()), "aria-invalid", "true");
    }

    private Node say(String key, Object... arguments) {
        return Html.text(texts.text(key, arguments));
    }

    private Node sayWithDate(String key, Instant instant) {
        return sayWith(key, instant, texts.date(instant), "date");
    }

    private Node sayWithTime(String key, Instant instant) {
        return sayWith(key, instant, texts.time(instant), "time");
    }

    /** The script changes the zone to that of the browser. */
    private Node sayWith(String key, Instant instant, String formatted, String kind) {
        String marker = "\u0001";
        String sentence = texts.text(key, marker);
        int at = sentence.indexOf(marker);
        if (at < 0) {
            return Html.text(sentence);
        }
        return all(
                Html.text(sentence.substring(0, at)),
                element(
                        "time",
                        attribute("datetime", instant.toString()),
                        attribute("data-local", kind),
                        Html.text(formatted)),
                Html.text(sentence.substring(at + marker.length())));
    }

    private String lifetime() {
        return texts.duration(settings.browserLifetime());
    }

    private String authenticatorLabel(String label) {
        return label.equals("Authenticator app") ? texts.text("sallyport.authenticator-app") : label;
    }

    private String browserLabel(String label) {
        if (label.equals("Unnamed device")) {
            return texts.text("sallyport.unnamed-device");
        }
        Matcher matcher = BROWSER_LABEL.matcher(label);
        if (!matcher.matches()) {
            return label;
        }
        String name =
                matcher.group(1).equals("Unknown browser") ? texts.text("sallyport.unknown-browser") : matcher.group(1);
        return Optional.ofNullable(matcher.group(2))
                .map(system -> texts.text("sallyport.browser-on", name, system))
                .orElse(name);
    }

    private static String dashed(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String percentEncoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
