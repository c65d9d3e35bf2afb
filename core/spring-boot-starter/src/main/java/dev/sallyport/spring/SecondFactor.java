// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.Browser;
import dev.sallyport.MissingRecordException;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.UnreadableRecordException;
import dev.sallyport.UserId;
import dev.sallyport.spring.SessionState.Stamped;
import dev.sallyport.storage.StoreException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.RememberMeAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;
import org.springframework.security.web.authentication.switchuser.SwitchUserGrantedAuthority;

/**
 * Judges an Authentication, wherever it comes from: one with a current stamp is complete, one with a stale stamp has
 * ended, and one without a stamp needs what {@link TwoFactor#signInRequirement} says.
 */
final class SecondFactor {
    private static final Logger LOG = LoggerFactory.getLogger(SecondFactor.class);

    private static final String JUDGEMENT = SecondFactor.class.getName() + ".judgement";
    private static final String CARRIED = SecondFactor.class.getName() + ".carried";
    private static final String RESTS_ON = SecondFactor.class.getName() + ".rests-on";

    private final TwoFactor twoFactor;
    private final UserIdResolver userIds;
    private final InstantSource clock;
    private final Duration checkInterval;
    private final @Nullable String bearerClaim;
    private final Set<String> exempt;
    private final Set<String> exemptProviders;
    private final RecentChecks recentChecks;
    private final PasswordTries passwordTries = new PasswordTries();

    SecondFactor(TwoFactor twoFactor, UserIdResolver userIds, SallyportProperties properties, InstantSource clock) {
        this.twoFactor = twoFactor;
        this.userIds = userIds;
        this.clock = clock;
        this.checkInterval = properties.checkInterval();
        this.bearerClaim = properties.bearerClaim();
        this.exempt = Set.copyOf(properties.exemptAuthentications());
        this.exemptProviders = Set.copyOf(properties.exemptProviders());
        this.recentChecks = new RecentChecks(checkInterval);
    }

    /** Belongs to this very object, because a new sign-in is a new object. */
    private record Judgement(Authentication authentication, Verdict verdict) {}

    static boolean isSomebody(@Nullable Authentication authentication) {
        return authentication != null
                && authentication.isAuthenticated()
                && !(authentication instanceof AnonymousAuthenticationToken);
    }

    /** Judges a sign-in that happens now. It rests on nothing yet, whatever the session says. */
    Verdict signIn(Authentication authentication, HttpServletRequest request) {
        Verdict before = judgement(authentication, request);
        if (before != null) {
            return before;
        }
        return judged(authentication, request, () -> {
            SessionState state = isRepeated(authentication) ? SessionState.of(request) : null;
            UserId user = userId(authentication, request);
            return state != null && waits(state, user, request)
                    ? new Verdict.CodeDue(user, state.challenge())
                    : requirement(user, request);
        });
    }

    /** Tells whether a sign-in of this kind comes again with each request, without its user doing anything. */
    static boolean isRepeated(Authentication authentication) {
        return authentication instanceof RememberMeAuthenticationToken
                || authentication instanceof PreAuthenticatedAuthenticationToken;
    }

    /**
     * Judges the sign-in of a request.
     *
     * @param loaded whether it was loaded from the session; otherwise it came with the request itself
     */
    Verdict request(Authentication authentication, HttpServletRequest request, boolean loaded) {
        Verdict before = judgement(authentication, request);
        Verdict verdict =
                before != null ? before : judged(authentication, request, () -> judge(authentication, request, loaded));
        if (verdict instanceof Verdict.Pass pass) {
            note(pass, authentication, request, loaded);
        }
        return verdict;
    }

    private Verdict judged(Authentication authentication, HttpServletRequest request, Supplier<Verdict> judge) {
        Verdict verdict;
        try {
            verdict = isExempt(authentication) ? Verdict.Pass.EXEMPT : judge.get();
        } catch (StoreException e) {
            LOG.warn("the store of two-factor authentication has failed; the answer is 503", e);
            verdict = new Verdict.Failed(Problem.of(Problem.Kind.STORE_FAILED));
        } catch (UnreadableRecordException | MissingRecordException e) {
            LOG.warn("a record of two-factor authentication cannot be read; the answer is 503", e);
            verdict = new Verdict.Failed(Problem.of(Problem.Kind.RECORD_UNREADABLE));
        }
        request.setAttribute(JUDGEMENT, new Judgement(authentication, verdict));
        return verdict;
    }

