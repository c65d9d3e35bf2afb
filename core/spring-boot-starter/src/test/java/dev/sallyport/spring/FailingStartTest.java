// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;
import org.springframework.mock.web.MockServletContext;
import org.springframework.web.context.support.GenericWebApplicationContext;

/** Starts a whole application with a wrong property, and reads all that it prints. */
@ExtendWith(OutputCaptureExtension.class)
class FailingStartTest {
    private static final String KEY = Hosts.key(1);
    private static final String OTHER = Hosts.key(2);
    private static final Class<?> DATABASE = Hosts.present(
            "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration");
    private static final String KEYS = "sallyport.encryption-keys";

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Whole {}

    /** A web application without a server, which starts faster. */
    private static String start(CapturedOutput output, String... properties) {
        SpringApplication application = new SpringApplication(SallyportAutoConfiguration.class, DATABASE);
        application.setApplicationContextFactory(type -> new GenericWebApplicationContext(new MockServletContext()));
        return start(application, output, properties);
    }

    private static String start(SpringApplication application, CapturedOutput output, String... properties) {
        application.setWebApplicationType(WebApplicationType.SERVLET);
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0", "--server.address=127.0.0.1", "--spring.datasource.generate-unique-name=true"));
        for (String property : properties) {
            arguments.add("--" + property);
        }
        Throwable failure = catchThrowable(
                () -> application.run(arguments.toArray(String[]::new)).close());
        assertThat(failure).as("the application starts").isNotNull();
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        assertThat(output.getAll() + trace)
                .doesNotContain(KEY)
                .doesNotContain(OTHER)
                .doesNotContain(KEY.substring(4, 24))
                .doesNotContain(OTHER.substring(4, 24));
        return output.getAll();
    }

    static Stream<Arguments> wrong() {
        String keys = KEYS + "=2026-11:" + KEY;
        String issuer = "sallyport.issuer=Acme";
        String user = "sallyport.user-id=name";
        return Stream.of(
                Arguments.of("The property sallyport.issuer is missing", List.of(keys, user)),
                Arguments.of("The property sallyport.issuer is not valid", List.of(keys, user, "sallyport.issuer=A:B")),
                Arguments.of("The property sallyport.user-id is missing", List.of(keys, issuer)),
                Arguments.of(
                        "The property sallyport.user-id is \"principal..id\"",
                        List.of(keys, issuer, "sallyport.user-id=principal..id")),
                Arguments.of("The property " + KEYS + " is missing", List.of(issuer, user)),
                Arguments.of("Entry 1 of " + KEYS + " has no colon", List.of(issuer, user, KEYS + "=" + KEY)),
                Arguments.of(
                        "Entry 2 of " + KEYS + ", the key 2025, is empty",
                        List.of(issuer, user, keys + ",2025:${NOT_THERE:}")),
                Arguments.of(
                        "Entry 2 of " + KEYS + ", the key 2025, is a placeholder without a value",
                        List.of(issuer, user, keys + ",2025:${NOT_THERE}")),
                Arguments.of(
                        "Entry 1 of " + KEYS + " does not begin with the name of a key",
                        List.of(issuer, user, KEYS + "=" + KEY + ":" + OTHER)),
                Arguments.of(
                        "The property sallyport.check-interval is PT-1S",
                        List.of(keys, issuer, user, "sallyport.check-interval=-1s")),
                Arguments.of(
                        "The property sallyport.path is \"two-factor/\"",
                        List.of(keys, issuer, user, "sallyport.path=two-factor/")),
                Arguments.of(
                        "The property sallyport.namespace is not valid",
                        List.of(keys, issuer, user, "sallyport.namespace=" + "n".repeat(65))),
                Arguments.of(
                        "The property sallyport.jdbc.table is not valid",
                        List.of(keys, issuer, user, "sallyport.jdbc.table=a b")),
                Arguments.of(
                        "The property sallyport.jdbc.data-source is \"other\", but no DataSource bean has this name",
                        List.of(keys, issuer, user, "sallyport.jdbc.data-source=other")));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void wrongProperty_isNamed_andNoKeyIsShown(String sentence, List<String> properties, CapturedOutput output) {
        String said = start(output, properties.toArray(String[]::new));

        assertThat(said)
                .contains("APPLICATION FAILED TO START")
                .contains(sentence)
                .contains("Action:");
    }

    static Stream<String> keysThatCannotBeBound() {
        return Stream.of(
                KEYS + "[1]=2026-11:" + KEY,
                KEYS + ".2026-11=" + KEY,
                KEYS + "[2026-11]=" + KEY,
                KEYS + "[0].key=2026-11:" + KEY);
    }

    @ParameterizedTest
    @MethodSource("keysThatCannotBeBound")
    void keysThatAreNoListOfTexts_areNotShown(String property, CapturedOutput output) {
        String said = start(output, "sallyport.issuer=Acme", "sallyport.user-id=name", property);

        assertThat(said).contains("APPLICATION FAILED TO START").contains("The property " + KEYS);
    }

    @Test
    void wholeApplication_withADatabaseButNoIssuer_saysSo(CapturedOutput output) {
        String said =
                start(new SpringApplication(Whole.class), output, "sallyport.user-id=name", KEYS + "=2026-11:" + KEY);

        assertThat(said).contains("APPLICATION FAILED TO START").contains("The property sallyport.issuer is missing");
    }

    @Test
    void noDatabase_saysWhatToDo(CapturedOutput output) {
        SpringApplication application = new SpringApplication(SallyportAutoConfiguration.class);
        application.setApplicationContextFactory(type -> new GenericWebApplicationContext(new MockServletContext()));
        String said =
                start(application, output, "sallyport.issuer=Acme", "sallyport.user-id=name", KEYS + "=2026-11:" + KEY);

        assertThat(said).contains("there is no DataSource bean").contains("a bean of type TwoFactorStore");
    }
}
