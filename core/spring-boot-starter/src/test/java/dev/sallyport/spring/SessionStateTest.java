// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.TrustStamp;
import dev.sallyport.UserId;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.mock.web.MockHttpServletRequest;

class SessionStateTest {
    private final SessionState state = SessionState.create(new MockHttpServletRequest());

    private void stamp(String user) {
        state.stamp(UserId.of(user), TrustStamp.of("not current"), Instant.EPOCH);
    }

    @ParameterizedTest
    @CsvSource({"42, 42", "42, 2", "42, 142", "42, 43", "2, 42", "a b, a b", "a b, b", "b, a b", "' ', ' '", "' b', b"})
    void isStampedFor_anyUsers_agreesWithStamped(String stamped, String asked) {
        stamp(stamped);

        assertThat(state.stamped())
                .isNotNull()
                .extracting(SessionState.Stamped::user)
                .isEqualTo(UserId.of(stamped));
        assertThat(state.isStampedFor(UserId.of(asked))).isEqualTo(stamped.equals(asked));
    }

    @Test
    void isStampedFor_sessionWithoutAStamp_isFalse() {
        assertThat(state.isStampedFor(UserId.of("42"))).isFalse();

        stamp("42");
        state.startOver();

        assertThat(state.isStampedFor(UserId.of("42"))).isFalse();
    }
}
