// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * One of the samples that come with the example, and what the other product knows of the users in it.
 *
 * @param authenticators those that come over
 * @param status the exit code
 */
record Sample(
        String format,
        Path file,
        List<String> args,
        Map<String, String> environment,
        int status,
        List<Known> authenticators,
        List<String> otherSecrets) {
    private static final Path FOLDER = Path.of("src/main/samples");
    private static final String RFC = "12345678901234567890";
    private static final String BOBS_PHONE = "secret-of-bobs-phone-32-bytes-ok";
    private static final String BOBS_TOKEN = "secret-of-bobs-token";

    /**
     * An authenticator of a sample.
     *
     * @param oathtool the options with which oathtool computes its codes, besides the time and the secret
     * @param drift how many steps its clock is ahead
     */
    record Known(String user, String secret, int drift, int period, List<String> oathtool) {
        String hex() {
            return HexFormat.of().formatHex(secret.getBytes(ISO_8859_1));
        }

        boolean isTimeBased() {
            return period > 0;
        }
    }

    private static Known totp(String user, String secret, String algorithm, int digits, int period) {
        return totp(user, secret, algorithm, digits, period, 0, 0);
    }

    private static Known totp(String user, String secret, String algorithm, int digits, int period, int t0, int drift) {
        return new Known(
                user,
                secret,
                drift,
                period,
                List.of(
                        "--totp=" + algorithm,
                        "--digits=" + digits,
                        "--time-step-size=" + period + "s",
                        "--start-time=@" + t0));
    }

    private static Known hotp(String user, String secret, int digits, int counter) {
        return new Known(user, secret, 0, 0, List.of("--hotp", "--digits=" + digits, "--counter=" + counter));
    }

    private static String keycloakId(int number) {
        return "f7c9a1d0-1111-4222-8333-00000000000" + number;
    }

    static Path file(String name) {
        return FOLDER.resolve(name);
    }

    static List<Sample> all() {
        return List.of(keycloak(), djangoOtp(), csv(), authelia(), pskc(), otpauth(), cxf());
    }

    static Sample keycloak() {
        return new Sample(
                "keycloak",
                file("keycloak.json"),
                List.of(),
                Map.of(),
                Migration.SOME_LEFT,
                List.of(
                        totp(keycloakId(1), RFC, "SHA1", 6, 30),
                        totp(keycloakId(2), BOBS_PHONE, "SHA256", 8, 30),
                        hotp(keycloakId(2), BOBS_TOKEN, 6, 7),
                        totp(keycloakId(5), "ten-bytes!", "SHA1", 6, 30),
                        totp(keycloakId(7), "secret-of-grace-0001", "SHA1", 6, 60)),
                List.of("8-bytes!"));
    }

    static Sample djangoOtp() {
        return new Sample(
                "django-otp",
                file("django-otp.json"),
                List.of(),
                Map.of(),
                Migration.SOME_LEFT,
                List.of(
                        totp("1", RFC, "SHA1", 6, 30),
                        totp("2", "secret-of-bob-is-t0!", "SHA1", 8, 60, 10, -3),
                        hotp("2", BOBS_TOKEN, 6, 42)),
                List.of("never-confirmed-0003", "abcdefgh", "ijklmnop", "qrstuvwx"));
    }

    static Sample csv() {
        return new Sample(
                "csv",
                file("table.csv"),
                List.of(),
                Map.of(),
                Migration.SOME_LEFT,
                List.of(
                        totp("1001", RFC, "SHA1", 6, 30),
                        totp("1001", "secret-of-the-tablet", "SHA256", 8, 60),
                        hotp("1002", BOBS_TOKEN, 6, 37),
                        totp("1003", "Hello!\u00DE\u00AD\u00BE\u00EF", "SHA1", 6, 30)),
                List.of("dave-has-no-counter!"));
    }

    static Sample authelia() {
        return new Sample(
                "authelia",
                file("authelia.yml"),
                List.of(),
                Map.of(),
                Migration.ALL_OVER,
                List.of(
                        totp("alice", RFC, "SHA1", 6, 30),
                        totp(
                                "bob",
                                "secret-of-bob-with-64-bytes-as-authelia-makes-them-for-SHA512-ok",
                                "SHA512",
                                8,
                                60)),
                List.of());
    }

    static Sample pskc() {
        return new Sample(
                "pskc",
                file("pskc.xml"),
                List.of("--serials", file("serials.csv").toString()),
                Map.of("SALLYPORT_PSKC_PASSWORD", "sample-password"),
                Migration.SOME_LEFT,
                List.of(
                        hotp("1001", RFC, 8, 5),
                        totp("1002", BOBS_TOKEN, "SHA1", 6, 60, 0, -2),
                        totp("1003", "secret-of-carols-token-SHA256-ok", "SHA256", 6, 30)),
                List.of("spare-token-in-stock", "sample-password"));
    }

    static Sample otpauth() {
        return new Sample(
                "otpauth",
                file("otpauth.txt"),
                List.of(),
                Map.of(),
                Migration.ALL_OVER,
                List.of(
                        totp("alice@acme.example", RFC, "SHA1", 6, 30),
                        totp("bob", BOBS_PHONE, "SHA256", 8, 60),
                        hotp("carol", "secret-of-carol-hotp", 6, 12),
                        totp("dave", "secret-of-dave-totp!", "SHA1", 6, 30),
                        hotp("erin", "secret-of-erin-hotp!", 6, 4)),
                List.of());
    }

    static Sample cxf() {
        return new Sample(
                "cxf",
                file("cxf.json"),
                List.of("--from-issuer", "Acme"),
                Map.of(),
                Migration.ALL_OVER,
                List.of(
                        totp("alice@acme.example", RFC, "SHA1", 6, 30),
                        totp("bob@acme.example", BOBS_PHONE, "SHA256", 8, 60)),
                List.of("secret-of-elsewhere!", "secret-of-unknown-alg", "a-password"));
    }

    @Override
    public String toString() {
        return format;
    }
}
