// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import com.bastiaanjansen.otp.HOTPGenerator;
import com.bastiaanjansen.otp.TOTPGenerator;
import com.eatthepath.otp.HmacOneTimePasswordGenerator;
import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;
import com.warrenstrange.googleauth.GoogleAuthenticator;
import dev.sallyport.examples.benchmarks.Secrets.Form;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.otp.Window;
import dev.samstevens.totp.code.DefaultCodeGenerator;
import dev.samstevens.totp.code.DefaultCodeVerifier;
import dev.turingcomplete.kotlinonetimepassword.TimeBasedOneTimePasswordConfig;
import java.security.InvalidKeyException;
import java.security.Key;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Calendar;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import javax.crypto.spec.SecretKeySpec;
import org.apache.commons.codec.binary.Base32;
import org.keycloak.models.utils.HmacOTP;
import org.keycloak.models.utils.TimeBasedOTP;

/** One-time codes, generated and compared: SHA-1, 6 digits, 30 seconds. */
final class OneTimeCodes {
    private static final Instant NOW = Instant.parse("2026-11-01T12:00:07Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final int LOOK_AHEAD = 10;
    private static final long COUNTER = 1_000;
    private static final Window WINDOW = new Window(1, 1);
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);
    private static final Hotp HOTP = Hotp.of(HmacAlgorithm.SHA1, 6);

    private final Secrets secrets = new Secrets();
    private final List<String> right = secrets.all().stream()
            .map(form -> TOTP.generate(form.secret(), NOW))
            .toList();
    private final String wrong = wrong();

    private final TimeBasedOneTimePasswordGenerator javaOtp = new TimeBasedOneTimePasswordGenerator();
    private final HmacOneTimePasswordGenerator javaOtpHotp = new HmacOneTimePasswordGenerator();
    private final Base32 base32 = new Base32();
    private final DefaultCodeGenerator javaTotp = new DefaultCodeGenerator();
    private final DefaultCodeVerifier javaTotpVerifier = new DefaultCodeVerifier(javaTotp, NOW::getEpochSecond);
    private final GoogleAuthenticator googleAuth = new GoogleAuthenticator();
    private final TimeBasedOTP keycloak = new TimeBasedOTP();
    private final HmacOTP keycloakHotp = new HmacOTP(6, HmacOTP.HMAC_SHA1, LOOK_AHEAD);
    private final TimeBasedOneTimePasswordConfig kotlin = new TimeBasedOneTimePasswordConfig(
            30, TimeUnit.SECONDS, 6, dev.turingcomplete.kotlinonetimepassword.HmacAlgorithm.SHA1);
    private final org.jboss.aerogear.security.otp.api.Clock aerogearClock =
            new org.jboss.aerogear.security.otp.api.Clock() {
                @Override
                public long getCurrentInterval() {
                    return TOTP.step(NOW);
                }
            };

    private OneTimeCodes() {
        Calendar calendar = Calendar.getInstance(TimeZone.getTimeZone("UTC"));
        calendar.setTimeInMillis(NOW.toEpochMilli());
        keycloak.setCalendar(calendar);
    }

    static Comparison verifyWrong() {
        OneTimeCodes codes = new OneTimeCodes();
        return codes.verify(
                "TOTP verify, wrong code, window 1/1",
                form -> codes.wrong,
                Goal.faster("Sallyport, from bytes", 2, "java-otp, from Base32"),
                Goal.faster("Sallyport", 1.4, "java-otp"),
                Goal.faster("Sallyport, from bytes", 6, "java-totp"),
                Goal.bytes("Sallyport", 1_600));
    }

    static Comparison verifyRight() {
        OneTimeCodes codes = new OneTimeCodes();
        return codes.verify(
                "TOTP verify, right code",
                form -> codes.right.get(form.number()),
                Goal.faster("Sallyport, from bytes", 1.2, "java-otp, from Base32"),
                Goal.faster("Sallyport", 1.2, "Keycloak"));
    }