    private static @Nullable Verdict judgement(Authentication authentication, HttpServletRequest request) {
        return request.getAttribute(JUDGEMENT) instanceof Judgement judgement
                        && judgement.authentication() == authentication
                ? judgement.verdict()
                : null;
    }

    private Verdict judge(Authentication authentication, HttpServletRequest request, boolean loaded) {
        UserId user = userId(authentication, request);
        SessionState state = SessionState.of(request);
        Stamped stamped = state == null ? null : state.stamped();
        if (state != null && stamped != null && stamped.user().equals(user)) {
            return ofSession(state, stamped);
        }
        TrustStamp carried = carried(authentication, request);
        if (carried != null) {
            return ofToken(user, carried);
        }
        if (!loaded && state != null && waits(state, user, request)) {
            return new Verdict.CodeDue(user, state.challenge());
        }
        if (!loaded && recentChecks.isRecent(user, null, clock.instant())) {
            return new Verdict.Pass(user, null);
        }
        return requirement(user, request);
    }

    /** A cookie of remember-me signs in again with each request, and its user still owes the same code. */
    private boolean waits(SessionState state, UserId user, HttpServletRequest request) {
        Authentication waiting = state.waiting();
        return waiting != null && userId(waiting, request).equals(user);
    }

    private Verdict ofSession(SessionState state, Stamped stamped) {
        Instant now = clock.instant();
        Long checked = state.checked();
        if (checked != null && RecentChecks.isWithin(Instant.ofEpochMilli(checked), now, checkInterval)) {
            return new Verdict.Pass(stamped.user(), stamped.stamp());
        }
        if (!twoFactor.isCurrent(stamped.user(), stamped.stamp())) {
            return new Verdict.Ended();
        }
        if (!checkInterval.isZero()) {
            state.checked(now);
        }
        return new Verdict.Pass(stamped.user(), stamped.stamp());
    }

    private Verdict ofToken(UserId user, TrustStamp stamp) {
        Instant now = clock.instant();
        if (!recentChecks.isRecent(user, stamp.value(), now)) {
            if (!twoFactor.isCurrent(user, stamp)) {
                return new Verdict.Ended();
            }
            recentChecks.add(user, stamp.value(), now);
        }
        return new Verdict.Pass(user, stamp);
    }

    private Verdict requirement(UserId user, HttpServletRequest request) {
        SignInRequirement next = twoFactor.signInRequirement(user, browser(request));
        if (next instanceof CodeRequired code) {
            return new Verdict.CodeDue(user, code.challenge());
        }
        NoCodeRequired free = (NoCodeRequired) next;
        if (free.browser().isEmpty()) {
            recentChecks.add(user, null, clock.instant());
        }
        return new Verdict.Pass(user, free.stamp());
    }

    /** A complete sign-in that lives in the session gets its stamp there. */
    private void note(Verdict.Pass pass, Authentication authentication, HttpServletRequest request, boolean loaded) {
        if (pass.user() == null || pass.stamp() == null) {
            return;
        }
        request.setAttribute(RESTS_ON, new Stamped(pass.user(), pass.stamp()));
        SessionState state = SessionState.of(request);
        boolean lives = loaded || authentication instanceof RememberMeAuthenticationToken;
        if (state == null || !lives || carried(authentication, request) != null) {
            return;
        }
        // Three filters ask this of each page.
        if (!state.isStampedFor(pass.user())) {
            // Nobody saw when the password was checked. It was not before the session began.
            boolean fresh = !(authentication instanceof RememberMeAuthenticationToken);
            accept(state, pass.user(), pass.stamp(), fresh ? began(state.session()) : Instant.EPOCH);
        }
    }

    private static Instant began(HttpSession session) {
        return Instant.ofEpochMilli(session.getCreationTime());
    }

