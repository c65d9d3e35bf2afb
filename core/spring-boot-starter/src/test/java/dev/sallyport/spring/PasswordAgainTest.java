// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.UserId;
import dev.sallyport.spring.Problem.Kind;
import dev.sallyport.testing.SteppedClock;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.authentication.AuthenticationManager;
import org.springframework.security.authentication.BadCredentialsException;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;

class PasswordAgainTest {
    private static final Authentication BOB = UsernamePasswordAuthenticationToken.authenticated(
            "bob", null, AuthorityUtils.createAuthorityList("ROLE_USER"));

    private final SteppedClock clock = new SteppedClock();
    private final AtomicInteger checked = new AtomicInteger();
    private final SecondFactor secondFactor = new SecondFactor(
            new Account().twoFactor(),
            authentication -> UserId.of(authentication.getName()),
            new Binder(new MapConfigurationPropertySource(Map.of()))
                    .bindOrCreate("sallyport", SallyportProperties.class),
            clock);
    private Runnable meanwhile = () -> {};

    private final AuthenticationManager manager = attempt -> {
        checked.incrementAndGet();
        meanwhile.run();
        if (!"right".equals(attempt.getCredentials())) {
            throw new BadCredentialsException("wrong");
        }
        return UsernamePasswordAuthenticationToken.authenticated(attempt.getPrincipal(), null, BOB.getAuthorities());
    };

    /** Each call is one of a program without a session, to a filter chain of its own. */
    private @Nullable Kind type(String password) {
        Problem problem = new PasswordAgain(secondFactor, manager)
                .problem(BOB, UserId.of("bob"), password, null, new MockHttpServletRequest());
        return problem == null ? null : problem.kind();
    }

    @Test
    void tenWrongPasswordsWithoutASession_checkNoFurtherOne() {
        for (int i = 0; i < 10; i++) {
            assertThat(type("wrong")).isEqualTo(Kind.PASSWORD_WRONG);
        }
        assertThat(type("right")).isEqualTo(Kind.SIGN_IN_AGAIN);
        assertThat(checked).hasValue(10);
        clock.advance(Duration.ofMinutes(15));
        assertThat(type("right")).isNull();
    }

    @Test
    void triesAtTheSameTime_countBeforeTheyAreChecked() {
        meanwhile = () -> type("wrong");
        type("wrong");
        assertThat(checked).hasValue(10);
    }

    @Test
    void rightPassword_beginsTheCountAgain() {
        for (int i = 0; i < 30; i++) {
            assertThat(type("wrong")).isEqualTo(Kind.PASSWORD_WRONG);
            assertThat(type("right")).isNull();
        }
    }

    @Test
    void manyUsers_areBounded_andTheOldestGoesFirst() {
        PasswordTries tries = new PasswordTries();
        for (String user : new String[] {"first", "second"}) {
            for (int i = 0; i < PasswordTries.MAX_TRIES; i++) {
                assertThat(tries.begin(UserId.of(user), clock.instant())).isTrue();
            }
        }
        for (int i = 0; i < PasswordTries.MAX - 1; i++) {
            tries.begin(UserId.of("user " + i), clock.instant());
        }
        assertThat(tries.begin(UserId.of("second"), clock.instant())).isFalse();
        assertThat(tries.begin(UserId.of("first"), clock.instant())).isTrue();
    }
}
