// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.BrowserToken;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.RememberedBrowser;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Suspended;
import dev.sallyport.VerificationResult.Verified;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Guards everything behind it: a password first, then a code where one is due. Each stage of a sign-in reaches its own page
 * and the sign-out, and nothing else. A path that is not named here is guarded, so there is none to forget. For an
 * application at the root of its host, as the cookie demands.
 *
 * <p>How far a session has come is in two attributes that name the user, not in a flag beside a name: of two requests at
 * once in one session, neither lends its code to the other's password.
 *
 * @param twoFactor checks codes
 * @param passwords the login that the application has: whose name and password these are. Sallyport neither checks
 *     passwords nor slows down who guesses them
 */
record SignInFilter(TwoFactor twoFactor, BiFunction<String, String, Optional<UserId>> passwords) implements Filter {
    /** The session attribute with the id of who is signed in, for the application behind the filter. */
    static final String SIGNED_IN = "signedIn";
    /** The session attribute with the id of who has given the password, and owes a code. */
    private static final String PASSWORD_GIVEN = "passwordGiven";

    @Override
    public void doFilter(ServletRequest in, ServletResponse out, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) in;
        HttpServletResponse response = (HttpServletResponse) out;
        request.setCharacterEncoding("UTF-8");
        response.setHeader("Cache-Control", "no-store");
        response.setHeader("Content-Security-Policy", Pages.CSP);
        response.setHeader("X-Content-Type-Options", "nosniff");

        boolean shows = request.getMethod().equals("GET") || request.getMethod().equals("HEAD");
        String page = attribute(request, PASSWORD_GIVEN) == null ? "/sign-in" : "/code";
        if (!shows && !isFromOurForm(request)) {
            response.sendRedirect("/"); // out of date, or none of ours: nothing is done
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

    private void checkPassword(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<UserId> user = passwords.apply(parameter(request, "name"), parameter(request, "password"));
        if (user.isEmpty()) {
            Pages.show(request.getSession(), response, "/sign-in", "Name or password is not right.");
            return;
        }
        SignInRequirement needed = twoFactor.signInRequirement(user.get(), browserToken(request, user.get()));
        boolean done = needed instanceof RememberedBrowser || needed instanceof SignInRequirement.NotEnrolled;
        advance(request, response, done ? SIGNED_IN : PASSWORD_GIVEN, user.get());
    }

    private void checkCode(HttpServletRequest request, HttpServletResponse response) throws IOException {
        UserId user = UserId.of(Objects.requireNonNull(attribute(request, PASSWORD_GIVEN)));
        VerificationResult result =
                twoFactor.verify(user, parameter(request, "code") + parameter(request, "backupCode"));
        if (result instanceof Verified proof) {
            if (request.getParameter("remember") != null) {
                BrowserToken token = twoFactor.rememberBrowser(proof, "Browser at " + request.getRemoteAddr());
                String cookie = browserCookieName(user) + "=" + token.value() + "; Max-Age="
                        + token.maxAge().toSeconds() + "; Path=/; Secure; HttpOnly; SameSite=Lax";
                response.addHeader("Set-Cookie", cookie);
            }
            advance(request, response, SIGNED_IN, user);
        } else if (result instanceof NotEnrolled) {
            request.getSession().invalidate(); // switched off since the password was checked: sign in from the start
            response.sendRedirect("/");
        } else {
            Pages.show(request.getSession(), response, "/code", sentence(result));
        }
    }

    /** One sentence for all codes that are not right: which were used is not for the one who types them. */
    private static String sentence(VerificationResult result) {
        if (result instanceof LockedOut locked) {
            String until =
                    DateTimeFormatter.RFC_1123_DATE_TIME.format(locked.until().atOffset(ZoneOffset.UTC));
            return "Too many attempts. Try again after " + until + ", or use a backup code.";
        }
        return result instanceof Suspended
                ? "The codes of your app are suspended. Use a backup code, or ask support."
                : "That code is not right, or was used already. Wait for the next one.";
    }

    /** With a new session id and a new token: what somebody knew of the stage before is worth nothing in this one. */
    private static void advance(HttpServletRequest request, HttpServletResponse response, String stage, UserId user)
            throws IOException {
        request.changeSessionId();
        request.getSession().removeAttribute(Pages.CSRF);
        request.getSession().setAttribute(stage, user.value());
        response.sendRedirect("/");
    }

    /** A form of another site, or of a session that has ended or gone on, has not the token. */
    private static boolean isFromOurForm(HttpServletRequest request) {
        String token = attribute(request, Pages.CSRF);
        byte[] given = parameter(request, Pages.CSRF).getBytes(UTF_8);
        return token != null && MessageDigest.isEqual(token.getBytes(UTF_8), given);
    }

    /** One cookie per user: of two people at one computer, neither takes the other's away. */
    private static String browserCookieName(UserId user) {
        return "__Host-browser-" + HexFormat.of().formatHex(user.value().getBytes(UTF_8));
    }

    private static @Nullable String browserToken(HttpServletRequest request, UserId user) {
        for (Cookie cookie : Objects.requireNonNullElse(request.getCookies(), new Cookie[0])) {
            if (cookie.getName().equals(browserCookieName(user))) {
                return cookie.getValue();
            }
        }
        return null;
    }

    /** What a session says; null where there is none. */
    private static @Nullable String attribute(HttpServletRequest request, String name) {
        HttpSession session = request.getSession(false);
        return session == null ? null : (String) session.getAttribute(name);
    }

    private static String parameter(HttpServletRequest request, String name) {
        return Objects.requireNonNullElse(request.getParameter(name), "");
    }
}
