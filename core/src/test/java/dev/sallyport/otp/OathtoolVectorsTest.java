// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.json.Vectors;
import dev.sallyport.json.Vectors.Vector;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The codes of the test vectors are those of {@code oathtool}. Skipped and failed as {@link OathtoolTest} is. */
@DisplayName("The test vectors have the codes of oathtool")
class OathtoolVectorsTest {
    @BeforeAll
    static void findOathtool() throws IOException, InterruptedException {
        OathtoolTest.findOathtool();
    }

    static Stream<Vector> hotp() {
        return Vectors.of("hotp").filter(Vector::isAccepted);
    }

    @ParameterizedTest
    @MethodSource("hotp")
    void code_ofAnHotpVector_isThatOfOathtool(Vector vector) throws IOException, InterruptedException {
        String counter = vector.text("matchedCounter");
        // There is no HOTP with other hash functions, but a time step of one second is a counter.
        List<String> arguments = vector.text("algorithm").equals("SHA1")
                ? List.of("--hotp", "--counter=" + counter)
                : List.of("--totp=" + vector.text("algorithm"), "--time-step-size=1s", "--now=@" + counter);

        assertThat(codeOf(vector, arguments)).isEqualTo(vector.text("code"));
    }

    /** There are no times before T0. */
    static Stream<Vector> totp() {
        return Vectors.of("totp").filter(Vector::isAccepted).filter(vector -> vector.large("matchedStep") >= 0);
    }

    @ParameterizedTest
    @MethodSource("totp")
    void code_ofATotpVector_isThatOfOathtool(Vector vector) throws IOException, InterruptedException {
        long at = vector.large("t0") + vector.large("matchedStep") * vector.number("period");

        assertThat(codeOf(
                        vector,
                        List.of(
                                "--totp=" + vector.text("algorithm"),
                                "--time-step-size=" + vector.number("period") + "s",
                                "--start-time=@" + vector.text("t0"),
                                "--now=@" + at)))
                .isEqualTo(vector.text("code"));
    }

    private static String codeOf(Vector vector, List<String> arguments) throws IOException, InterruptedException {
        List<String> all = Stream.concat(
                        arguments.stream(), Stream.of("--digits=" + vector.number("digits"), vector.text("secretHex")))
                .toList();
        return OathtoolTest.oathtool(all).get(0);
    }
}
