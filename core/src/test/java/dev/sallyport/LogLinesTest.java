// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Case 79. The other abuse cases are in a package of their own, which cannot read the log. */
class LogLinesTest {
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r", "\r\n", "\u0085", "\u2028", "\u2029", "\u000b", "\f", "\u001b[2K"})
    @DisplayName("[79] A user id with a line break forged a line of the log")
    void log_ofAUserIdWithALineBreak_hasNoLineBreak(String lineBreak) {
        World world = new World();
        UserId forger = UserId.of("42" + lineBreak + "INFO RESET of user 43");

        assertThat(RecordedLog.of(() -> world.twoFactor.endTrust(forger)))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line.text()).matches("[ -~]+"));
    }
}
