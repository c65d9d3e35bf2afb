// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.HmacAlgorithm;
import java.io.Serializable;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secret or forgeable things are final classes that do not tell what they hold. */
class RedactionTest {

    @Test
    @DisplayName("No toString shows a secret, code, key URI or token (MISP #10116, authelia #162, KeeperHub #1518)")
    void toString_ofEverythingThatALifeHandsOut_showsNoSecret() {
        World world = new World();
        TwoFactor twoFactor = world.twoFactor;
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
        String code = Phone.scan(pending).codeAt(world.now());
        EnrollmentResult result = twoFactor.confirmEnrollment(ALICE, code);
        Enrolled enrolled = (Enrolled) result;
        Verified proof = enrolled.proof();
        BackupCodes codes = enrolled.backupCodes().orElseThrow();
        BrowserToken token = twoFactor.rememberBrowser(proof, "Firefox");
        String sealed = twoFactor.seal(proof);
        String key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
        KeyRing ring = KeyRing.fromBase64("2026-11", key);
        AuthenticatorSeed seed = AuthenticatorSeed.of(pending.keyUri());

        List<String> secrets = new ArrayList<>(codes.asList());
        secrets.addAll(List.of(
                code,
                pending.keyUri().toUriString(),
                pending.keyUri().secret().toBase32(),
                pending.secretForTyping(),
                token.value(),
                sealed,
                key,
                "0123456789abcdef"));
        List<Object> all = List.of(
                pending,
                pending.keyUri(),
                pending.keyUri().secret(),
                result,
                codes,
                proof,
                token,
                ring,
                seed,
                EnrollmentRequest.of("alice").seed(seed),
                twoFactor,
                twoFactor.status(ALICE),
                world.events);

        assertThat(all)
                .allSatisfy(one -> assertThat(secrets)
                        .noneMatch(one.toString()::contains)
                        .noneMatch(secret -> one.toString().contains(secret.replace("-", "")))
                        .noneMatch(secret -> one.toString().contains(secret.replace(" ", ""))));
    }

    @Test
    void toString_ofAHolder_saysWhatItHolds() {
        World world = new World();
        PendingEnrollment pending = world.twoFactor.beginEnrollment(ALICE, "alice");
        Enrolled enrolled = (Enrolled)
                world.twoFactor.confirmEnrollment(ALICE, Phone.scan(pending).codeAt(world.now()));
        AuthenticatorSeed token = AuthenticatorSeed.hotp(pending.keyUri().secret(), HmacAlgorithm.SHA1, 6, 0);

        assertThat(Stream.of(
                                AuthenticatorSeed.of(pending.keyUri()),
                                token,
                                enrolled.backupCodes().orElseThrow(),
                                Bytes.copyOf(new byte[32]),
                                TypedCode.parse("123456"))
                        .map(Object::toString))
                .containsExactly(
                        "AuthenticatorSeed[TOTP]",
                        "AuthenticatorSeed[HOTP]",
                        "BackupCodes[10]",
                        "Bytes[32]",
                        "TypedCode[ONE_TIME_CODE]");
        BrowserToken browser = world.twoFactor.rememberBrowser(enrolled.proof(), "Firefox");
        assertThat(List.of(pending, enrolled.proof(), browser, KeyRing.generate()))
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
                BrowserToken.class,
                PendingEnrollment.class,
                KeyRing.class,
                AuthenticatorSeed.class,
                TwoFactor.class
            })
    void holders_ofSecrets_areFinalAndHaveNoPublicConstructor(Class<?> type) {
        assertThat(type).isFinal();
        assertThat(type.getConstructors()).isEmpty();
        assertThat(Serializable.class.isAssignableFrom(type)).isFalse();
    }
}
