// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Locales that have their own digits, and one in which the upper case of i is not I. */
@Isolated("changes the default locale")
class LocaleTest {
    private final Locale before = Locale.getDefault();

    @AfterEach
    void restoreLocale() {
        Locale.setDefault(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG", "fa-IR", "th-TH-u-nu-thai", "hi-IN-u-nu-Deva", "tr-TR"})
    @DisplayName("[49] java-totp, otp-java, GoogleAuth: "
            + "whatever the default locale, a code has ASCII digits and a lower-case i is an i")
    void everything_inAnyLocale_isTheSame(String locale) {
        Locale.setDefault(Locale.forLanguageTag(locale));
        SharedSecret secret = SharedSecret.fromBase32("ijijijijijijijijijijijijijijijij");
        Totp totp = Totp.of(TotpParameters.DEFAULT);
        KeyUri uri = KeyUri.hotp("Acme", "alice", secret, HmacAlgorithm.SHA256, 8, 12_345);

        assertThat(secret.toBase32()).isEqualTo("IJIJIJIJIJIJIJIJIJIJIJIJIJIJIJIJ");
        assertThat(totp.generate(RfcSecrets.BYTES_20, Instant.ofEpochSecond(59)))
                .isEqualTo("287082");
        assertThat(totp.match(RfcSecrets.BYTES_20, "287082", Instant.EPOCH, new Window(1, 1), Totp.NO_STEP))
                .hasValue(1);
        assertThat(uri.toUriString())
                .isEqualTo("otpauth://hotp/Acme:alice?secret=IJIJIJIJIJIJIJIJIJIJIJIJIJIJIJIJ&issuer=Acme"
                        + "&algorithm=SHA256&digits=8&counter=12345");
        assertThat(KeyUri.parse(uri.toUriString())).isEqualTo(uri);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ar-EG", "fa-IR", "th-TH-u-nu-thai", "hi-IN-u-nu-Deva", "tr-TR"})
    @DisplayName("[49] java-totp, otp-java, GoogleAuth: "
            + "each of these locales does change what the default locale is asked for")
    @SuppressWarnings("StringCaseLocaleUsage")
    void defaultLocale_ofThese_makesADifference(String locale) {
        Locale.setDefault(Locale.forLanguageTag(locale));

        assertThat(String.format("%d", 1) + "i".toUpperCase()).isNotEqualTo("1I");
    }
}
