// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.TrustStamp;
import dev.sallyport.UserId;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextImpl;

/**
 * The attributes of this module in an HTTP session. They are strings, numbers and a {@link SecurityContext} of Spring
 * Security, so that every node and every later version can read them.
 */
final class SessionState {
    /** The stamp, a space and the id of the user whose stamp it is. */
    private static final String STAMP = "sallyport.stamp";
    /** When the stamp was last found to be current, in milliseconds. */
    private static final String CHECKED = "sallyport.checked";
    /** When the user last proved who they are, in milliseconds. */
    private static final String SIGNED_IN = "sallyport.signed-in";
    /** A sign-in that needs a code, with the Authentication that it will have. */
    private static final String WAITING = "sallyport.waiting";

    private static final String CHALLENGE = "sallyport.challenge";
    /** Which sign-in filter goes on after the code. */
    private static final String RESUME = "sallyport.resume";

    private static final String HANDLE = "sallyport.enrollment";
    private static final String PROOF = "sallyport.proof";
    private static final String WRONG_PASSWORDS = "sallyport.wrong-passwords";

    private final HttpSession session;

    private SessionState(HttpSession session) {
        this.session = session;
    }

    /** A stamp and its user. */
    record Stamped(UserId user, TrustStamp stamp) {}

    /** {@return the state of an existing session; null if there is no session} */
    static @Nullable SessionState of(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session == null ? null : new SessionState(session);
    }

    /** {@return the state of the session, which is made if there is none} */
    static SessionState create(HttpServletRequest request) {
        return new SessionState(request.getSession());
    }

    HttpSession session() {
        return session;
    }

    // --- A complete sign-in ---

    @Nullable
    Stamped stamped() {
        if (!(session.getAttribute(STAMP) instanceof String text)) {
            return null;
        }
        int space = text.indexOf(' ');
        return new Stamped(UserId.of(text.substring(space + 1)), TrustStamp.of(text.substring(0, Math.max(0, space))));
    }

    /** Tells whether {@link #stamped} is there and is of this user, and reads neither the stamp nor the id. */
    boolean isStampedFor(UserId user) {
        return session.getAttribute(STAMP) instanceof String text
                && text.length() - user.value().length() == text.indexOf(' ') + 1
                && text.endsWith(user.value());
    }

    void stamp(UserId user, TrustStamp stamp, Instant now) {
        session.setAttribute(STAMP, stamp.value() + " " + user.value());
        session.setAttribute(CHECKED, now.toEpochMilli());
    }

    void checked(Instant now) {
        session.setAttribute(CHECKED, now.toEpochMilli());
    }

    /** Makes the next request look at the record. */
    void checkAgain() {
        session.removeAttribute(CHECKED);
    }

    @Nullable
    Long checked() {
        return session.getAttribute(CHECKED) instanceof Long at ? at : null;
    }

    void signedIn(Instant at) {
        session.setAttribute(SIGNED_IN, at.toEpochMilli());
    }

    @Nullable
    Instant signedIn() {
        return session.getAttribute(SIGNED_IN) instanceof Long at ? Instant.ofEpochMilli(at) : null;
    }

    // --- A sign-in that needs a code ---

    @Nullable
    Authentication waiting() {
        return session.getAttribute(WAITING) instanceof SecurityContext context ? context.getAuthentication() : null;
    }

    void wait(Authentication authentication, Challenge challenge, @Nullable String resume) {
        startOver();
        session.setAttribute(WAITING, new SecurityContextImpl(authentication));
        session.setAttribute(CHALLENGE, challenge.value());
        session.setAttribute(RESUME, resume);
    }

    Challenge challenge() {
        return Challenge.of((String) session.getAttribute(CHALLENGE));
    }

    @Nullable
    String resume() {
        return (String) session.getAttribute(RESUME);
    }

    // --- Settings ---

    @Nullable
    EnrollmentHandle handle() {
        return session.getAttribute(HANDLE) instanceof String text ? EnrollmentHandle.of(text) : null;
    }

    void handle(@Nullable EnrollmentHandle handle) {
        session.setAttribute(HANDLE, handle == null ? null : handle.value());
    }

    @Nullable
    String proof() {
        return (String) session.getAttribute(PROOF);
    }

    void proof(String sealed) {
        session.setAttribute(PROOF, sealed);
    }

    /** {@return how many wrong passwords this session has typed on the page that enables, this one included} */
    int wrongPassword() {
        int count = session.getAttribute(WRONG_PASSWORDS) instanceof Integer before ? before + 1 : 1;
        session.setAttribute(WRONG_PASSWORDS, count);
        return count;
    }

    void rightPassword() {
        session.removeAttribute(WRONG_PASSWORDS);
    }

    /** Removes everything of the sign-in before. */
    void startOver() {
        for (String name :
                new String[] {STAMP, CHECKED, SIGNED_IN, WAITING, CHALLENGE, RESUME, HANDLE, PROOF, WRONG_PASSWORDS}) {
            session.removeAttribute(name);
        }
    }
}
