// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.NotEnrolled;
import dev.sallyport.VerificationResult.Suspended;
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

    @SuppressWarnings({"DuplicateBranches", "UnusedVariable"}) // what is to be done is told in comments
    private static void snippet(
            TwoFactorStore store, String secretFromYourVault, UserId alice, String browserCookie, String typed) {
        // --- begin ---
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store) // on your database
                .encryptionKeys(KeyRing.fromBase64("2026-11", secretFromYourVault))
                .build();

        // Sign in, after the password
        if (twoFactor.signInRequirement(alice, browserCookie) instanceof SignInRequirement.CodeRequired) {
            VerificationResult result = twoFactor.verify(alice, typed);
            if (result instanceof Verified proof) {
                // signed in; the proof also serves rememberBrowser, regenerateBackupCodes, disable
            } else if (result instanceof LockedOut locked) {
                // too many attempts: again after locked.until(), or with a backup code
            } else if (result instanceof Suspended) {
                // a backup code, or an operator
            } else if (result instanceof NotEnrolled) {
                // switched off since the password was checked: sign in from the start
            } else {
                // Rejected: not right, or used already
            }
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
                        new MapTwoFactorStore(new ConcurrentHashMap<>()), key, UserId.of("42"), "cookie", "123456"))
                .doesNotThrowAnyException();
    }
}
