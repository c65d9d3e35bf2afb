// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TotpParametersTest {
    private static final Duration PERIOD = Duration.ofSeconds(30);

    @Test
    @DisplayName("RFC 6238 section 4.1: \"default value X = 30 seconds\", and of T0 \"default value is 0\"")
    void default_isWhatEveryAppUnderstands() {
        assertThat(TotpParameters.DEFAULT)
                .isEqualTo(new TotpParameters(HmacAlgorithm.SHA1, 6, PERIOD, Instant.ofEpochSecond(0)));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 5, 9, Integer.MAX_VALUE})
    void new_digitsOutOfRange_isRefused(int digits) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TotpParameters(HmacAlgorithm.SHA1, digits, PERIOD, Instant.EPOCH));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-30S", "PT0.999S", "PT30.000000001S", "PT2147483648S"})
    void new_periodOutOfRangeOrNotWhole_isRefused(Duration period) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TotpParameters(HmacAlgorithm.SHA1, 6, period, Instant.EPOCH))
                .withMessageContaining("whole number of seconds");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1S", "PT15S", "PT60S", "PT2147483647S"})
    void new_wholeSeconds_isAllowed(Duration period) {
        assertThatNoException().isThrownBy(() -> new TotpParameters(HmacAlgorithm.SHA512, 8, period, Instant.EPOCH));
    }

    @Test
    void new_t0ThatIsNotAWholeSecond_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TotpParameters(HmacAlgorithm.SHA1, 6, PERIOD, Instant.ofEpochSecond(5, 1)));
    }

    @Test
    void new_anyWholeT0_isAllowed() {
        assertThatNoException().isThrownBy(() -> new TotpParameters(HmacAlgorithm.SHA1, 6, PERIOD, Instant.MIN));
    }

    @Test
    @SuppressWarnings("NullAway")
    void new_null_isRefused() {
        assertThatNullPointerException().isThrownBy(() -> new TotpParameters(null, 6, PERIOD, Instant.EPOCH));
        assertThatNullPointerException()
                .isThrownBy(() -> new TotpParameters(HmacAlgorithm.SHA1, 6, null, Instant.EPOCH));
        assertThatNullPointerException().isThrownBy(() -> new TotpParameters(HmacAlgorithm.SHA1, 6, PERIOD, null));
    }
}
