// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.abuse;

import com.sun.source.util.JavacTask;
import dev.sallyport.TwoFactor;
import dev.sallyport.storage.StoredRecord;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** The Java compiler, asked whether an application can be written so. */
final class Compiler {
    private Compiler() {}

    static boolean compiles(String statement) {
        String application = """
                import dev.sallyport.*;
                import dev.sallyport.VerificationResult.*;
                import dev.sallyport.otp.*;
                import java.time.Instant;

                class Application {
                    void call(TwoFactor twoFactor, UserId alice, Verified proof, AuthenticatorId authenticator,
                            Browser browser, BrowserToken token, Challenge challenge, EnrollmentHandle handle,
                            TrustStamp stamp, EnrollmentRequest request, Totp totp, SharedSecret secret, Instant now,
                            Window window) {
                        STATEMENT
                    }
                }
                """;
        return errors(application.replace("STATEMENT", statement)).isEmpty();
    }

    private static List<String> errors(String source) {
        DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
        JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler()
                .getTask(
                        null,
                        null,
                        diagnostics,
                        List.of("-proc:none", "-cp", classPath()),
                        null,
                        List.of(new Source(source)));
        try {
            task.analyze();
        } catch (IOException e) {
            throw new AssertionError("nothing is written", e);
        }
        return diagnostics.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(Diagnostic::getCode)
                .toList();
    }

    private static String classPath() {
        List<String> places = new ArrayList<>();
        for (Class<?> type : List.of(TwoFactor.class, StoredRecord.class, Nullable.class)) {
            try {
                places.add(Path.of(type.getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString());
            } catch (URISyntaxException e) {
                throw new AssertionError("the classes under test are somewhere", e);
            }
        }
        return String.join(File.pathSeparator, places);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String text) {
            super(URI.create("string:///Application.java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
