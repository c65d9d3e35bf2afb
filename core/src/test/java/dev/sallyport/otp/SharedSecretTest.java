// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.io.Serializable;
import java.lang.reflect.Field;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SharedSecretTest {
    private static final String RFC_BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (i + 1);
        }
        return bytes;
    }

    @Nested
    class Generate {
        @Test
        @DisplayName("[54] RFC 4226 section 4: \"This document RECOMMENDs a shared secret length of 160 bits\""
                + " (Keycloak, aerogear, kotlin-onetimepassword)")
        void generate_has160Bits() {
            assertThat(SharedSecret.generate().toBytes()).hasSize(20);
            assertThat(SharedSecret.generate().toBase32()).hasSize(32).doesNotContain("=");
        }

        @ParameterizedTest
        @CsvSource({"SHA1, 20", "SHA256, 32", "SHA512, 64"})
        @DisplayName("RFC 6238 section 5.1: \"The keys SHOULD be of the length of the HMAC output\"")
        void generate_forAnAlgorithm_isAsLongAsItsHash(HmacAlgorithm algorithm, int bytes) {
            assertThat(SharedSecret.generate(algorithm).toBytes()).hasSize(bytes);
            assertThat(SharedSecret.generate(algorithm)).isNotEqualTo(SharedSecret.generate(algorithm));
        }

        @Test
        @DisplayName("RFC 6238 section 3, R5: \"There MUST be a unique secret (key) for each prover\"")
        void generate_manyTimes_neverRepeats() {
            assertThat(IntStream.range(0, 10_000)
                            .mapToObj(i -> SharedSecret.generate().toBase32()))
                    .doesNotHaveDuplicates();
        }
    }

    @Nested
    class FromBytes {
        @ParameterizedTest
        @ValueSource(ints = {0, 1, 9, 129, 1000})
        void fromBytes_lengthOutOfRange_isRefused(int length) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SharedSecret.fromBytes(new byte[length]))
                    .withMessage("a shared secret has 10 to 128 bytes, not " + length);
        }

        @ParameterizedTest
        @ValueSource(ints = {10, 12, 15, 16, 20, 32, 64, 80, 128})
        void fromBytes_lengthInRange_isKept(int length) {
            assertThat(SharedSecret.fromBytes(bytes(length)).toBytes()).isEqualTo(bytes(length));
        }

        @Test
        void fromBytes_arrayChangedAfterwards_doesNotChangeTheSecret() {
            byte[] given = bytes(20);
            SharedSecret secret = SharedSecret.fromBytes(given);

            given[0] = 99;

            assertThat(secret.toBytes()).isEqualTo(bytes(20));
        }
    }

    @Nested
    class ToBytes {
        @Test
        void toBytes_copyChanged_doesNotChangeTheSecret() {
            SharedSecret secret = SharedSecret.fromBytes(bytes(20));

            secret.toBytes()[0] = 99;

            assertThat(secret.toBytes()).isEqualTo(bytes(20));
        }
    }

    @Nested
    class ToBase32 {
        @Test
        void toBase32_rfcSecret_isUpperCaseWithoutPadding() {
            assertThat(RfcSecrets.BYTES_20.toBase32()).isEqualTo(RFC_BASE32);
        }

        @ParameterizedTest
        @CsvSource({
            "16, AEBAGBAFAYDQQCIKBMGA2DQPCA",
            "17, AEBAGBAFAYDQQCIKBMGA2DQPCAIQ",
            "18, AEBAGBAFAYDQQCIKBMGA2DQPCAIRE",
            "19, AEBAGBAFAYDQQCIKBMGA2DQPCAIREEY",
            "20, AEBAGBAFAYDQQCIKBMGA2DQPCAIREEYU"
        })
        void toBase32_anyLengthOfTheLastGroup_hasNoPadding(int length, String base32) {
            assertThat(SharedSecret.fromBytes(bytes(length)).toBase32()).isEqualTo(base32);
            assertThat(SharedSecret.fromBase32(base32).toBytes()).isEqualTo(bytes(length));
        }
    }

    @Nested
    class FromBase32 {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    RFC_BASE32,
                    "gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
                    "GeZdGnBvGy3TqOjQgEzDgNbVgY3tQoJq",
                    "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ",
                    "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ",
                    "  gezd gnbv-gy3t qojq--gezdgnbvgy3tqojq  ",
                    RFC_BASE32 + "=",
                    RFC_BASE32 + "======",
                    RFC_BASE32 + "====================",
                    RFC_BASE32 + " = = -=",
                    RFC_BASE32 + "=\n",
                    RFC_BASE32 + "\n",
                    RFC_BASE32 + "\r\n",
                    "\t" + RFC_BASE32,
                    "GEZDGNBVGY3TQOJQ\nGEZDGNBVGY3TQOJQ",
                    "GEZDGNBVGY3TQOJQ\tGEZDGNBVGY3TQOJQ",
                    "GEZD\u00A0GNBV\u2009GY3T\u202FQOJQ\u3000GEZD\u0085GNBV\u2028GY3TQOJQ\u00A0",
                    "GEZD\u2010GNBV\u2011GY3T\u2013QOJQ\u2014GEZD\u2212GNBV\uFF0DGY3T\u00B7QOJQ",
                    "\uFEFFGEZD\u200BGNBV\u00ADGY3TQOJQ\u200EGEZDGNBVGY3TQOJQ\u2069",
                    "\uDB40\uDC20" + RFC_BASE32
                })
        void fromBase32_whatIsForgiven_isRead(String text) {
            assertThat(SharedSecret.fromBase32(text)).isEqualTo(RfcSecrets.BYTES_20);
        }

        @Test
        void fromBase32_wholeAlphabetInLowerCase_isRead() {
            assertThat(SharedSecret.fromBase32("abcdefghijklmnopqrstuvwxyz234567")
                            .toBase32())
                    .isEqualTo("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
        }

        static Stream<String> charactersOutsideTheAlphabet() {
            return Stream.of(
                    "0",
                    "1",
                    "8",
                    "9",
                    "+",
                    "/",
                    "_",
                    ".",
                    "&",
                    "%",
                    "*",
                    "\u0000",
                    "\u001F",
                    "\u00E9",
                    "\u0131",
                    "\u0130",
                    "\u017F",
                    "\uFF21",
                    "\uFF12",
                    "\u0662",
                    "\u2022",
                    "\uD83D\uDD11",
                    "\uD800");
        }

        @ParameterizedTest
        @MethodSource("charactersOutsideTheAlphabet")
        void fromBase32_characterOutsideTheAlphabet_isRefusedByItsPosition(String character) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SharedSecret.fromBase32("GEZDGN" + character + "BVGY3TQOJQGEZDGNBVGY3TQOJQ"))
                    .withMessage("character 7 of the Base32 text of a shared secret is none of A to Z and 2 to 7");
        }

        @ParameterizedTest
        @CsvSource({
            "JBSWY3DPEHPK3PX0, 16",
            "JBSW Y3DP 1HPK, 11",
            "8BSWY3DPEHPK3PXP, 1",
            "3132333435363738393031323334353637383930, 2",
            "0x3132333435363738393031323334353637383930, 1"
        })
        void fromBase32_digitThatMayStandForALetterOrHex_isRefusedByItsPosition(String text, int position) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SharedSecret.fromBase32(text))
                    .withMessage("character " + position
                            + " of the Base32 text of a shared secret is none of A to Z and 2 to 7");
        }

        @Test
        void fromBase32_characterBehindOneOfTwoCharsInJava_isRefusedByItsPositionForPeople() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SharedSecret.fromBase32("\uDB40\uDC20GEZD0"))
                    .withMessageStartingWith("character 6 ");
        }

        @Test
        @DisplayName("[52] otp-java: a secret that would add a parameter to a key URI")
        void fromBase32_withParameterBehindIt_isRefused() {
            assertThatIllegalArgumentException().isThrownBy(() -> SharedSecret.fromBase32("ABC&issuer=evil"));
            assertThatIllegalArgumentException().isThrownBy(() -> SharedSecret.fromBase32(RFC_BASE32 + "&issuer=evil"));
        }

        @Test
        void fromBase32_paddingInTheMiddle_isRefused() {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SharedSecret.fromBase32("GEZDGNBVGY3TQOJQ=GEZDGNBVGY3TQOJQ"))
                    .withMessage("character 18 of the Base32 text of a shared secret is after the = at its end");
        }

        @ParameterizedTest
        @CsvSource({
            "AEBAGBAFAYDQQCIKBMGA2DQPCB, 16",
            "AEBAGBAFAYDQQCIKBMGA2DQPCAIR, 17",
            "AEBAGBAFAYDQQCIKBMGA2DQPCAIRF, 18",
            "AEBAGBAFAYDQQCIKBMGA2DQPCAIREEZ, 19"
        })
        @DisplayName(
                "RFC 4648 section 3.5 lets a decoder refuse bits that fill no byte. Authenticator apps ignore them")
        void fromBase32_looseBitsThatAreNotZero_areDropped(String text, int length) {
            assertThat(SharedSecret.fromBase32(text)).isEqualTo(SharedSecret.fromBytes(bytes(length)));
        }

        @Test
        void fromBase32_randomLettersOfAnotherSystem_areRead() {
            assertThat(SharedSecret.fromBase32("S46SQCPPTCNPROMHWYBDCTBZXV").toBase32())
                    .isEqualTo("S46SQCPPTCNPROMHWYBDCTBZXU");
        }

        @ParameterizedTest
        @ValueSource(ints = {17, 19, 22, 25, 27, 30, 33, 35, 38, 97})
        void fromBase32_lengthThatNoBytesHave_isRefused(int symbols) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SharedSecret.fromBase32("A".repeat(symbols)))
                    .withMessage("the Base32 text of a shared secret is cut off or has a letter too many:"
                            + " no number of bytes is written with " + symbols + " letters");
        }

        @ParameterizedTest
        @CsvSource({"16, 10", "20, 12", "24, 15", "128, 80", "205, 128"})
        void fromBase32_lengthsOfOtherSystems_areRead(int symbols, int length) {
            assertThat(SharedSecret.fromBase32("A".repeat(symbols)).toBytes()).isEqualTo(new byte[length]);
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "   ", "====", "ABCDEFGH", "JBSWY3DPEHPK3PX"})
        void fromBase32_tooShort_isRefused(String text) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SharedSecret.fromBase32(text))
                    .withMessageStartingWith("a shared secret has 10 to 128 bytes");
        }

        @ParameterizedTest
        @ValueSource(ints = {207, 1000, 1 << 20})
        void fromBase32_tooLong_isRefused(int symbols) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> SharedSecret.fromBase32("A".repeat(symbols)))
                    .withMessageStartingWith("a shared secret has 10 to 128 bytes");
        }

        @Test
        @SuppressWarnings("NullAway")
        void fromBase32_null_isRefused() {
            assertThatNullPointerException().isThrownBy(() -> SharedSecret.fromBase32(null));
        }
    }

    @Nested
    class Destroy {
        private final SharedSecret secret = SharedSecret.fromBytes(bytes(20));

        @Test
        void destroy_thenUse_isRefused() {
            assertThat(secret.isDestroyed()).isFalse();

            secret.destroy();

            assertThat(secret.isDestroyed()).isTrue();
            assertThatIllegalStateException().isThrownBy(secret::toBytes).withMessage("the shared secret is destroyed");
            assertThatIllegalStateException().isThrownBy(secret::toBase32);
        }

        @Test
        void destroy_twice_isAllowed() {
            secret.destroy();
            secret.destroy();

            assertThat(secret.isDestroyed()).isTrue();
        }

        @Test
        void destroy_overwritesTheBytes() throws ReflectiveOperationException {
            Field field = SharedSecret.class.getDeclaredField("bytes");
            field.setAccessible(true);
            byte[] kept = (byte[]) field.get(secret);
            assertThat(kept).isEqualTo(bytes(20));

            secret.destroy();

            assertThat(kept).containsOnly(0);
        }

        @Test
        void destroy_whileAnotherThreadUsesIt_isSeenWhollyOrNotAtAll() {
            for (int i = 0; i < 2000; i++) {
                SharedSecret shared = SharedSecret.fromBytes(bytes(64));
                CompletableFuture<byte[]> other = CompletableFuture.supplyAsync(shared::toBytes);

                shared.destroy();

                byte[] seen = other.exceptionally(e -> {
                            assertThat(e).hasCauseInstanceOf(IllegalStateException.class);
                            return bytes(64);
                        })
                        .join();
                assertThat(seen).isEqualTo(bytes(64));
            }
        }

        @Test
        void destroy_doesNotReachTheCopyGivenAway() {
            byte[] copy = secret.toBytes();

            secret.destroy();

            assertThat(copy).isEqualTo(bytes(20));
        }
    }

    @Nested
    class Equals {
        private final SharedSecret secret = SharedSecret.fromBytes(bytes(20));

        @Test
        void equals_sameBytes_isTrue() {
            assertThat(secret)
                    .isEqualTo(SharedSecret.fromBytes(bytes(20)))
                    .hasSameHashCodeAs(SharedSecret.fromBytes(bytes(20)));
        }

        @Test
        void equals_otherBytes_isFalse() {
            byte[] other = bytes(20);
            other[19] ^= 1;

            assertThat(secret)
                    .isNotEqualTo(SharedSecret.fromBytes(other))
                    .isNotEqualTo(SharedSecret.fromBytes(bytes(21)))
                    .isNotEqualTo("secret")
                    .isNotEqualTo(null);
        }

        @Test
        void equals_destroyed_isEqualToItselfAlone() {
            SharedSecret destroyed = SharedSecret.fromBytes(bytes(20));
            destroyed.destroy();
            SharedSecret alsoDestroyed = SharedSecret.fromBytes(bytes(20));
            alsoDestroyed.destroy();

            Object itself = destroyed;
            assertThat(destroyed).isEqualTo(itself).isNotEqualTo(alsoDestroyed).isNotEqualTo(secret);
            assertThat(secret).isNotEqualTo(destroyed);
        }
    }

    @Nested
    class Redaction {
        @Test
        @DisplayName("[45] KeeperHub #1518: neither toString nor hashCode says anything about the secret")
        void toString_anySecret_isTheSame() {
            SharedSecret one = SharedSecret.generate();
            SharedSecret other = SharedSecret.fromBytes(bytes(32));

            assertThat(one).hasToString("SharedSecret[redacted]").hasSameHashCodeAs(other);
            assertThat(other).hasToString("SharedSecret[redacted]");
        }

        @Test
        void sharedSecret_isNotSerializable() {
            assertThat(RfcSecrets.BYTES_20).isNotInstanceOf(Serializable.class);
        }
    }
}