    /** Makes the session one of a complete sign-in. */
    void accept(SessionState state, UserId user, TrustStamp stamp, Instant signedIn) {
        state.startOver();
        state.stamp(user, stamp, clock.instant());
        state.signedIn(signedIn);
    }

    Instant now() {
        return clock.instant();
    }

    /** {@return the passwords that were tried in all filter chains} */
    PasswordTries passwordTries() {
        return passwordTries;
    }

    /** A sign-in without a stamp needs a code from now on. Another node notices it after the check interval. */
    void enabled(UserId user) {
        recentChecks.dropWithoutStamp(user);
    }

    // --- Whose sign-in it is ---

    boolean isExempt(Authentication authentication) {
        return exempt.contains(authentication.getClass().getName())
                || (!exemptProviders.isEmpty() && exemptProviders.contains(TokenClaims.provider(authentication)));
    }

    /**
     * Finds the user whose second factor counts. Somebody who acts as another user is judged by their own sign-in.
     *
     * <p>A principal that a test has made up may lack the property that {@code sallyport.user-id} names. In a mock
     * request alone, which no server makes, its name is the id then: such a user has no record, and needs no code. In a
     * real request the exception goes on, because a guess could let somebody in without a code.
     */
    UserId userId(Authentication authentication, HttpServletRequest request) {
        Authentication judged = switchedFrom(authentication);
        try {
            return userIds.userId(judged == null ? authentication : judged);
        } catch (RuntimeException e) {
            if (MockRequests.is(request)) {
                return UserId.of("made up by a test: " + authentication.getName());
            }
            throw e;
        }
    }

    String accountName(Authentication authentication, HttpServletRequest request) {
        try {
            return userIds.accountName(authentication);
        } catch (RuntimeException e) {
            if (MockRequests.is(request)) {
                return authentication.getName();
            }
            throw e;
        }
    }

    /** {@return the sign-in of the person who acts as another user; null if nobody does} */
    static @Nullable Authentication switchedFrom(Authentication authentication) {
        Authentication source = null;
        for (Authentication next = authentication; next != null; ) {
            Authentication from = null;
            for (GrantedAuthority authority : next.getAuthorities()) {
                if (authority instanceof SwitchUserGrantedAuthority switched) {
                    from = switched.getSource();
                }
            }
            source = from == null ? source : from;
            next = from;
        }
        return source;
    }

    static Browser browser(HttpServletRequest request) {
        return Browser.fromHeaders(request.getHeader("Cookie"), request.getHeader("User-Agent"));
    }

    // --- The stamp of a request ---

    /** A stamp that came with a token, which the application or Spring Security has checked. */
    private @Nullable TrustStamp carried(Authentication authentication, HttpServletRequest request) {
        if (request.getAttribute(CARRIED) instanceof TrustStamp stamp) {
            return stamp;
        }
        Object claim = bearerClaim == null ? null : TokenClaims.read(authentication, bearerClaim);
        return claim instanceof String text ? TrustStamp.of(text) : null;
    }

    static void carry(HttpServletRequest request, TrustStamp stamp) {
        request.setAttribute(CARRIED, stamp);
    }

    static @Nullable Stamped restsOn(HttpServletRequest request) {
        return (Stamped) request.getAttribute(RESTS_ON);
    }

    static void restOn(HttpServletRequest request, UserId user, TrustStamp stamp) {
        request.setAttribute(RESTS_ON, new Stamped(user, stamp));
    }

    /** Tells whether this sign-in, or another one of the same user, was judged in this request and is complete. */
    static boolean isComplete(Authentication authentication, UserId user, HttpServletRequest request) {
        Stamped rests = restsOn(request);
        return judgement(authentication, request) instanceof Verdict.Pass
                || (rests != null && rests.user().equals(user));
    }

    /** Lets an Authentication pass for the rest of this request, because its code was right. */
    static void pass(HttpServletRequest request, Authentication authentication, UserId user, TrustStamp stamp) {
        request.setAttribute(JUDGEMENT, new Judgement(authentication, new Verdict.Pass(user, stamp)));
        restOn(request, user, stamp);
    }
}
