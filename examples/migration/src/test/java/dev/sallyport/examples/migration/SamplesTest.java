// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.KeyRing;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.examples.migration.CommandLineRun.Result;
import dev.sallyport.examples.migration.Sample.Known;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.codec.binary.Base32;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The samples that come with the example, one for each format. */
class SamplesTest {
    private static final Instant AFTERWARDS = CommandLineRun.NOW.plus(Duration.ofMinutes(20));

    @TempDir
    private Path directory;

    static Stream<Sample> samples() {
        return Sample.all().stream();
    }

    @ParameterizedTest
    @MethodSource("samples")
    @DisplayName("What comes over gives the codes of the source, as oathtool computes them")
    void codesOfOathtool_afterTheMove_signIn(Sample sample) throws Exception {
        Oathtool.require();
        try (TestDatabase database = TestDatabase.h2()) {
            Result moved = CommandLineRun.into(database.url())
                    .from(sample)
                    .with("--create-table")
                    .reportTo(directory.resolve("report"))
                    .run();

            assertThat(moved.status()).as(moved.everything()).isEqualTo(sample.status());
            TwoFactor twoFactor = application(database, AFTERWARDS);
            for (Known known : sample.authenticators()) {
                List<String> codes = Oathtool.codes(known, AFTERWARDS);
                assertThat(signIn(twoFactor, known, codes))
                        .as("%s %s", known.user(), known.oathtool())
                        .isInstanceOf(Verified.class);
                assertThat(signIn(twoFactor, known, codes)).isInstanceOf(Rejected.class);
            }
        }
    }

    /** A token whose clock is off by more than a step is found by two codes. */
    private static VerificationResult signIn(TwoFactor twoFactor, Known known, List<String> codes) {
        Challenge challenge = challenge(twoFactor, UserId.of(known.user()));
        return known.drift() == 0
                ? twoFactor.verify(challenge, codes.get(0))
                : twoFactor.verify(challenge, codes.get(0), codes.get(1));
    }

    @ParameterizedTest
    @MethodSource("samples")
    @DisplayName("Codes of the moment of the move are used where the source does not say its last step")
    void codeOfTheMomentOfTheMove_withoutALastStep_isRejected(Sample sample) throws Exception {
        Oathtool.require();
        try (TestDatabase database = TestDatabase.h2()) {
            CommandLineRun.into(database.url())
                    .from(sample)
                    .with("--create-table")
                    .reportTo(directory.resolve("report"))
                    .run();

            TwoFactor twoFactor = application(database, CommandLineRun.NOW);
            for (Known known : sample.authenticators()) {
                // alice's last step is in two of the samples.
                boolean lastStepKnown = List.of("django-otp", "csv").contains(sample.format())
                        && List.of("1", "1001").contains(known.user())
                        && known.period() == 30;
                if (known.isTimeBased() && known.drift() == 0) {
                    Challenge challenge = challenge(twoFactor, UserId.of(known.user()));
                    String code = Oathtool.codes(known, CommandLineRun.NOW).get(0);
                    assertThat(twoFactor.verify(challenge, code))
                            .isInstanceOf(lastStepKnown ? Verified.class : Rejected.class);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    @DisplayName("No output contains a secret in any form")
    void everyOutput_ofEverySample_containsNoSecret(Sample sample) throws Exception {
        try (TestDatabase database = TestDatabase.h2()) {
            Path report = directory.resolve("report");
            String said = CommandLineRun.into(database.url())
                    .from(sample)
                    .dryRun()
                    .reportTo(report)
                    .run()
                    .everything();
            said += CommandLineRun.into(database.url())
                    .from(sample)
                    .with("--create-table")
                    .reportTo(report)
                    .run()
                    .everything();
            said += CommandLineRun.into(database.url())
                    .from(sample)
                    .reportTo(report)
                    .run()
                    .everything();

            assertThat(said).contains("Exit code " + sample.status());
            assertNoSecret(sample, said);
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    @DisplayName("A file that is cut off or changed gives a report or an error, and shows no secret")
    void brokenFile_isReportedOrRefused_withoutASecret(Sample sample) throws Exception {
        String whole = TextFile.read(sample.file());
        Path broken = directory.resolve("broken");
        Path report = directory.resolve("report");
        try (TestDatabase database = TestDatabase.h2()) {
            for (int i = 0; i < 40; i++) {
                int at = whole.length() * i / 40;
                String text = i % 2 == 0 ? whole.substring(0, at) : whole.substring(0, at) + "\"" + whole.substring(at);
                Files.writeString(broken, text);
                CommandLineRun run = CommandLineRun.into(database.url()).from(sample.format(), broken);
                sample.environment().forEach(run::environment);
                Result result = run.with(sample.args().toArray(String[]::new))
                        .dryRun()
                        .reportTo(report)
                        .run();

                assertThat(result.status())
                        .as("broken at %s: %s", at, result.err())
                        .isBetween(0, Migration.BAD_INPUT);
                if (result.status() == Migration.BAD_INPUT) {
                    assertThat(result.err())
                            .startsWith("migrate: ")
                            .contains(": ")
                            .hasLineCount(1);
                }
                assertNoSecret(sample, result.everything());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    @DisplayName("The search for secrets finds one that was planted")
    void plantedSecret_isFound(Sample sample) {
        for (Known known : sample.authenticators()) {
            for (String form : formsOf(known.secret())) {
                assertThatThrownBy(() -> assertNoSecret(sample, "it begins with " + form.substring(0, 10)))
                        .isInstanceOf(AssertionError.class);
            }
        }
    }

    private static void assertNoSecret(Sample sample, String said) {
        List<String> secrets = new ArrayList<>(sample.otherSecrets());
        sample.authenticators().forEach(known -> secrets.add(known.secret()));
        String lower = said.toLowerCase(Locale.ROOT);
        for (String secret : secrets) {
            for (String form : formsOf(secret)) {
                // Parts, too: a parser may quote the beginning of what it could not read.
                String part = form.substring(0, Math.min(form.length(), 8)).toLowerCase(Locale.ROOT);
                if (!part.startsWith("secret-o")) {
                    assertThat(lower).doesNotContain(part);
                }
                assertThat(lower).doesNotContain(form.toLowerCase(Locale.ROOT));
            }
        }
        assertThat(lower).doesNotContain("secret-of-");
    }

    private static List<String> formsOf(String secret) {
        byte[] bytes = secret.getBytes(ISO_8859_1);
        String base32 = new Base32().encodeToString(bytes).replace("=", "");
        String base64 = Base64.getEncoder().encodeToString(bytes).replace("=", "");
        return List.of(
                secret,
                base32,
                HexFormat.of().formatHex(bytes),
                base64,
                Base64.getEncoder().encodeToString(base32.getBytes(ISO_8859_1)).replace("=", ""));
    }

    private static TwoFactor application(TestDatabase database, Instant now) throws BadInput {
        return TwoFactor.builder()
                .issuer("Acme")
                .store(database.store("sallyport_record"))
                .encryptionKeys(keys())
                .clock(InstantSource.fixed(now))
                .build();
    }

    private static KeyRing keys() throws BadInput {
        return Keys.read("test", CommandLineRun.KEYS);
    }

    private static Challenge challenge(TwoFactor twoFactor, UserId user) {
        return ((CodeRequired) twoFactor.signInRequirement(user, Browser.none())).challenge();
    }
}
