// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactorPolicy;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.security.web.csrf.CsrfToken;

/**
 * Writes an answer as a page, as a redirect, as JSON or as a problem detail, whichever the client has asked for. No
 * answer is stored by a browser or a proxy.
 */
final class AnswerWriter {
    /** The request attribute that has the answer for a page of the application: the same names as in the JSON. */
    static final String MODEL = "sallyport";

    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
                    + "base-uri 'none'; frame-ancestors 'none'";
    private static final String FORMS_STAY_HERE = "; form-action 'self'";
    private static final String NOTICE = "sallyport.notice";
    private static final String JSON = "application/json";
    private static final String PROBLEM_JSON = "application/problem+json";

    private final SallyportProperties properties;
    private final InstantSource clock;
    private final Texts texts;
    private final Function<HttpServletRequest, Locale> locales;
    private final Assets assets = new Assets();
    private final PageSettings settings;

    /**
     * Makes a writer.
     *
     * @param properties the properties
     * @param policy the numbers that the pages name
     * @param clock the clock of the countdowns
     * @param application the sentences of the application, such as its {@code ApplicationContext}
     * @param locales the language of a request
     */
    AnswerWriter(
            SallyportProperties properties,
            TwoFactorPolicy policy,
            InstantSource clock,
            MessageSource application,
            Function<HttpServletRequest, Locale> locales) {
        this.properties = properties;
        this.clock = clock;
        this.texts = new Texts(application);
        this.locales = locales;
        this.settings = new PageSettings(
                policy.totp().digits(),
                policy.totp().period(),
                policy.browserLifetime(),
                assets.link(Assets.STYLE),
                assets.link(Assets.SCRIPT),
                properties.styleSheet());
    }

