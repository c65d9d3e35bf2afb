// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.jakarta;

import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.util.UUID;

/** What a browser gets to see: forms that work without a script. All text that is not written here is escaped. */
final class Pages {
    /** The session attribute and the form field of the token that tells our forms from others. */
    static final String CSRF = "csrf";

    /** There are no scripts, styles, images or frames to allow. */
    static final String CSP = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static final String PASSWORD = """
            <p><label>Name <input name="name" autocomplete="username" required autofocus></label>
            <p><label>Password <input name="password" type="password" autocomplete="current-password" required></label>""";
    private static final String CODE = """
            <p><label>App code <input name="code" autocomplete="one-time-code" inputmode="numeric" autofocus></label>
            <p><label>or a backup code <input name="backupCode" autocomplete="off"></label>
            <p><label><input name="remember" type="checkbox"> Remember this browser for 30 days</label>""";

    private Pages() {}

    /** The page of a path, with its forms. */
    static void show(HttpSession session, ServletResponse response, String page, String message) throws IOException {
        String content = switch (page) {
            case "/sign-in" -> form(session, "/sign-in", PASSWORD, "Go on");
            case "/code" -> form(session, "/code", CODE, "Sign in") + form(session, "/sign-out", "", "Sign out");
            default -> form(session, "/sign-out", "", "Sign out");
        };
        String text = message.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        response.setContentType("text/html; charset=UTF-8");
        response.getWriter().write("""
                <!DOCTYPE html>
                <html lang="en"><meta name="viewport" content="width=device-width"><title>Sallyport demo</title>
                <p role="status">%s</p>
                %s""".formatted(text, content));
    }

    private static String form(HttpSession session, String path, String fields, String button) {
        return """
                <form method="post" action="%s"><input type="hidden" name="csrf" value="%s">
                %s<p><button>%s</button>
                </form>""".formatted(path, token(session), fields, button);
    }

    /** Each session has one, and each stage of a sign-in a new one. */
    private static Object token(HttpSession session) {
        if (session.getAttribute(CSRF) == null) {
            session.setAttribute(CSRF, UUID.randomUUID().toString()); // from a SecureRandom
        }
        return session.getAttribute(CSRF);
    }
}
