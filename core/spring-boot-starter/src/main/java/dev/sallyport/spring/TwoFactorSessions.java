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
 * <p>After a change of the password, in the request that changed it:
 *
 * <pre>{@code
 * sessions.keepAfter(request, twoFactor.endTrust(userId));   // this session goes on, and all others end
 * }</pre>
 */
public final class TwoFactorSessions {
    private final SecondFactor secondFactor;
    private final SecurityContextHolderStrategy holder;

    TwoFactorSessions(SecondFactor secondFactor, SecurityContextHolderStrategy holder) {
        this.secondFactor = secondFactor;
        this.holder = holder;
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
        Authentication authentication = holder.getContext().getAuthentication();
        if (authentication == null || !SecondFactor.isSomebody(authentication)) {
            throw new IllegalStateException("nobody is signed in, so there is no session to keep");
        }
        UserId user = secondFactor.userId(authentication, request);
        if (!SecondFactor.isComplete(authentication, user, request)) {
            // A path of sallyport.exempt-paths, where a sign-in may still owe its code.
            throw new IllegalStateException("this sign-in was not checked in this request, so it may need a code");
        }
        SecondFactor.restOn(request, user, stamp);
        SessionState state = SessionState.of(request);
        if (state != null && state.waiting() == null) {
            state.stamp(user, stamp, secondFactor.now());
            request.changeSessionId();
        }
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