    /**
     * Writes the whole response.
     *
     * @param answer what to say
     * @param request the request
     * @param response a response that is not committed
     */
    void write(Answer answer, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "same-origin");
        response.addHeader("Vary", "Accept, Accept-Language");
        Problem problem = problem(answer);
        Long retryAfter = problem == null || problem.until() == null ? null : secondsUntil(problem.until());
        if (retryAfter != null) {
            response.setHeader("Retry-After", Long.toString(retryAfter));
        }
        if (!wantsPage(request)) {
            writeJson(answer, problem, retryAfter, request, response);
        } else if (answer instanceof Answer.Done done) {
            redirect(done, request, response);
        } else if (answer instanceof Answer.CodeAccepted accepted) {
            redirect(new Answer.Done(accepted.next() == null ? "/" : accepted.next()), request, response);
        } else {
            writePage(answer, retryAfter, request, response);
        }
    }

    /**
     * Writes the style sheet or the script, for everybody.
     *
     * @param name {@link Assets#STYLE} or {@link Assets#SCRIPT}
     */
    void writeAsset(String name, HttpServletRequest request, HttpServletResponse response) throws IOException {
        assets.write(name, request, response);
    }

    /** {@return the sentences, for mails} */
    Texts texts() {
        return texts;
    }

    // --- Programs ---

    /** A program learns what is missing as a problem, where a page would show a form. */
    private static @Nullable Problem problem(Answer answer) {
        if (answer instanceof Answer.Failed failed) {
            return failed.problem();
        }
        return answer.problem();
    }

    private static Problem missing(Answer answer) {
        if (answer instanceof Answer.CodeDue) {
            return Problem.of(Problem.Kind.CODE_REQUIRED);
        }
        return Problem.of(
                answer instanceof Answer.PasswordDue ? Problem.Kind.PASSWORD_NEEDED : Problem.Kind.PROOF_NEEDED);
    }

    private void writeJson(
            Answer answer,
            @Nullable Problem problem,
            @Nullable Long retryAfter,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        HtmlPages pages = new HtmlPages(settings, context(request, null));
        Map<String, Object> object =
                problem == null ? JsonAnswers.of(answer, pages.sheetHeading(), request.getContextPath()) : null;
        if (object == null) {
            Problem said = problem == null ? missing(answer) : problem;
            object = JsonAnswers.of(said, pages.sentence(said), retryAfter);
            response.setStatus(said.kind().status);
            send(PROBLEM_JSON, Json.of(object), response);
        } else {
            response.setStatus(HttpServletResponse.SC_OK);
            send(JSON, Json.of(object), response);
        }
    }

    // --- Pages ---

    private void redirect(Answer.Done done, HttpServletRequest request, HttpServletResponse response) {
        HttpSession session = request.getSession(false);
        if (done.notice() != null && session != null) {
            session.setAttribute(NOTICE, done.notice().name());
        }
        response.setStatus(HttpServletResponse.SC_SEE_OTHER);
        response.setHeader("Location", context(request, null).inApplication(done.next()));
    }

    private void writePage(
            Answer answer, @Nullable Long retryAfter, HttpServletRequest request, HttpServletResponse response)
            throws IOException, ServletException {
        Problem problem = problem(answer);
        response.setStatus(problem == null ? HttpServletResponse.SC_OK : problem.kind().status);
        PageContext context = context(request, answer instanceof Answer.Overview ? takeNotice(request) : null);
        HtmlPages pages = new HtmlPages(settings, context);
        String own = ownPage(answer);
        if (own != null) {
            request.setAttribute(MODEL, model(answer, problem, retryAfter, pages, context));
            request.getRequestDispatcher(own).forward(new AsGet(request), response);
            return;
        }
        // After the code, the application may lead to another site, as an authorization server does. Some browsers
        // apply
        // form-action to that redirect too.
        response.setHeader(
                "Content-Security-Policy",
                answer instanceof Answer.CodeDue ? CONTENT_SECURITY_POLICY : CONTENT_SECURITY_POLICY + FORMS_STAY_HERE);
        response.setHeader("X-Frame-Options", "DENY");
        send("text/html", pages.of(answer), response);
    }

    private @Nullable String ownPage(Answer answer) {
        if (answer instanceof Answer.CodeDue) {
            return properties.codePage();
        }
        if (answer instanceof Answer.Overview) {
            return properties.settingsPage();
        }
        if (answer instanceof Answer.Enrolling) {
            return properties.enablePage();
        }
        return answer instanceof Answer.NewBackupCodes ? properties.backupCodesPage() : null;
    }

    /** What a page of the application needs. It lives in the request alone, because it may contain a secret. */
    private Map<String, Object> model(
            Answer answer, @Nullable Problem problem, @Nullable Long retryAfter, HtmlPages pages, PageContext context) {
        Map<String, Object> said = JsonAnswers.of(answer, pages.sheetHeading(), context.contextPath());
        Map<String, Object> model = new LinkedHashMap<>(said == null ? Map.of() : said);
        model.put("base", context.link(""));
        model.put("issuer", context.issuer());
        model.put("rememberDays", settings.browserLifetime().toDays());
        if (problem != null) {
            model.put("problem", JsonAnswers.of(problem, pages.sentence(problem), retryAfter));
        }
        if (context.notice() != null) {
            model.put("notice", context.notice().name());
        }
        return model;
    }

    private static Answer.@Nullable Notice takeNotice(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        if (session == null || !(session.getAttribute(NOTICE) instanceof String name)) {
            return null;
        }
        session.removeAttribute(NOTICE);
        for (Answer.Notice notice : Answer.Notice.values()) {
            if (notice.name().equals(name)) {
                return notice;
            }
        }
        return null;
    }

    private PageContext context(HttpServletRequest request, Answer.@Nullable Notice notice) {
        String userName = request.getRemoteUser();
        return new PageContext(
                issuer(request),
                texts.in(locales.apply(request)),
                request.getContextPath(),
                properties.path(),
                userName == null ? "" : userName,
                (CsrfToken) request.getAttribute(CsrfToken.class.getName()),
                request.getParameter("backup") != null,
                notice,
                self(request),
                clock.instant());
    }

    private static @Nullable String self(HttpServletRequest request) {
        String query = request.getQueryString();
        String path = request.getRequestURI();
        // A path such as //example.com would lead to another server.
        return !request.getMethod().equals("GET") || path.startsWith("//")
                ? null
                : path + (query == null ? "" : "?" + query);
    }

    /** An application that makes its own {@code TwoFactor} may leave the property out. */
    private String issuer(HttpServletRequest request) {
        String issuer = properties.issuer();
        return issuer == null || issuer.isBlank() ? request.getServerName() : issuer;
    }

    private long secondsUntil(Instant until) {
        return Math.max(0, Duration.between(clock.instant(), until).toSeconds()) + 1;
    }

    private static void send(String type, String content, HttpServletResponse response) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        response.setContentType(type.equals("text/html") ? "text/html;charset=UTF-8" : type);
        response.setContentLength(bytes.length);
        response.getOutputStream().write(bytes);
    }

    // --- What the client wants ---

    /**
     * Tells whether the client wants a page. A browser names {@code text/html}. A client that names nothing gets a page
     * from the pages' own paths, and JSON from every other path.
     */
    boolean wantsPage(HttpServletRequest request) {
        String path = request.getRequestURI().substring(request.getContextPath().length());
        if (path.startsWith(properties.path() + "/api/")
                || "XMLHttpRequest".equals(request.getHeader("X-Requested-With"))) {
            return false;
        }
        List<MediaType> accepted = accepted(request);
        double html = quality(accepted, MediaType.TEXT_HTML, MediaType.APPLICATION_XHTML_XML);
        double json = quality(accepted, MediaType.APPLICATION_JSON, MediaType.APPLICATION_PROBLEM_JSON);
        if (html == 0 && json == 0) {
            return path.equals(properties.path()) || path.startsWith(properties.path() + "/");
        }
        return html >= json;
    }

    private static List<MediaType> accepted(HttpServletRequest request) {
        try {
            return MediaType.parseMediaTypes(request.getHeader("Accept"));
        } catch (InvalidMediaTypeException e) {
            return List.of();
        }
    }

    /** Only types that are named count, because {@code *}{@code /*} says nothing. */
    private static double quality(List<MediaType> accepted, MediaType... types) {
        return accepted.stream()
                .filter(type -> List.of(types).stream().anyMatch(type::equalsTypeAndSubtype))
                .mapToDouble(MediaType::getQualityValue)
                .max()
                .orElse(0);
    }

    /** The page of an application is mapped for GET, also where it shows the answer to a POST. */
    private static final class AsGet extends HttpServletRequestWrapper {
        AsGet(HttpServletRequest request) {
            super(request);
        }

        @Override
        public String getMethod() {
            return "GET";
        }
    }
}
