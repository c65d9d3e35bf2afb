// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.spring.TwoFactorSessions;
import dev.sallyport.spring.UserIdResolver;
import dev.sallyport.testing.SteppedClock;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.prepost.PreAuthorize;
import org.springframework.security.authentication.AuthenticationCredentialsNotFoundException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.config.annotation.method.configuration.EnableMethodSecurity;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.context.HttpSessionSecurityContextRepository;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** What every host of the tests has: users, a store, and pages that tell who is signed in. */
@EnableAutoConfiguration
@EnableMethodSecurity
@Import({BaseHost.Pages.class, BaseHost.Guarded.class})
public class BaseHost {
    private static final List<String> NAMES = List.of("alice", "bob", "carol", "root");

    /** It begins at the real time, because servers note real times in their sessions. */
    @Bean
    SteppedClock clock() {
        return new SteppedClock(Instant.now().truncatedTo(ChronoUnit.MILLIS));
    }

    @Bean
    WatchedStore store() {
        return new WatchedStore();
    }

    @Bean
    TwoFactor twoFactor(WatchedStore store, SteppedClock clock) {
        return TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KeyRing.generate())
                .clock(clock)
                .build();
    }

    @Bean
    People people(TwoFactor twoFactor, SteppedClock clock) {
        return new People(twoFactor, clock);
    }

    @Bean
    UserIdResolver userIds() {
        return authentication -> {
            if (authentication.getPrincipal() instanceof AppUser user) {
                return UserId.of(user.getId());
            }
            if (authentication.getPrincipal() instanceof UserDetails) {
                throw new IllegalStateException("the principal has no id");
            }
            // An identity provider knows the user by the same name.
            return People.id(authentication.getName());
        };
    }

    @Bean
    UserDetailsService users() {
        return name -> {
            if (!NAMES.contains(name)) {
                throw new UsernameNotFoundException(name);
            }
            return new AppUser(name);
        };
    }

    /** The pages. */
    @RestController
    public static class Pages {
        private final Guarded guarded;
        private final @Nullable TwoFactorSessions sessions;

        public Pages(Guarded guarded, org.springframework.beans.factory.ObjectProvider<TwoFactorSessions> sessions) {
            this.guarded = guarded;
            this.sessions = sessions.getIfAvailable();
        }

        @GetMapping({
            "/",
            "/open/page",
            "/private",
            "/api/me",
            "/api/exempt/me",
            "/jwt/me",
            "/admin/home",
            "/admin/login",
            "/exempt/me",
            "/alice-only"
        })
        String me(HttpServletRequest request) {
            return request.getUserPrincipal() == null
                    ? "nobody"
                    : request.getUserPrincipal().getName();
        }

        @GetMapping("/open/guarded")
        String guarded() {
            try {
                return guarded.call();
            } catch (AccessDeniedException | AuthenticationCredentialsNotFoundException e) {
                return "denied";
            }
        }

        @GetMapping("/guarded")
        String strictlyGuarded() {
            return guarded.call();
        }

        @GetMapping({"/open/csrf", "/exempt/csrf"})
        String csrf(CsrfToken token) {
            return token.getParameterName() + "=" + token.getToken();
        }

        @PostMapping("/open/own-login")
        String login(HttpServletRequest request, HttpServletResponse response, @RequestParam("u") String name) {
            AppUser user = new AppUser(name);
            SecurityContext context = SecurityContextHolder.createEmptyContext();
            context.setAuthentication(
                    UsernamePasswordAuthenticationToken.authenticated(user, null, user.getAuthorities()));
            SecurityContextHolder.setContext(context);
            new HttpSessionSecurityContextRepository().saveContext(context, request, response);
            return "welcome";
        }

        @PostMapping({"/change-password", "/exempt/change-password"})
        String changePassword(HttpServletRequest request) {
            return java.util.Objects.requireNonNull(sessions).endOtherSessions(request) ? "changed" : "refused";
        }

        @GetMapping("/open/attributes")
        String attributes(HttpServletRequest request) {
            StringBuilder types = new StringBuilder();
            var session = request.getSession();
            for (String name : java.util.Collections.list(session.getAttributeNames())) {
                types.append(name)
                        .append(':')
                        .append(session.getAttribute(name).getClass().getName())
                        .append(' ');
            }
            return types.toString();
        }
    }

    /** A method that only users may call. */
    public static class Guarded {
        @PreAuthorize("hasRole('USER')")
        public String call() {
            return "guarded method ran";
        }
    }
}