    /** What was typed is asked for by secret. */
    private Comparison verify(String title, Function<Form, String> typed, Goal... goals) {
        return Comparison.of(
                title,
                List.of(
                        Contestant.of("Sallyport", () -> {
                            Form form = secrets.next();
                            return TOTP.match(form.secret(), typed.apply(form), NOW, WINDOW, Totp.NO_STEP);
                        }),
                        // As a record is read: bytes in it are what this library keeps where others keep Base32.
                        Contestant.of("Sallyport, from bytes", () -> {
                            Form form = secrets.next();
                            SharedSecret secret = SharedSecret.fromBytes(form.bytes());
                            return TOTP.match(secret, typed.apply(form), NOW, WINDOW, Totp.NO_STEP);
                        }),
                        Contestant.of("Sallyport, from Base32", () -> {
                            Form form = secrets.next();
                            SharedSecret secret = SharedSecret.fromBase32(form.base32());
                            return TOTP.match(secret, typed.apply(form), NOW, WINDOW, Totp.NO_STEP);
                        }),
                        Contestant.of("java-otp", () -> {
                            Form form = secrets.next();
                            return javaOtpMatches(form.key(), typed.apply(form));
                        }),
                        Contestant.of("java-otp, from Base32", () -> {
                            Form form = secrets.next();
                            Key key = new SecretKeySpec(base32.decode(form.base32()), "HmacSHA1");
                            return javaOtpMatches(key, typed.apply(form));
                        }),
                        Contestant.of("Keycloak", () -> {
                            Form form = secrets.next();
                            return keycloak.validateTOTP(typed.apply(form), form.bytes());
                        }),
                        Contestant.of("java-totp", () -> {
                            Form form = secrets.next();
                            return javaTotpVerifier.isValidCode(form.base32(), typed.apply(form));
                        }),
                        Contestant.of("otp-java", () -> {
                            Form form = secrets.next();
                            return otpJava(form).verify(typed.apply(form), 1);
                        }),
                        Contestant.of("GoogleAuth", () -> {
                            Form form = secrets.next();
                            return googleAuth.authorize(
                                    form.base32(), Integer.parseInt(typed.apply(form)), NOW.toEpochMilli());
                        }),
                        Contestant.of("aerogear (two codes, not three)", () -> {
                            Form form = secrets.next();
                            return aerogear(form).verify(typed.apply(form));
                        }),
                        Contestant.of("kotlin-onetimepassword", () -> {
                            Form form = secrets.next();
                            return kotlinMatches(form, typed.apply(form));
                        })),
                goals);
    }

    static Comparison generate() {
        OneTimeCodes codes = new OneTimeCodes();
        return codes.generators();
    }

    private Comparison generators() {
        return Comparison.of(
                "TOTP generate",
                List.of(
                        Contestant.of(
                                "Sallyport", () -> TOTP.generate(secrets.next().secret(), NOW)),
                        Contestant.of(
                                "Sallyport, from Base32",
                                () -> TOTP.generate(
                                        SharedSecret.fromBase32(secrets.next().base32()), NOW)),
                        Contestant.of(
                                "java-otp, as a number",
                                () -> javaOtp.generateOneTimePassword(
                                        secrets.next().key(), NOW)),
                        Contestant.of(
                                "java-otp, as text",
                                () -> javaOtp.generateOneTimePasswordString(
                                        secrets.next().key(), NOW)),
                        Contestant.of(
                                "Keycloak",
                                () -> keycloak.generateTOTP(secrets.next().bytes())),
                        Contestant.of(
                                "Keycloak, from Base32",
                                () -> keycloak.generateTOTP(org.keycloak.models.utils.Base32.decode(
                                        secrets.next().base32()))),
                        Contestant.of(
                                "java-totp",
                                () -> javaTotp.generate(secrets.next().base32(), TOTP.step(NOW))),
                        Contestant.of("otp-java", () -> otpJava(secrets.next()).at(NOW)),
                        Contestant.of(
                                "GoogleAuth",
                                () -> googleAuth.getTotpPassword(secrets.next().base32(), NOW.toEpochMilli())),
                        Contestant.of("aerogear", () -> aerogear(secrets.next()).now()),
                        Contestant.of(
                                "kotlin-onetimepassword",
                                () -> kotlin(secrets.next()).generate(NOW))),
                Goal.faster("Sallyport, from Base32", 2, "Keycloak, from Base32"),
                Goal.within("Sallyport", 1, "java-otp, as a number"));
    }

    static Comparison hotpWrong() {
        OneTimeCodes codes = new OneTimeCodes();
        return codes.lookAhead();
    }

