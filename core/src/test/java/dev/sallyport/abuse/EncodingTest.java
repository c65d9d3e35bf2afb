// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.FIREFOX;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Results.assertAccepted;
import static dev.sallyport.abuse.Results.assertRejected;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.KeyRing;
import dev.sallyport.Malformed;
import dev.sallyport.Phone;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.UnreadableRecordException;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.World;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.StoredRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cases 47 to 55, 77, 81 and 86: numbers, letters, bits and bytes that are not what they seem. Cases 45 and 46 are in
 * {@code LeakTest} and {@code EqualWorkTest}, which look at what the public API does not show.
 */
class EncodingTest {
    private final World world = new World();
    private final TwoFactor twoFactor = world.twoFactor;

    private static UnaryOperator<String> inScriptWhoseZeroIs(int zero) {
        return code -> code.chars()
                .map(digit -> digit - '0' + zero)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** Each is made from the right code, so that a lenient reader would accept it. */
    static Stream<UnaryOperator<String>> malformed() {
        Stream<UnaryOperator<String>> ofTheRightCode = Stream.of(
                code -> "+" + code,
                code -> "0000000" + code,
                code -> "0x" + code,
                code -> code + ".0",
                code -> code + "L",
                code -> code + "\u0000",
                code -> code + "\ud800",
                code -> "\udc00" + code,
                code -> code.substring(0, 3) + "_" + code.substring(3),
                code -> code.substring(0, 3) + "," + code.substring(3),
                code -> code.substring(1),
                code -> code.substring(0, 5),
                code -> code.repeat(2),
                code -> code + " ".repeat(1 << 20));
        Stream<UnaryOperator<String>> ofNone = Stream.of(
                        "+81804",
                        "-00000",
                        " 1_2",
                        "1e5000",
                        "",
                        " ",
                        "-",
                        "\ud800".repeat(6),
                        "UUUU-UUUU-UUUU-UUUU-UUUU-UUUU",
                        "0000-0000-0000-0000-0000-0001", // with a wrong check symbol
                        "ABCD-EFGH-JKMN-PQR",
                        "\u0131\u0131\u0131\u0131-0000-0000-0000", // dotless i
                        "1".repeat(1 << 20))
                .map(typed -> code -> typed);
        return Stream.concat(ofTheRightCode, ofNone);
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("malformed")
    @DisplayName(
            "[47] int(token), TryParse, Integer.parseInt: input that does not look like a code is not compared or counted")
    void verify_malformed_isNeitherComparedNorCounted(UnaryOperator<String> malformed) {
        String code = world.importApp().codeAt(world.now());
        Challenge challenge = world.challenge(ALICE, Browser.none());
        world.store.forgetCounts();

        for (int i = 0; i < 10; i++) {
            assertThat(twoFactor.verify(challenge, malformed.apply(code))).isEqualTo(new Malformed());
        }

        assertThat(world.lastEvent().rejection()).contains(Rejection.MALFORMED);
        assertThat(world.store.finds() + world.store.writes()).isZero();
        assertAccepted(world.verify(code));
    }

    /** What people and keyboards make of a code. */
    static Stream<UnaryOperator<String>> spellings() {
        return Stream.of(
                code -> code + "\n",
                code -> "\u200e" + code, // left-to-right mark
                code -> code.substring(0, 3) + "\t" + code.substring(3),
                code -> code.substring(0, 3) + "\u00a0" + code.substring(3), // no-break space
                code -> code.substring(0, 3) + "\u2011" + code.substring(3), // non-breaking hyphen
                code -> "\"" + code + ".\"",
                inScriptWhoseZeroIs(0xff10), // full-width
                inScriptWhoseZeroIs(0x0660), // Arabic-Indic
                inScriptWhoseZeroIs(0x06f0), // Persian
                inScriptWhoseZeroIs(0x0966), // Devanagari
                inScriptWhoseZeroIs(0x0e50), // Thai
                inScriptWhoseZeroIs(0x1d7ce)); // mathematical bold
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("spellings")
    @DisplayName("[47] int(token), TryParse, Integer.parseInt: no spelling of a used code is a new code")
    void verify_codeInAnySpelling_isTheSameCode(UnaryOperator<String> spelling) {
        String code = world.importApp().codeAt(world.now());
        assertAccepted(world.verify(spelling.apply(code)));

        assertRejected(world.verify(code));
        spellings().forEach(other -> assertRejected(world.verify(other.apply(code))));
    }

    @Test
    @DisplayName("[48] GoogleAuth: the code 000000 is a code like any other")
    void verify_codeOfZeros_isAccepted() {
        assertThat(Hotp.of(HmacAlgorithm.SHA1, 6).generate(SharedSecret.fromBase32(Phone.RFC_SECRET), 349_495))
                .isEqualTo("000000");
        world.importKey("otpauth://hotp/Acme:alice?counter=349495&secret=" + Phone.RFC_SECRET);
        assertAccepted(world.verify("000000"));

        World other = new World();
        other.importApp();
        other.clock.set(Instant.EPOCH.plus(STEP.multipliedBy(349_495)));
        assertAccepted(other.verify("000000"));
    }

    @Test
    @DisplayName("[48] GoogleAuth, pterodactyl #2163: with other leading zeros than its own it is another code")
    void verify_codeOfZerosInAnotherLength_isNotAccepted() {
        world.importKey("otpauth://hotp/Acme:alice?counter=349495&secret=" + Phone.RFC_SECRET);

        assertThat(world.verify("0")).isEqualTo(new Malformed());
        assertThat(world.verify("00000")).isEqualTo(new Malformed());
        assertRejected(world.verify("0000000"));
        assertRejected(world.verify("00000000"));
    }

    @Test
    @DisplayName("[49] java-totp, otp-java, GoogleAuth: CI runs the whole suite in locales that broke them")
    void build_ofCore_runsEveryTestInEachLocale() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        Pattern execution = Pattern.compile("<execution>\\s*<id>default-locale-.*?</execution>", Pattern.DOTALL);
        List<String> executions =
                execution.matcher(pom).results().map(MatchResult::group).toList();

        assertThat(executions)
                .noneMatch(one -> one.contains("clude>"))
                .extracting(one -> one.replaceAll("(?s).*<sallyport.test.locale>(.*)</sallyport.*", "$1"))
                .containsExactlyInAnyOrder("ar-EG", "th-TH-u-nu-thai", "tr-TR");
    }

    @Test
    @DisplayName("[49] java-totp, otp-java, GoogleAuth: "
            + "a right code, and a secret with a small i, in the locale of this run")
    void verify_inTheLocaleOfThisRun_isAccepted() {
        Phone phone = Phone.ofSecret("IJIJIJIJIJIJIJIJIJIJIJIJIJIJIJIJ");
        SharedSecret typed = SharedSecret.fromBase32("ijij ijij ijij ijij ijij ijij ijij ijij");
        world.importAll(
                ExistingAuthenticator.totp(typed, TotpParameters.DEFAULT).lastUsedStep(0));

        assertThat(phone.codeAt(START)).matches("[0-9]{6}");
        assertAccepted(world.verify(phone.codeAt(START)));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[50] ovumcy #708, blot #1856: a lost key is an exception that names the key, and not a wrong code")
    void anyCall_keyLost_throwsAndNamesTheKey(EveryCall call) {
        EveryCall.Given given = EveryCall.Given.from(world, world.importApp());
        loseTheKey();
        Map<String, String> before = Map.copyOf(world.rows);

        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> call.on(twoFactor, given))
                .withMessageContaining("2025-01");
        assertThat(twoFactor.isCurrent(ALICE, given.proof().stamp())).isFalse();
        assertThat(world.rows).isEqualTo(before);
    }

    private void loseTheKey() {
        world.rows.clear();
        EveryCall.importInto(world.node()
                .encryptionKeys(KeyRing.fromBase64("2025-01", "A".repeat(43) + "="))
                .build());
    }

    @Test
    @DisplayName("[86] Secure-FTP-WEB #14: a secret that cannot be read does not switch two-factor authentication off")
    void signInRequirement_unreadableRecord_isAnExceptionAndNeverNoCodeRequired() {
        world.enroll();
        loseTheKey();

        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> twoFactor.signInRequirement(ALICE, FIREFOX));
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> twoFactor.beginEnrollment(ALICE, "alice"));
    }

