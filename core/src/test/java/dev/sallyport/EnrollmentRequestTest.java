// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names as user directories have them. None of them keeps a user from enrolling. */
class EnrollmentRequestTest {
    private static final String THAI_LETTER = "\u0e01"; // three bytes of UTF-8
    private static final String ELLIPSIS = "\u2026"; // three bytes of UTF-8

    private static String nameOf(String given) {
        return EnrollmentRequest.of(given).accountName();
    }

    private static int bytes(String text) {
        return text.getBytes(UTF_8).length;
    }

    /** What an app would show after the QR code was scanned. */
    private static String shownByAnApp(String given) {
        World world = new World();
        return world.twoFactor
                .beginEnrollment(World.ALICE, EnrollmentRequest.of(given))
                .keyUri()
                .accountName();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@alice:matrix.example",
                "urn:example:alice",
                "acct:alice@example.com",
                ":alice",
                "alice:",
                "EU123412341234:"
            })
    @DisplayName("A colon is kept")
    void of_withColons_isKept(String given) {
        assertThat(nameOf(given)).isEqualTo(given);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alice@acme.example",
                "alice smith",
                "100% & more + #1 / ?",
                "\u0410\u043b\u0438\u0441\u0430",
                "\ud83d\ude00 smile",
                "uid=alice,ou=people,dc=example"
            })
    void of_anyLetters_isKeptAndShown(String given) {
        assertThat(nameOf(given)).isEqualTo(given);
        assertThat(shownByAnApp(given)).isEqualTo(given);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "alice ",
                " alice",
                "alice\u00a0",
                "\u3000alice\u2009",
                "\talice\r\n",
                "al\nice",
                "al\u0000i\u0085ce",
                "alice\u007f",
                "alice \n ",
                "\n \nalice",
                "alice\ud800",
                "\udc00alice",
                "alice\u2028"
            })
    @DisplayName("A blank at an end (CHAR columns) is stripped; a line feed inside is dropped")
    void of_blanksAtTheEndsAndControlCharacters_areDropped(String given) {
        assertThat(nameOf(given)).isEqualTo("alice");
        assertThat(shownByAnApp(given)).isEqualTo("alice");
    }

    @Test
    void of_blanksInside_areKept() {
        assertThat(nameOf("alice \u00a0 smith")).isEqualTo("alice \u00a0 smith");
    }

    @Test
    void of_128Bytes_isKept() {
        assertThat(nameOf("x".repeat(128))).isEqualTo("x".repeat(128));
        assertThat(nameOf("\u00e9".repeat(64))).isEqualTo("\u00e9".repeat(64));
        assertThat(nameOf("  " + "x".repeat(128) + "\n")).isEqualTo("x".repeat(128));
    }

    @Test
    @DisplayName("An LDAP distinguished name of 129 bytes is shortened")
    void of_129Bytes_isCutToUpTo128() {
        assertThat(nameOf("x".repeat(129))).isEqualTo("x".repeat(125) + ELLIPSIS);
    }

    @Test
    @DisplayName("48 Thai letters are 144 bytes: they are shortened at a code point's border")
    void of_48ThaiLetters_isCutBetweenTwoLetters() {
        String name = nameOf(THAI_LETTER.repeat(48));

        assertThat(name).isEqualTo(THAI_LETTER.repeat(41) + ELLIPSIS);
        assertThat(bytes(name)).isEqualTo(126);
        assertThat(shownByAnApp(THAI_LETTER.repeat(48))).isEqualTo(name);
    }

    @ParameterizedTest
    @CsvSource({"0, 31", "1, 31", "2, 30", "3, 30", "4, 30"})
    void of_emoji_isNotCutInTheMiddleOfASurrogatePair(int asciiBefore, int emojiLeft) {
        String emoji = "\ud83d\ude00"; // four bytes of UTF-8

        String name = nameOf("x".repeat(asciiBefore) + emoji.repeat(40));

        assertThat(name).isEqualTo("x".repeat(asciiBefore) + emoji.repeat(emojiLeft) + ELLIPSIS);
        assertThat(bytes(name)).isBetween(125, 128);
    }

    @Test
    void of_tooLongWithABlankWhereItIsCut_hasNoBlankBeforeTheEllipsis() {
        assertThat(nameOf("x".repeat(124) + " " + "y".repeat(10))).isEqualTo("x".repeat(124) + ELLIPSIS);
    }

    @Test
    void of_aMegabyte_isCut() {
        assertThat(bytes(nameOf("\u00e9".repeat(1 << 19)))).isEqualTo(127);
    }

    @Test
    @DisplayName("Never throws on a name: every code point of the basic plane, alone and between letters")
    void of_anyCodePoint_isTakenUnlessNothingIsLeft() {
        for (int c = 0; c <= 0xFFFF; c++) {
            String text = String.valueOf((char) c);
            assertThatCode(() -> nameOf("a" + text + "b")).doesNotThrowAnyException();
            assertThatCode(() -> nameOf("a" + text)).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n", "\u0000\u0085", "\u00a0\u3000", "\ud800", " \t\r\n "})
    void of_nothingLeft_isRefused(String given) {
        assertThatIllegalArgumentException().isThrownBy(() -> EnrollmentRequest.of(given));
    }

    @Test
    void of_aName_hasTheUsualLabelNoBrowserAndANewSecret() {
        EnrollmentRequest request = EnrollmentRequest.of("alice");

        assertThat(request.label()).isEqualTo("Authenticator app");
        assertThat(request.browser()).isEqualTo(Browser.none());
        assertThat(request.existing()).isEmpty();
    }

    @Test
    void with_anything_keepsTheRest() {
        ExistingAuthenticator token =
                ExistingAuthenticator.totp(SharedSecret.fromBase32(Phone.RFC_SECRET), TotpParameters.DEFAULT);

        List<EnrollmentRequest> inAnyOrder = List.of(
                EnrollmentRequest.of("alice")
                        .label("Token")
                        .browser(World.FIREFOX)
                        .existing(token),
                EnrollmentRequest.of("alice").existing(token).label("Token").browser(World.FIREFOX),
                EnrollmentRequest.of("alice")
                        .browser(World.FIREFOX)
                        .existing(token)
                        .label("Token"));

        assertThat(inAnyOrder).containsOnly(new EnrollmentRequest("alice", "Token", World.FIREFOX, Optional.of(token)));
    }
}
