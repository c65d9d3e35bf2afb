// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.Malformed;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.StoreException;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Guards everything behind it: a password first, then a code where one is due. Each stage of a sign-in reaches its own page
 * and the sign-out, and nothing else. A path that is not named here is guarded, so there is none to forget. For an
 * application at the root of its host, as the cookie demands.
 *
 * <p>A session that waits for a code has a challenge, which names its user itself. A signed-in session has a user id and a
 * stamp. Once a minute the stamp is checked, so a session ends when the trust ends that it rests on.
 *
 * @param twoFactor checks codes
 * @param passwords the login that the application has: whose name and password these are. Sallyport does not check
 *     passwords, and does not slow down somebody who guesses them
 * @param clock tells when a stamp was checked last
 */
record SignInFilter(TwoFactor twoFactor, BiFunction<String, String, Optional<UserId>> passwords, InstantSource clock)
        implements Filter {
    /** The session attribute with the id of the user who is signed in, for the application behind the filter. */
    static final String SIGNED_IN = "signedIn";
    /** The session attribute of a session that waits for a code. */
    private static final String CHALLENGE = "challenge";
    /** The session attributes with what a signed-in session rests on, and when that was checked last. */
    private static final String STAMP = "stamp";

    private static final String CHECKED = "checked";
    private static final Duration CHECK_INTERVAL = Duration.ofMinutes(1);

    @Override
    public void doFilter(ServletRequest in, ServletResponse out, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) in;
        HttpServletResponse response = (HttpServletResponse) out;
        request.setCharacterEncoding("UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("Content-Security-Policy", Pages.CSP);
        response.setHeader("X-Content-Type-Options", "nosniff");
        try {
            endIfStale(request);
        } catch (StoreException e) {
            response.sendError(503); // nobody can tell: the session stays, and nothing is shown
            return;
        }
        boolean shows = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        String page = attribute(request, CHALLENGE) == null ? "/sign-in" : "/code";
        if (!shows && !isFromOurForm(request)) {
            response.sendRedirect("/"); // out of date, or not one of our forms: nothing is done
        } else if (!shows && request.getServletPath().equals("/sign-out")) {
            request.getSession().invalidate();
            response.sendRedirect("/");
        } else if (attribute(request, SIGNED_IN) != null) {
            chain.doFilter(request, response);
        } else if (!request.getServletPath().equals(page)) {
            response.sendRedirect(page);
        } else if (shows) {
            Pages.show(request.getSession(), response, page, "");
        } else if (page.equals("/code")) {
            checkCode(request, response);
        } else {
            checkPassword(request, response);
        }
    }

    /** One read a minute per session. */
    private void endIfStale(HttpServletRequest request) {
        String user = attribute(request, SIGNED_IN);
        Instant checked =
                Instant.parse(Objects.requireNonNullElse(attribute(request, CHECKED), Instant.EPOCH.toString()));
        if (user == null || clock.instant().isBefore(checked.plus(CHECK_INTERVAL))) {
            return;
        }
        if (twoFactor.isCurrent(UserId.of(user), TrustStamp.of(attribute(request, STAMP)))) {
            request.getSession().setAttribute(CHECKED, clock.instant().toString());
        } else {
            request.getSession().invalidate();
        }
    }

    private void checkPassword(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<UserId> user = passwords.apply(parameter(request, "name"), parameter(request, "password"));
        if (user.isEmpty()) {
            Pages.show(request.getSession(), response, "/sign-in", "Name or password is not right.");
            return;
        }
        Browser browser = Browser.fromHeaders(request.getHeader("Cookie"), request.getHeader("User-Agent"));
        SignInRequirement next = twoFactor.signInRequirement(user.get(), browser);
        if (next instanceof NoCodeRequired free) {
            signIn(request, response, user.get(), free.stamp());
        } else if (next instanceof CodeRequired code) {
            advance(request);
            request.getSession().setAttribute(CHALLENGE, code.challenge().value());
            response.sendRedirect("/");
        }
    }

    private void checkCode(HttpServletRequest request, HttpServletResponse response) throws IOException {
        VerificationResult result = twoFactor.verify(Challenge.of(attribute(request, CHALLENGE)), typed(request));
        if (result instanceof Verified proof) {
            proof.browserToken().ifPresent(token -> response.addHeader("Set-Cookie", token.setCookie()));
            if (request.getParameter("remember") != null) {
                twoFactor.rememberBrowser(proof);
            }
            signIn(request, response, proof.user(), proof.stamp());
        } else if (result instanceof SignInAgain) {
            request.getSession().invalidate(); // too late, or trust has ended meanwhile
            response.sendRedirect("/");
        } else {
            Pages.show(request.getSession(), response, "/code", sentence(result));
        }
    }

    /** A password manager may have filled both fields. The backup code counts then, because it is no guess. */
    private static String typed(HttpServletRequest request) {
        String backupCode = parameter(request, "backupCode");
        return backupCode.isBlank() ? parameter(request, "code") : backupCode;
    }

    /** One sentence for wrong and for used codes: the person who types must not learn which. */
    private static String sentence(VerificationResult result) {
        if (result instanceof LockedOut locked) {
            String until = locked.until()
                    .map(time -> ", or try again after "
                            + DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atOffset(ZoneOffset.UTC)))
                    .orElse("");
            return "Too many attempts. Use a backup code" + until + ".";
        }
        return result instanceof Malformed
                ? "A code has 6 digits, a backup code 24 letters and digits."
                : "That code is not right, or was used already. Wait for the next one.";
    }

    private void signIn(HttpServletRequest request, HttpServletResponse response, UserId user, TrustStamp stamp)
            throws IOException {
        advance(request);
        HttpSession session = request.getSession();
        session.removeAttribute(CHALLENGE);
        session.setAttribute(SIGNED_IN, user.value());
        session.setAttribute(STAMP, stamp.value());
        session.setAttribute(CHECKED, clock.instant().toString());
        response.sendRedirect("/");
    }

    /** A new session id and a new form token: what somebody knew about the stage before is worth nothing in this one. */
    private static void advance(HttpServletRequest request) {
        request.changeSessionId();
        request.getSession().removeAttribute(Pages.CSRF);
    }

    /** A form of another site does not have the token. Nor does a form of a session that has ended or gone on. */
    private static boolean isFromOurForm(HttpServletRequest request) {
        String token = attribute(request, Pages.CSRF);
        byte[] given = parameter(request, Pages.CSRF).getBytes(UTF_8);
        return token != null && MessageDigest.isEqual(token.getBytes(UTF_8), given);
    }

    /** What the session says; null where it says nothing, or where there is none. */
    private static @Nullable String attribute(HttpServletRequest request, String name) {
        HttpSession session = request.getSession(false);
        return session == null ? null : (String) session.getAttribute(name);
    }

    private static String parameter(HttpServletRequest request, String name) {
        return Objects.requireNonNullElse(request.getParameter(name), "");
    }
}
