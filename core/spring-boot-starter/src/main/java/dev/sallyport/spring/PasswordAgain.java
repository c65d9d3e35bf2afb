// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.UserId;
import dev.sallyport.spring.Problem.Kind;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.AuthenticationServiceException;
import org.springframework.security.authentication.RememberMeAuthenticationToken;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;

/**
 * Makes sure that the person who enables two-factor authentication is the user, and not somebody at an open session:
 * they could enroll their own phone. Users with a password type it again. Users without one have signed in a short
 * time ago.
 */
final class PasswordAgain {
    private static final Logger LOG = LoggerFactory.getLogger(PasswordAgain.class);

    private static final Duration FRESH = Duration.ofMinutes(10);
    private static final int MAX_WRONG = 5;

    private final SecondFactor secondFactor;
    private final @Nullable AuthenticationManager passwords;

    PasswordAgain(SecondFactor secondFactor, @Nullable AuthenticationManager passwords) {
        this.secondFactor = secondFactor;
        this.passwords = passwords;
    }

    /** {@return whether this user has a password to type} */
    boolean asksFor(Authentication authentication) {
        return passwords != null
                && (authentication instanceof UsernamePasswordAuthenticationToken
                        || authentication instanceof RememberMeAuthenticationToken);
    }

    /** {@return null if it is the user; otherwise what is missing} */
    @Nullable
    Problem problem(
            Authentication authentication,
            UserId user,
            @Nullable String password,
            @Nullable SessionState state,
            HttpServletRequest request) {
        if (passwords != null && (password != null || asksFor(authentication))) {
            return password == null
                    ? Problem.of(Kind.PASSWORD_NEEDED)
                    : check(passwords, authentication, user, password, state, request);
        }
        Instant signedIn = state == null ? authTime(authentication) : state.signedIn();
        boolean fresh = signedIn != null && RecentChecks.isWithin(signedIn, secondFactor.now(), FRESH);
        return fresh ? null : Problem.of(Kind.SIGN_IN_AGAIN);
    }

    private @Nullable Problem check(
            AuthenticationManager manager,
            Authentication authentication,
            UserId user,
            String password,
            @Nullable SessionState state,
            HttpServletRequest request) {
        // Before the check: tries at the same time count, too.
        if (!secondFactor.passwordTries().begin(user, secondFactor.now())) {
            return Problem.of(Kind.SIGN_IN_AGAIN);
        }
        try {
            Authentication again = manager.authenticate(
                    UsernamePasswordAuthenticationToken.unauthenticated(authentication.getName(), password));
            if (again.isAuthenticated() && secondFactor.userId(again, request).equals(user)) {
                secondFactor.passwordTries().succeeded(user);
                if (state != null) {
                    state.rightPassword();
                }
                return null;
            }
        } catch (AuthenticationServiceException e) {
            LOG.warn("the password could not be checked, because a system of the application has failed", e);
            return Problem.of(Kind.STORE_FAILED);
        } catch (AuthenticationException e) {
            LOG.debug("a wrong password on the page that enables two-factor authentication", e);
        }
        // Somebody at an open session does not try passwords for ever.
        if (state != null && state.wrongPassword() >= MAX_WRONG) {
            state.session().invalidate();
            return Problem.of(Kind.SIGN_IN_AGAIN);
        }
        return Problem.of(Kind.PASSWORD_WRONG);
    }

    /** When the user of a token has signed in (OpenID Connect Core section 2). A refreshed token does not change it. */
    private static @Nullable Instant authTime(Authentication authentication) {
        Object claim = TokenClaims.read(authentication, "auth_time");
        if (claim instanceof Instant instant) {
            return instant;
        }
        if (claim instanceof Date date) {
            return date.toInstant();
        }
        return claim instanceof Number seconds ? Instant.ofEpochSecond(seconds.longValue()) : null;
    }
}
