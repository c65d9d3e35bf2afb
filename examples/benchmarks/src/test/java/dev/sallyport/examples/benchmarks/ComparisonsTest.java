// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.otp.KeyUri;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A comparison is worth something where all contestants do the job. */
class ComparisonsTest {
    /** More than there are secrets, so that each has its turn. */
    private static final int RUNS = 2 * Secrets.COUNT;

    private static List<Object> answers(Contestant contestant, int runs) throws Exception {
        List<Object> answers = new ArrayList<>();
        contestant.operation().prepare(runs);
        for (int i = 0; i < runs; i++) {
            answers.add(contestant.operation().run());
        }
        return answers;
    }

    private static boolean accepts(Object answer) {
        if (answer instanceof OptionalLong found) {
            return found.isPresent();
        }
        // Keycloak's HOTP gives the next counter, or -1.
        return answer instanceof Integer counter ? counter >= 0 : (Boolean) answer;
    }

    @ParameterizedTest
    @MethodSource("names")
    void contestant_ofAnyComparison_hasAnAnswer(String name) throws Exception {
        for (Contestant contestant : Comparisons.named(name).withControl().contestants()) {
            assertThat(answers(contestant, 1)).as(contestant.name()).doesNotContainNull();
        }
    }

    static List<String> names() {
        return Comparisons.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void goals_ofAnyComparison_areAboutItsContestants(String name) {
        Comparison comparison = Comparisons.named(name);
        List<String> contestants =
                comparison.contestants().stream().map(Contestant::name).toList();

        assertThat(contestants).doesNotHaveDuplicates();
        for (Goal goal : comparison.goals()) {
            assertThat(contestants).contains(goal.contestant(), goal.other());
        }
    }

    @Test
    void verifiers_wrongCode_refuseIt() throws Exception {
        for (String name : List.of("totp-wrong", "hotp-wrong")) {
            for (Contestant contestant : Comparisons.named(name).contestants()) {
                assertThat(answers(contestant, RUNS)).as(contestant.name()).noneMatch(ComparisonsTest::accepts);
            }
        }
    }

    @Test
    void verifiers_rightCode_acceptIt() throws Exception {
        for (Contestant contestant : Comparisons.named("totp-right").contestants()) {
            assertThat(answers(contestant, RUNS)).as(contestant.name()).allMatch(ComparisonsTest::accepts);
        }
    }

    @Test
    void generators_sameSecrets_giveTheSameCodes() throws Exception {
        List<String> first = null;
        for (Contestant contestant : Comparisons.named("totp-generate").contestants()) {
            // The secrets go round, and come back to where they were.
            List<String> codes = answers(contestant, RUNS).stream()
                    .map(code -> code instanceof Integer number ? String.format(Locale.ROOT, "%06d", number) : code)
                    .map(String.class::cast)
                    .toList();
            first = first == null ? codes : first;

            assertThat(codes).as(contestant.name()).isEqualTo(first);
        }
    }

    @Test
    void builders_sameSecrets_giveUrisOfTheSameContent() throws Exception {
        for (Contestant contestant : Comparisons.named("uri-build").contestants()) {
            assertThat(answers(contestant, RUNS))
                    .as(contestant.name())
                    .allSatisfy(uri -> assertThat(uri.toString())
                            .startsWith("otpauth://totp/")
                            .contains("alice", "secret="));
        }
    }

    @Test
    void parser_itsOwnUri_readsIt() throws Exception {
        Contestant sallyport = Comparisons.named("uri-parse").contestants().get(0);

        assertThat(answers(sallyport, RUNS))
                .allSatisfy(uri -> assertThat(((KeyUri) uri).issuer()).isEqualTo("Acme"));
    }

    @Test
    void macs_anyWay_giveTheSame() throws Exception {
        for (String name : List.of("hmac-3", "hmac-11")) {
            List<Object> first = null;
            for (Contestant contestant : Comparisons.named(name).contestants()) {
                List<Object> answers = answers(contestant, RUNS);
                first = first == null ? answers : first;

                assertThat(answers).as(contestant.name()).isEqualTo(first);
            }
        }
    }

    @Test
    void pictures_ofSallyport_areAsSmallAsTheyShallBe() throws Exception {
        Comparison pictures = Comparisons.named("qr");
        byte[] png = (byte[]) answers(pictures.contestants().get(0), 1).get(0);
        String svg = (String) answers(pictures.contestants().get(1), 1).get(0);

        assertThat(ByteBuffer.wrap(png).getInt()).isEqualTo(0x89504E47);
        assertThat(png).hasSizeLessThanOrEqualTo(1_100);
        assertThat(svg).hasSizeLessThanOrEqualTo(5_000);
    }
}