    private Comparison lookAhead() {
        return Comparison.of(
                "HOTP, look-ahead 10, wrong code",
                List.of(
                        Contestant.of(
                                "Sallyport", () -> HOTP.match(secrets.next().secret(), wrong, COUNTER, LOOK_AHEAD)),
                        Contestant.of(
                                "Sallyport, from Base32",
                                () -> HOTP.match(
                                        SharedSecret.fromBase32(secrets.next().base32()), wrong, COUNTER, LOOK_AHEAD)),
                        Contestant.of(
                                "java-otp",
                                () -> javaOtpLooksAhead(secrets.next().key())),
                        Contestant.of(
                                "java-otp, from Base32",
                                () -> javaOtpLooksAhead(new SecretKeySpec(
                                        base32.decode(secrets.next().base32()), "HmacSHA1"))),
                        Contestant.of(
                                "Keycloak",
                                () -> keycloakHotp.validateHOTP(
                                        wrong, secrets.next().bytes(), (int) COUNTER)),
                        Contestant.of("java-totp", () -> {
                            String secret = secrets.next().base32();
                            boolean found = false;
                            for (int i = 0; i <= LOOK_AHEAD && !found; i++) {
                                found = javaTotp.generate(secret, COUNTER + i).equals(wrong);
                            }
                            return found;
                        }),
                        Contestant.of("otp-java", () -> {
                            HOTPGenerator generator =
                                    new HOTPGenerator.Builder(secrets.next().base32()).build();
                            boolean found = false;
                            for (int i = 0; i <= LOOK_AHEAD && !found; i++) {
                                found = generator.verify(wrong, COUNTER + i);
                            }
                            return found;
                        })),
                Goal.faster("Sallyport", 1.3, "java-otp"),
                Goal.faster("Sallyport, from Base32", 1.5, "java-otp, from Base32"));
    }

    private boolean javaOtpLooksAhead(Key key) throws InvalidKeyException {
        int typed = Integer.parseInt(wrong);
        boolean found = false;
        for (int i = 0; i <= LOOK_AHEAD && !found; i++) {
            found = javaOtpHotp.generateOneTimePassword(key, COUNTER + i) == typed;
        }
        return found;
    }

    /** As numbers, which is the quicker of its two ways. */
    private boolean javaOtpMatches(Key key, String typed) throws InvalidKeyException {
        int number = Integer.parseInt(typed);
        boolean found = false;
        for (int i = -1; i <= 1 && !found; i++) {
            found = javaOtp.generateOneTimePassword(key, NOW.plus(STEP.multipliedBy(i))) == number;
        }
        return found;
    }

    private static TOTPGenerator otpJava(Form form) {
        return new TOTPGenerator.Builder(form.base32()).withClock(CLOCK).build();
    }

    private org.jboss.aerogear.security.otp.Totp aerogear(Form form) {
        return new org.jboss.aerogear.security.otp.Totp(form.base32(), aerogearClock);
    }

    private dev.turingcomplete.kotlinonetimepassword.TimeBasedOneTimePasswordGenerator kotlin(Form form) {
        return new dev.turingcomplete.kotlinonetimepassword.TimeBasedOneTimePasswordGenerator(form.bytes(), kotlin);
    }

    private boolean kotlinMatches(Form form, String typed) {
        dev.turingcomplete.kotlinonetimepassword.TimeBasedOneTimePasswordGenerator generator = kotlin(form);
        boolean found = false;
        for (int i = -1; i <= 1 && !found; i++) {
            found = generator.isValid(typed, NOW.plus(STEP.multipliedBy(i)));
        }
        return found;
    }

    /** A code that none of the secrets has anywhere near. */
    private String wrong() {
        long step = TOTP.step(NOW);
        Set<String> near = secrets.all().stream()
                .flatMap(form -> LongStream.concat(
                                LongStream.rangeClosed(step - 2, step + 2),
                                LongStream.rangeClosed(COUNTER, COUNTER + LOOK_AHEAD))
                        .mapToObj(counter -> HOTP.generate(form.secret(), counter)))
                .collect(Collectors.toSet());
        return LongStream.range(100_000, 1_000_000)
                .mapToObj(Long::toString)
                .filter(code -> !near.contains(code))
                .findFirst()
                .orElseThrow();
    }
}
