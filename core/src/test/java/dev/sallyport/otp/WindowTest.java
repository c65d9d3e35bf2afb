// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
    @ParameterizedTest
    @CsvSource({"0, 0", "1, 0", "0, 1", "100, 100"})
    void new_inRange_isAllowed(int past, int future) {
        assertThatNoException().isThrownBy(() -> new Window(past, future));
    }

    @ParameterizedTest
    @CsvSource({"-1, 0", "0, -1", "101, 0", "0, 101", "-2147483648, 2147483647"})
    void new_outOfRange_isRefused(int past, int future) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Window(past, future))
                .withMessageContaining("0 to 100 steps");
    }
}
