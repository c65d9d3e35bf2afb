// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.spring.SessionState.Stamped;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolderStrategy;

/**
 * The stamps of sign-ins, for an application that calls {@link TwoFactor} itself. A bean of this type is always there.
 * Safe for use by many threads.
 *
 * <p>In the request in which a user changes the password:
 *
 * <pre>{@code
 * if (!sessions.isCurrent(request)) {      // its trust has ended: somebody may have stolen it
 *     return "redirect:/login";
 * }
 * users.setPassword(name, password);
 * sessions.endOtherSessions(request);      // this session goes on, and all others end
 * }</pre>
 */
public final class TwoFactorSessions {
    private final TwoFactor twoFactor;
    private final SecondFactor secondFactor;
    private final SecurityContextHolderStrategy holder;

    TwoFactorSessions(TwoFactor twoFactor, SecondFactor secondFactor, SecurityContextHolderStrategy holder) {
        this.twoFactor = twoFactor;
        this.secondFactor = secondFactor;
        this.holder = holder;
    }

    /**
     * Looks at the record, whatever {@code sallyport.check-interval} says. Call it before anything that cannot be
     * undone.
     *
     * @param request the request of a user whose sign-in is complete
     * @return false if the trust of this session has ended. The next request ends the session then
     * @throws IllegalStateException if nobody is signed in, if a code is still missing, or if the sign-in or the path
     *     is exempt
     */
    public boolean isCurrent(HttpServletRequest request) {
        UserId user = userOf(request);
        boolean current = twoFactor.isCurrent(user, stampOf(user, request));
        if (!current) {
            checkAgain(request);
        }
        return current;
    }

    /**
     * Ends the trust in all sessions of the user, and lets the session of this request go on. It does so only if the
     * trust of this session still holds: somebody with a stolen session must not sign the owner out, and keep the only
     * session.
     *
     * <p>The id of the session changes, so a copy of its cookie ends with the other sessions. An application that
     * issues tokens puts the new {@link #stamp} into a new token.
     *
     * @param request the request of a user whose sign-in is complete
     * @return false if the trust of this session has ended. Nothing was changed then
     * @throws IllegalStateException if nobody is signed in, if a code is still missing, or if the sign-in or the path
     *     is exempt
     */
    public boolean endOtherSessions(HttpServletRequest request) {
        UserId user = userOf(request);
        Optional<TrustStamp> after = twoFactor.endTrust(user, stampOf(user, request));
        if (after.isEmpty()) {
            checkAgain(request);
            return false;
        }
        keepAfter(request, after.get());
        return true;
    }

    /**
     * Lets the session of this request go on after a call that ended trust, such as {@link
     * TwoFactor#endTrust(UserId)}. The id of the session changes, so a copy of its cookie ends with the other sessions.
     * Do not pass a stamp that a client has sent.
     *
     * @param request the request of a user whose sign-in is complete
     * @param stamp what the call returned
     * @throws IllegalStateException if nobody is signed in, if a code is still missing, or if the path is exempt
     */
    public void keepAfter(HttpServletRequest request, TrustStamp stamp) {
        UserId user = userOf(request);
        SecondFactor.restOn(request, user, stamp);
        SessionState state = SessionState.of(request);
        if (state != null && state.waiting() == null) {
            state.stamp(user, stamp, secondFactor.now());
            request.changeSessionId();
        }
    }

    private static TrustStamp stampOf(UserId user, HttpServletRequest request) {
        Stamped rests = SecondFactor.restsOn(request);
        if (rests == null || !rests.user().equals(user)) {
            throw new IllegalStateException(
                    "this sign-in is exempt from two-factor authentication, so it has no stamp");
        }
        return rests.stamp();
    }

    private static void checkAgain(HttpServletRequest request) {
        SessionState state = SessionState.of(request);
        if (state != null) {
            state.checkAgain();
        }
    }

    private UserId userOf(HttpServletRequest request) {
        Authentication authentication = holder.getContext().getAuthentication();
        if (authentication == null || !SecondFactor.isSomebody(authentication)) {
            throw new IllegalStateException("nobody is signed in, so there is no session to keep");
        }
        UserId user = secondFactor.userId(authentication, request);
        if (!SecondFactor.isComplete(authentication, user, request)) {
            // A path of sallyport.exempt-paths, where a sign-in may still owe its code.
            throw new IllegalStateException("this sign-in was not checked in this request, so it may need a code");
        }
        return user;
    }

    /**
     * Finds what the sign-in of this request rests on. An application that issues tokens puts it into a claim: its
     * success handler runs after the code.
     *
     * @param request the request of a user whose sign-in is complete
     * @return the stamp; empty if nobody is signed in, or if the sign-in is exempt
     */
    public Optional<TrustStamp> stamp(HttpServletRequest request) {
        return Optional.ofNullable(SecondFactor.restsOn(request)).map(Stamped::stamp);
    }

    /**
     * Says which stamp the token of this request contains, for an application that reads its tokens in a filter of its
     * own. Call it in that filter. The token must have a valid signature, because this method believes the stamp.
     *
     * @param request the request
     * @param stamp the stamp from the token
     */
    public void carriedBy(HttpServletRequest request, TrustStamp stamp) {
        SecondFactor.carry(request, stamp);
    }
}
