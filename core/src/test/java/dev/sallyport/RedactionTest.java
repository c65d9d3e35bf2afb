// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.io.Serializable;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Classes of secret or forgeable things are final, and their texts do not show the content. */
class RedactionTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;
    private final PendingEnrollment pending =
            twoFactor.beginEnrollment(ALICE, EnrollmentRequest.of("alice").browser(FIREFOX));
    private final String code = Phone.scan(pending).codeAt(world.now());
    private final Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), code);
    private final Verified proof = enrolled.proof();
    private final BackupCodes codes = enrolled.backupCodes().orElseThrow();
    private final BrowserToken token = proof.browserToken().orElseThrow();

    @Test
    @DisplayName("No toString shows a secret, code, key URI or token (MISP #10116, authelia #162, KeeperHub #1518)")
    void toString_ofEverythingThatALifeHandsOut_showsNoSecret() {
        TemporaryCode temporary = twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "asked");
        SignInRequirement requirement = twoFactor.signInRequirement(ALICE, FIREFOX);
        Challenge challenge = ((SignInRequirement.CodeRequired) requirement).challenge();
        TrustStamp stamp = proof.stamp();
        String sealed = twoFactor.seal(proof);
        String key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        KeyRing ring = KeyRing.fromBase64("2026-11", key);
        ExistingAuthenticator existing = ExistingAuthenticator.of(pending.keyUri());

        List<String> secrets = new ArrayList<>(codes.asList());
        secrets.addAll(List.of(
                code,
                pending.keyUri().toUriString(),
                pending.keyUri().secret().toBase32(),
                pending.secretForTyping(),
                pending.handle().value(),
                challenge.value(),
                stamp.value(),
                // The epoch alone would be as good as the stamp.
                stamp.value().split("\\.", -1)[1],
                token.value(),
                token.setCookie(),
                temporary.value(),
                sealed,
                key,
                "0123456789abcdef"));
        List<Object> all = List.of(
                pending,
                pending.handle(),
                pending.keyUri(),
                pending.keyUri().secret(),
                enrolled,
                codes,
                new Regenerated(codes, proof),
                proof,
                stamp,
                token,
                World.browserWith(token),
                Browser.ofToken(token.value(), "app"),
                requirement,
                challenge,
                temporary,
                ring,
                existing,
                EnrollmentRequest.of("alice").existing(existing).browser(World.browserWith(token)),
                twoFactor,
                twoFactor.operator("support"),
                twoFactor.status(ALICE),
                world.events);

        assertThat(all)
                .allSatisfy(one -> assertThat(secrets)
                        .noneMatch(one.toString()::contains)
                        .noneMatch(secret -> one.toString().contains(secret.replace("-", "")))
                        .noneMatch(secret -> one.toString().contains(secret.replace(" ", ""))));
    }

    private TemporaryCode temporary() {
        return twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "asked");
    }

    private static AuthenticatorSeed seed(@Nullable TotpParameters totp) {
        return new AuthenticatorSeed(SharedSecret.generate(), HmacAlgorithm.SHA1, 6, totp, 0, false, 0);
    }

    @Test
    void toString_ofAHolder_saysWhatItHolds() {
        ExistingAuthenticator hardware =
                ExistingAuthenticator.hotp(pending.keyUri().secret(), HmacAlgorithm.SHA1, 6, 0);

        assertThat(Stream.of(
                                ExistingAuthenticator.of(pending.keyUri()),
                                hardware,
                                codes,
                                seed(TotpParameters.DEFAULT),
                                seed(null),
                                TrustStamp.of("1.00000000000000ff"),
                                Bytes.copyOf(new byte[32]),
                                TypedCode.parse("123456"),
                                pending.handle(),
                                Challenge.of("x"),
                                World.browserWith(token))
                        .map(String::valueOf))
                .containsExactly(
                        "ExistingAuthenticator[TOTP]",
                        "ExistingAuthenticator[HOTP]",
                        "BackupCodes[10]",
                        "AuthenticatorSeed[TOTP]",
                        "AuthenticatorSeed[HOTP]",
                        "TrustStamp[browser=none]",
                        "Bytes[32]",
                        "TypedCode[ONE_TIME_CODE]",
                        "EnrollmentHandle[redacted]",
                        "Challenge[redacted]",
                        "Browser[tokens=1, label=Firefox on Linux]");
        assertThat(List.of(pending, proof, proof.stamp(), token, KeyRing.generate(), temporary()))
                .allSatisfy(one ->
                        assertThat(one.toString()).startsWith(one.getClass().getSimpleName() + "["));
    }

    @Test
    void verified_cannotBeMadeSubclassedOrSerialized() {
        assertThat(Modifier.isFinal(Verified.class.getModifiers())).isTrue();
        assertThat(Verified.class.getConstructors()).isEmpty();
        assertThat(Stream.of(Verified.class.getDeclaredMethods())
                        .filter(method -> Modifier.isStatic(method.getModifiers()))
                        .filter(method -> Modifier.isPublic(method.getModifiers())))
                .isEmpty();
        assertThat(Serializable.class.isAssignableFrom(Verified.class)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                BackupCodes.class,
                Browser.class,
                BrowserToken.class,
                Challenge.class,
                EnrollmentHandle.class,
                PendingEnrollment.class,
                KeyRing.class,
                ExistingAuthenticator.class,
                Operator.class,
                TemporaryCode.class,
                TrustStamp.class,
                TwoFactor.class,
                Verified.class
            })
    void holders_ofSecretsOrTrust_areFinalAndHaveNoPublicConstructor(Class<?> type) {
        assertThat(type).isFinal();
        assertThat(type.getConstructors()).isEmpty();
        assertThat(Serializable.class.isAssignableFrom(type)).isFalse();
    }
}