    @Test
    @DisplayName("[51] otplib: a clock that stepped behind the last used code is refused with an event of its own")
    void verify_clockBehindTheLastCode_isRejectedUncounted() {
        Phone phone = world.importApp();
        assertAccepted(world.verify(phone.codeAt(START)));
        world.clock.set(START.minus(Duration.ofMinutes(10)));
        world.events.clear();

        for (int i = 0; i < 10; i++) {
            assertRejected(world.verify(phone.codeAt(world.now())));
            assertRejected(world.verify(phone.wrongAt(world.now())));
        }

        assertThat(world.events)
                .hasSize(20)
                .extracting(TwoFactorEvent::rejection)
                .allSatisfy(reason -> assertThat(reason).contains(Rejection.BEHIND_THE_CLOCK));
        assertThat(twoFactor.status(ALICE).strangers().lock()).isEmpty();
        world.clock.set(START.plus(STEP));
        assertAccepted(world.verify(phone.codeAt(world.now())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Johnson & Johnson", "100%", "A+B", "Acme&secret=evil", "a/b?c#d", "Z\u00fcrich"})
    @DisplayName("[52] pyotp #47, keycloak #52296, google-authenticator #267, otp-java: names in a key URI")
    void keyUri_ofAnyName_isReadByOthersAndByItself(String name) {
        TwoFactor named = world.node().issuer(name).build();

        String uri = named.beginEnrollment(ALICE, name).keyUri().toUriString();

        assertThat(uri)
                .doesNotContain("+", " ")
                .matches("otpauth://totp/[^?&=+]*\\?secret=[A-Z2-7]{32}&issuer=[^?&=+]*");
        assertThat(URI.create(uri).getPath()).isEqualTo("/" + name + ":" + name);
        assertThat(KeyUri.parse(uri).issuer()).isEqualTo(name);
        assertThat(KeyUri.parse(uri).accountName()).isEqualTo(name);
    }

    @Test
    @DisplayName("[52] google-authenticator #267, otp-java: a colon, a secret that is a parameter, another scheme")
    void keyUri_ofTextThatCannotBeInIt_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.node().issuer("Acme: Inc").build());
        KeyUri withAColon = twoFactor.beginEnrollment(ALICE, "alice:bob").keyUri();
        assertThat(withAColon.toUriString()).contains("/Acme:alice%3Abob?");
        assertThat(KeyUri.parse(withAColon.toUriString()).accountName()).isEqualTo("alice:bob");
        assertThatIllegalArgumentException().isThrownBy(() -> SharedSecret.fromBase32("ABC&issuer=evil"));
        assertThatIllegalArgumentException().isThrownBy(() -> KeyUri.parse("http://hotp/x"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyUri.parse("http://hotp/x?counter=0&secret=" + Phone.RFC_SECRET));
        assertThat(KeyUri.totp("Acme", "alice", SharedSecret.fromBytes(new byte[16]), TotpParameters.DEFAULT)
                        .toUriString())
                .as("26 letters, without their padding")
                .isEqualTo("otpauth://totp/Acme:alice?secret=" + "A".repeat(26) + "&issuer=Acme");
    }

    @Test
    @DisplayName("[53] GoogleAuth: no class here can open a connection, so the secret goes to no third party")
    void classes_ofCoreAndStorage_nameNothingOfTheNetwork() throws Exception {
        assertThat(classesThatNameTheNetworkBesides(TwoFactor.class)).isEmpty();
        assertThat(classesThatNameTheNetworkBesides(StoredRecord.class)).isEmpty();

        assertThat(classesThatNameTheNetworkBesides(EncodingTest.class))
                .as("this one does, and would be found")
                .anyMatch(file -> file.endsWith("EncodingTest.class"));
    }

    private static List<Path> classesThatNameTheNetworkBesides(Class<?> one) throws IOException, URISyntaxException {
        Path place =
                Path.of(one.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.walk(place)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .filter(EncodingTest::namesTheNetwork)
                    .toList();
        }
    }

    /** A class file names the classes that it uses in plain letters. */
    private static boolean namesTheNetwork(Path classFile) {
        try {
            String names = new String(Files.readAllBytes(classFile), ISO_8859_1);
            return Stream.of("java/net/", "javax/net/", "java/nio/channels/", "java/rmi/", "javax/naming/")
                    .anyMatch(names::contains);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName("[54] Keycloak, aerogear, kotlin-onetimepassword: a new secret has 160 bits, all of them random")
    void begin_newSecret_has160RandomBits() {
        byte[] ones = new byte[20];
        byte[] zeros = new byte[20];
        for (int i = 0; i < 200; i++) {
            byte[] secret =
                    twoFactor.beginEnrollment(ALICE, "alice").keyUri().secret().toBytes();
            assertThat(secret).hasSize(20);
            for (int b = 0; b < 20; b++) {
                ones[b] |= secret[b];
                zeros[b] |= (byte) ~secret[b];
            }
        }
        assertThat(ones).containsOnly(0xff);
        assertThat(zeros).containsOnly(0xff);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 9})
    @DisplayName("[54] aerogear, kotlin-onetimepassword, CVE-2024-8796: no secret has fewer bits than those out there")
    void secret_under80Bits_isRefused(int bytes) {
        String text = "A".repeat(bytes * 8 / 5);

        assertThatIllegalArgumentException().isThrownBy(() -> SharedSecret.fromBytes(new byte[bytes]));
        assertThatIllegalArgumentException().isThrownBy(() -> SharedSecret.fromBase32(text));
        assertThatIllegalArgumentException().isThrownBy(() -> KeyUri.parse("otpauth://totp/alice?secret=" + text));
        assertThat(SharedSecret.fromBytes(new byte[10]).toBytes()).hasSize(10);
    }

    @Test
    @DisplayName("[81] secret=A&Secret=B: two readers would read two secrets, so it is refused")
    void keyUri_withTwoSecrets_isRefused() {
        String a = Phone.RFC_SECRET;
        String b = "A".repeat(32);
        for (String both : List.of(
                "secret=" + a + "&secret=" + b,
                "secret=" + a + "&Secret=" + b,
                "SECRET=" + a + "&x=1&secret=" + b,
                "secret=" + a + "&%73ecret=" + b,
                "secret=" + a + "&digits=6&Digits=8")) {
            assertThatIllegalArgumentException()
                    .as(both.replace(a, "A"))
                    .isThrownBy(() -> KeyUri.parse("otpauth://totp/Acme:alice?issuer=Acme&" + both));
        }
    }

    @ParameterizedTest
    @CsvSource({"red, tan", "red, blue", "'', blue", "red, ''"})
    @DisplayName("[77] Two tenants with one key ring and equal user ids: a row copied across does not open")
    void row_copiedToAnotherNamespace_isUnreadable(String namespace, String another) {
        TwoFactor red = world.node().namespace(namespace).build();
        ConcurrentMap<String, String> bluesRows = new ConcurrentHashMap<>();
        TwoFactor blue = world.node()
                .namespace(another)
                .store(new MapTwoFactorStore(bluesRows))
                .build();
        EveryCall.importInto(red);
        EveryCall.importInto(blue);
        assertThat(red.signInRequirement(ALICE, FIREFOX)).isInstanceOf(CodeRequired.class);

        bluesRows.putAll(world.rows);

        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> blue.signInRequirement(ALICE, FIREFOX));
        Challenge reds = ((CodeRequired) red.signInRequirement(ALICE, FIREFOX)).challenge();
        assertThat(blue.verify(reds, Phone.ofSecret(Phone.RFC_SECRET).codeAt(world.now())))
                .isEqualTo(new SignInAgain());
    }

    private StoredRecord row(UserId user) {
        return world.store.find(user.value()).orElseThrow();
    }

    private void assertUnreadable(UserId user, long version, byte[] payload) {
        StoredRecord row = StoredRecord.of(user.value(), version, payload);
        world.rows.put(user.value(), Base64.getEncoder().encodeToString(row.toBytes()));
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> twoFactor.signInRequirement(user, Browser.none()));
        assertThat(row(user)).isEqualTo(row);
    }

    @Test
    @DisplayName("[55] A row edited by hand: another user's")
    void row_copiedToAnotherUser_isUnreadable() {
        world.enroll(ALICE);
        world.enroll(BOB);
        StoredRecord alices = row(ALICE);

        assertUnreadable(BOB, row(BOB).version(), alices.payload());
        assertUnreadable(BOB, alices.version(), alices.payload());
    }

    @Test
    @DisplayName("[55] A row edited by hand: an older row's payload under a newer version, and a version moved")
    void row_ofAnotherVersion_isUnreadable() {
        Phone phone = world.enroll().phone();
        StoredRecord older = row(ALICE);
        world.prove(phone);
        StoredRecord newer = row(ALICE);
        assertThat(newer.version()).isEqualTo(older.version() + 1);

        assertUnreadable(ALICE, newer.version(), older.payload());
        assertUnreadable(ALICE, older.version(), newer.payload());
        assertUnreadable(ALICE, newer.version() + 1, newer.payload());
    }

    @Test
    @DisplayName("[55] A row edited by hand: any one bit")
    void row_withOneBitFlipped_isUnreadable() {
        world.importApp();
        StoredRecord row = row(ALICE);

        for (int bit = 0; bit < row.payload().length * 8; bit++) {
            byte[] flipped = row.payload();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertUnreadable(ALICE, row.version(), flipped);
        }
    }

    @Test
    @DisplayName("[55] A row edited by hand: cut off anywhere, longer than it was, or as long as can be")
    void row_ofAnotherLength_isUnreadable() {
        world.importApp();
        StoredRecord row = row(ALICE);
        byte[] payload = row.payload();

        IntStream.range(1, payload.length)
                .forEach(length -> assertUnreadable(ALICE, row.version(), Arrays.copyOf(payload, length)));
        assertUnreadable(ALICE, row.version(), Arrays.copyOf(payload, payload.length + 1));
        assertUnreadable(ALICE, row.version(), Arrays.copyOf(payload, StoredRecord.MAX_PAYLOAD_BYTES));
        assertUnreadable(ALICE, row.version(), new byte[StoredRecord.MAX_PAYLOAD_BYTES]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StoredRecord.of("42", 1, new byte[StoredRecord.MAX_PAYLOAD_BYTES + 1]));
    }
}
