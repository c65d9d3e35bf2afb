// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static dev.sallyport.World.FIREFOX;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The snippet that everybody copies compiles, and is the one that the Javadoc shows. */
class JavadocSnippetTest {
    private static final Pattern IN_JAVADOC =
            Pattern.compile(" \\* <pre>\\{@code\n(.*?)\n \\* }</pre>", Pattern.DOTALL);
    private static final Pattern IN_THIS_TEST =
            Pattern.compile(" // --- begin ---\n(.*?)\n +// --- end ---", Pattern.DOTALL);

    @SuppressWarnings({"DuplicateBranches", "UnusedVariable"}) // the comments say what is to be done
    private static void snippet(
            TwoFactorStore store,
            String secretFromYourVault,
            UserId alice,
            Browser browser,
            Challenge challenge,
            String typed) {
        // --- begin ---
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store) // on your database
                .encryptionKeys(KeyRing.fromBase64("2026-11", secretFromYourVault))
                .build();

        // Sign in, after the password
        SignInRequirement next = twoFactor.signInRequirement(alice, browser);
        if (next instanceof NoCodeRequired free) {
            // signed in: keep free.stamp() in the session
        } else if (next instanceof CodeRequired code) {
            // not signed in: keep code.challenge() in the session, show the code page
        }

        // The code page
        VerificationResult result = twoFactor.verify(challenge, typed);
        if (result instanceof Verified proof) {
            // signed in: keep proof.stamp() in the session, set proof.browserToken() as a cookie
        } else if (result instanceof LockedOut locked) {
            // too many attempts: a backup code passes; codes are compared again at locked.until()
        } else if (result instanceof SignInAgain) {
            // too late, or trust has ended: ask for the password again
        } else if (result instanceof Malformed) {
            // that does not look like a code
        } else {
            // Rejected: not right, or used already
        }
        // --- end ---
    }

    private static String find(Pattern pattern, String file) throws IOException {
        // Git may have given it other line ends.
        String source = Files.readString(Path.of(file)).replace("\r", "");
        Matcher matcher = pattern.matcher(source);
        assertThat(matcher.find()).as(file).isTrue();
        return matcher.group(1);
    }

    @Test
    void snippet_ofTheJavadoc_isTheOneThatCompiles() throws IOException {
        String inJavadoc =
                find(IN_JAVADOC, "src/main/java/dev/sallyport/TwoFactor.java").replaceAll("(?m)^ \\*", "");
        String inThisTest = find(IN_THIS_TEST, "src/test/java/dev/sallyport/JavadocSnippetTest.java");

        assertThat(inJavadoc).isEqualToIgnoringWhitespace(inThisTest);
    }

    @Test
    void snippet_runs() {
        String key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

        assertThatCode(() -> snippet(
                        new MapTwoFactorStore(new ConcurrentHashMap<>()),
                        key,
                        ALICE,
                        FIREFOX,
                        Challenge.of(null),
                        "123456"))
                .doesNotThrowAnyException();
    }
}
