// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.BOB;
import static dev.sallyport.World.START;
import static dev.sallyport.World.STEP;
import static dev.sallyport.abuse.Answers.isAccepted;
import static dev.sallyport.abuse.Answers.isRejected;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.KeyRing;
import dev.sallyport.Phone;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorEvent.Rejection;
import dev.sallyport.UnreadableRecordException;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.World;
import dev.sallyport.otp.HmacAlgorithm;
import dev.sallyport.otp.Hotp;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
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
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Cases 47 to 55: numbers, letters, bits and bytes that are not what they seem. Cases 45 and 46 are in {@code LeakTest}
 * and {@code EqualWorkTest}, which look at what the public API does not show.
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

    /** Each made from the right code, so that whoever reads it leniently accepts it. */
    static Stream<UnaryOperator<String>> malformed() {
        Stream<UnaryOperator<String>> ofTheRightCode = Stream.of(
                code -> "+" + code,
                code -> "0000000" + code,
                code -> "0x" + code,
                code -> code + ".0",
                code -> code + "L",
                code -> code + "\n",
                code -> code + "\u0000",
                code -> code + "\ud800",
                code -> "\udc00" + code,
                code -> "\u200e" + code, // left-to-right mark
                code -> code.substring(0, 3) + "_" + code.substring(3),
                code -> code.substring(0, 3) + "," + code.substring(3),
                code -> code.substring(0, 3) + "\t" + code.substring(3),
                code -> code.substring(0, 3) + "\u00a0" + code.substring(3), // no-break space
                code -> code.substring(0, 3) + "\u2011" + code.substring(3), // non-breaking hyphen
                code -> code.substring(1),
                code -> code.substring(0, 5),
                code -> code.repeat(2),
                code -> code + " ".repeat(1 << 20),
                inScriptWhoseZeroIs(0xff10), // full-width
                inScriptWhoseZeroIs(0x0660), // Arabic-Indic
                inScriptWhoseZeroIs(0x06f0), // Persian
                inScriptWhoseZeroIs(0x0966), // Devanagari
                inScriptWhoseZeroIs(0x0e50), // Thai
                inScriptWhoseZeroIs(0x1d7ce)); // mathematical bold
        Stream<UnaryOperator<String>> ofNone = Stream.of(
                        "+81804",
                        "-00000",
                        " 1_2",
                        "1e5000",
                        "",
                        " ",
                        "-",
                        "\ud800".repeat(6),
                        "UUUU-UUUU-UUUU-UUUU",
                        "ABCD-EFGH-JKMN-PQR",
                        "\u0131\u0131\u0131\u0131-0000-0000-0000", // dotless i
                        "1".repeat(1 << 20))
                .map(typed -> code -> typed);
        return Stream.concat(ofTheRightCode, ofNone);
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("malformed")
    @DisplayName(
            "[47] int(token), TryParse, Integer.parseInt: " + "what is no code is refused, not counted, not looked up")
    void verify_malformed_isRejectedUncounted(UnaryOperator<String> malformed) {
        String code = world.importApp().codeAt(world.now());
        world.store.forgetCounts();

        for (int i = 0; i < 10; i++) {
            isRejected(world.verify(malformed.apply(code)));
        }

        assertThat(world.lastEvent().rejection()).contains(Rejection.MALFORMED);
        assertThat(world.store.finds() + world.store.writes()).isZero();
        isAccepted(world.verify(code));
    }

    @Test
    @DisplayName("[48] GoogleAuth: the code 000000 is a code like any other")
    void verify_codeOfZeros_isAccepted() {
        assertThat(Hotp.of(HmacAlgorithm.SHA1, 6).generate(SharedSecret.fromBase32(Phone.RFC_SECRET), 349_495))
                .isEqualTo("000000");
        world.importKey("otpauth://hotp/Acme:alice?counter=349495&secret=" + Phone.RFC_SECRET);
        isAccepted(world.verify("000000"));

        World other = new World();
        other.importApp();
        other.clock.set(Instant.EPOCH.plus(STEP.multipliedBy(349_495)));
        isAccepted(other.verify("000000"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "00000", "0000000"})
    @DisplayName("[48] GoogleAuth, pterodactyl #2163: with other leading zeros than its own it is another code")
    void verify_codeOfZerosInAnotherLength_isRejected(String typed) {
        world.importKey("otpauth://hotp/Acme:alice?counter=349495&secret=" + Phone.RFC_SECRET);

        isRejected(world.verify(typed));
    }

    @Test
    @DisplayName("[49] java-totp, otp-java, GoogleAuth: the whole suite runs in each locale that broke them")
    void build_ofCore_runsEveryTestInEachLocale() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        Pattern execution = Pattern.compile("<execution>\\s*<id>default-locale-.*?</execution>", Pattern.DOTALL);
        List<String> executions =
                execution.matcher(pom).results().map(MatchResult::group).toList();

        assertThat(executions)
                .noneMatch(one -> one.contains("clude>"))
                .extracting(one -> one.replaceAll("(?s).*<sallyport.test.locale>(.*)</sallyport.*", "$1"))
                .containsExactlyInAnyOrder("ar-EG", "fa-IR", "th-TH-u-nu-thai", "hi-IN-u-nu-deva", "tr-TR");
    }

    @Test
    @DisplayName("[49] java-totp, otp-java, GoogleAuth: "
            + "a right code, and a secret with a small i, in the locale of this run")
    void verify_inTheLocaleOfThisRun_isAccepted() {
        Phone phone = Phone.ofSecret("IJIJIJIJIJIJIJIJIJIJIJIJIJIJIJIJ");
        SharedSecret typed = SharedSecret.fromBase32("ijij ijij ijij ijij ijij ijij ijij ijij");
        twoFactor.importWithoutConfirmation(
                ALICE, EnrollmentRequest.of("alice").seed(AuthenticatorSeed.totp(typed, TotpParameters.DEFAULT)));

        assertThat(phone.codeAt(START)).matches("[0-9]{6}");
        isAccepted(world.verify(phone.codeAt(START)));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("[50] ovumcy #708, blot #1856: a lost key is no wrong code, but an exception that names the key")
    void anyCall_keyLost_throwsAndNamesTheKey(EveryCall call) {
        Verified proof = world.prove(world.importApp());
        world.rows.clear();
        world.node()
                .encryptionKeys(KeyRing.fromBase64("2025-01", "A".repeat(43) + "="))
                .build()
                .importWithoutConfirmation(ALICE, EveryCall.imported());
        Map<String, String> before = Map.copyOf(world.rows);

        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> call.on(twoFactor, proof))
                .withMessageContaining("2025-01");
        assertThat(world.rows).isEqualTo(before);
    }

    @Test
    @DisplayName("[51] otplib: a clock that stepped behind the last used code is refused with an event of its own")
    void verify_clockBehindTheLastCode_isRejectedUncounted() {
        Phone phone = world.importApp();
        isAccepted(world.verify(phone.codeAt(START)));
        world.clock.set(START.minus(Duration.ofMinutes(10)));
        world.events.clear();

        for (int i = 0; i < 10; i++) {
            isRejected(world.verify(phone.codeAt(world.now())));
            isRejected(world.verify(phone.wrongAt(world.now())));
        }

        assertThat(world.events)
                .hasSize(20)
                .extracting(TwoFactorEvent::rejection)
                .allSatisfy(reason -> assertThat(reason).contains(Rejection.BEHIND_THE_CLOCK));
        assertThat(twoFactor.status(ALICE).lock()).isEmpty();
        world.clock.set(START.plus(STEP));
        isAccepted(world.verify(phone.codeAt(world.now())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Johnson & Johnson", "100%", "A+B", "Acme&secret=evil", "a/b?c#d", "Z\u00fcrich"})
    @DisplayName("[52] pyotp #47, keycloak #52296, google-authenticator #267, otp-java: names in a key URI")
    void keyUri_ofAnyName_isReadBackByOthersAndByItself(String name) {
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
    void keyUri_ofWhatCannotStandInIt_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> world.node().issuer("Acme: Inc").build());
        assertThatIllegalArgumentException().isThrownBy(() -> twoFactor.beginEnrollment(ALICE, "alice:bob"));
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
    @DisplayName("[53] GoogleAuth: the secret goes to no third party, because no class here can open a connection")
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
    @ValueSource(ints = {10, 15})
    @DisplayName("[54] aerogear, kotlin-onetimepassword, CVE-2024-8796: 80 and 120 bits are refused, 128 are not")
    void secret_under128Bits_isRefused(int bytes) {
        String text = "A".repeat(bytes * 8 / 5);

        assertThatIllegalArgumentException().isThrownBy(() -> SharedSecret.fromBytes(new byte[bytes]));
        assertThatIllegalArgumentException().isThrownBy(() -> SharedSecret.fromBase32(text));
        assertThatIllegalArgumentException().isThrownBy(() -> KeyUri.parse("otpauth://totp/alice?secret=" + text));
        assertThat(SharedSecret.fromBytes(new byte[16]).toBytes()).hasSize(16);
    }

    private StoredRecord row(UserId user) {
        return world.store.find(user.value()).orElseThrow();
    }

    private void isUnreadable(UserId user, long version, byte[] payload) {
        StoredRecord row = StoredRecord.of(user.value(), version, payload);
        world.rows.put(user.value(), Base64.getEncoder().encodeToString(row.toBytes()));
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> twoFactor.signInRequirement(user, null));
        assertThat(row(user)).isEqualTo(row);
    }

    @Test
    @DisplayName("[55] A row edited by hand: another user's")
    void row_copiedToAnotherUser_isUnreadable() {
        world.enroll(ALICE);
        world.enroll(BOB);
        StoredRecord alices = row(ALICE);

        isUnreadable(BOB, row(BOB).version(), alices.payload());
        isUnreadable(BOB, alices.version(), alices.payload());
    }

    @Test
    @DisplayName("[55] A row edited by hand: an older row's payload under a newer version, and a version moved")
    void row_ofAnotherVersion_isUnreadable() {
        Phone phone = world.enroll().phone();
        StoredRecord older = row(ALICE);
        world.prove(phone);
        StoredRecord newer = row(ALICE);
        assertThat(newer.version()).isEqualTo(older.version() + 1);

        isUnreadable(ALICE, newer.version(), older.payload());
        isUnreadable(ALICE, older.version(), newer.payload());
        isUnreadable(ALICE, newer.version() + 1, newer.payload());
    }

    @Test
    @DisplayName("[55] A row edited by hand: any one bit")
    void row_withOneBitFlipped_isUnreadable() {
        world.importApp();
        StoredRecord row = row(ALICE);

        for (int bit = 0; bit < row.payload().length * 8; bit++) {
            byte[] flipped = row.payload();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            isUnreadable(ALICE, row.version(), flipped);
        }
    }

    @Test
    @DisplayName("[55] A row edited by hand: cut off anywhere, longer than it was, or as long as can be")
    void row_ofAnotherLength_isUnreadable() {
        world.importApp();
        StoredRecord row = row(ALICE);
        byte[] payload = row.payload();

        IntStream.range(1, payload.length)
                .forEach(length -> isUnreadable(ALICE, row.version(), Arrays.copyOf(payload, length)));
        isUnreadable(ALICE, row.version(), Arrays.copyOf(payload, payload.length + 1));
        isUnreadable(ALICE, row.version(), Arrays.copyOf(payload, StoredRecord.MAX_PAYLOAD_BYTES));
        isUnreadable(ALICE, row.version(), new byte[StoredRecord.MAX_PAYLOAD_BYTES]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> StoredRecord.of("42", 1, new byte[StoredRecord.MAX_PAYLOAD_BYTES + 1]));
    }
}
