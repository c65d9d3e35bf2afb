// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import com.bastiaanjansen.otp.TOTPGenerator;
import com.warrenstrange.googleauth.GoogleAuthenticatorConfig;
import com.warrenstrange.googleauth.GoogleAuthenticatorKey;
import com.warrenstrange.googleauth.GoogleAuthenticatorQRGenerator;
import dev.sallyport.examples.benchmarks.Secrets.Form;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.TotpParameters;
import dev.samstevens.totp.qr.QrData;
import dev.turingcomplete.kotlinonetimepassword.OtpAuthUriBuilder;
import java.net.URI;
import java.util.List;
import org.keycloak.models.OTPPolicy;

/** Key URIs, written and read. */
final class KeyUris {
    private static final String ISSUER = "Acme";
    private static final String ACCOUNT = "alice@acme.example";

    private final Secrets secrets = new Secrets();

    private KeyUris() {}

    static Comparison build() {
        return new KeyUris().builders();
    }

    private Comparison builders() {
        return Comparison.of(
                "key URI, build",
                List.of(
                        Contestant.of("Sallyport", () -> uri(secrets.next())),
                        Contestant.of(
                                "Keycloak",
                                () -> OTPPolicy.DEFAULT_POLICY.getKeyURI(
                                        ISSUER, ACCOUNT, secrets.next().base32())),
                        Contestant.of(
                                "java-totp",
                                () -> new QrData.Builder()
                                        .label(ACCOUNT)
                                        .issuer(ISSUER)
                                        .secret(secrets.next().base32())
                                        .build()
                                        .getUri()),
                        Contestant.of(
                                "otp-java",
                                () -> new TOTPGenerator.Builder(secrets.next().base32())
                                        .build()
                                        .getURI(ISSUER, ACCOUNT)
                                        .toString()),
                        Contestant.of(
                                "GoogleAuth",
                                () -> GoogleAuthenticatorQRGenerator.getOtpAuthTotpURL(
                                        ISSUER,
                                        ACCOUNT,
                                        new GoogleAuthenticatorKey.Builder(
                                                        secrets.next().base32())
                                                .setConfig(new GoogleAuthenticatorConfig())
                                                .build())),
                        Contestant.of(
                                "aerogear (no issuer)",
                                () -> new org.jboss.aerogear.security.otp.Totp(
                                                secrets.next().base32())
                                        .uri(ACCOUNT)),
                        Contestant.of(
                                "kotlin-onetimepassword",
                                () -> new OtpAuthUriBuilder.Totp(secrets.next()
                                                .base32()
                                                .getBytes(java.nio.charset.StandardCharsets.US_ASCII))
                                        .issuer(ISSUER)
                                        .label(ACCOUNT, ISSUER, false)
                                        .buildToString())),
                Goal.faster("Sallyport", 1.5, "Keycloak"),
                Goal.faster("Sallyport", 1.5, "kotlin-onetimepassword"));
    }

    static Comparison parse() {
        return new KeyUris().parsers();
    }

    private Comparison parsers() {
        List<String> texts = secrets.all().stream().map(KeyUris::uri).toList();
        return Comparison.of(
                "key URI, parse",
                List.of(
                        Contestant.of(
                                "Sallyport",
                                () -> KeyUri.parse(texts.get(secrets.next().number()))),
                        Contestant.of(
                                "otp-java",
                                () -> TOTPGenerator.fromURI(
                                        new URI(texts.get(secrets.next().number()))))),
                Goal.faster("Sallyport", 1.5, "otp-java"));
    }

    static String uri(Form form) {
        return KeyUri.totp(ISSUER, ACCOUNT, form.secret(), TotpParameters.DEFAULT)
                .toUriString();
    }
}
