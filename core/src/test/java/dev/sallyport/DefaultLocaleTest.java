// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The build runs the whole suite again under several default locales. Each of these runs has the locale of its name. */
class DefaultLocaleTest {

    @Test
    @DisplayName("[49] java-totp, otp-java, GoogleAuth: the locale of a run is the one that the build names")
    void defaultLocale_ofAnExecution_isTheOneItNames() {
        String expected = System.getProperty("sallyport.test.locale");

        assertThat(Locale.getDefault().toLanguageTag()).isEqualTo(expected);
        if (expected.startsWith("tr")) {
            assertThat("i".toUpperCase(Locale.getDefault())).isNotEqualTo("I");
        } else {
            assertThat(String.format(Locale.getDefault(), "%d", 1)).isNotEqualTo("1");
        }
    }
}
