// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.conformance.Report.Result;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** Collects what the tests of one class have found, and prints and writes the report when they are over. */
final class ReportExtension implements BeforeAllCallback, AfterAllCallback, TestWatcher {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(ReportExtension.class);

    ReportExtension() {}

    /** The report of the class of a test. A class with parameters has one for each of its invocations. */
    static Report report(ExtensionContext test) {
        ExtensionContext parent = test.getParent().orElseThrow();
        return reports(test)
                .computeIfAbsent(
                        parent.getUniqueId(),
                        id -> new Report(parent.getRequiredTestClass().getName(), Instant.now()));
    }

    @SuppressWarnings("unchecked") // Only beforeAll puts something there.
    private static Map<String, Report> reports(ExtensionContext context) {
        return (Map<String, Report>)
                Objects.requireNonNull(context.getStore(NAMESPACE).get(Report.class), "beforeAll has run");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getStore(NAMESPACE).put(Report.class, Collections.synchronizedMap(new LinkedHashMap<String, Report>()));
    }

    @Override
    public void testSuccessful(ExtensionContext context) {
        add(context, Result.PROVEN, "");
    }

    @Override
    public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
        add(context, Result.LEFT_OUT, cause == null ? "" : String.valueOf(cause.getMessage()));
    }

    @Override
    public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
        add(context, Result.FAILED, String.valueOf(cause == null ? "" : cause.getMessage()));
    }

    @Override
    public void testDisabled(ExtensionContext context, Optional<String> reason) {
        add(context, Result.LEFT_OUT, "the test is disabled: " + reason.orElse("no reason is given"));
    }

    private static void add(ExtensionContext context, Result result, String reason) {
        Method test = context.getRequiredTestMethod();
        if (TimeLimit.isOfTheKit(test)) {
            report(context).add(test, context.getDisplayName(), result, reason);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        String runBy = context.getConfigurationParameter("sallyport.conformance.run-by")
                .orElse("");
        for (Report report : reports(context).values()) {
            System.out.println(report.toText());
            directory(context)
                    .ifPresent(
                            directory -> System.out.println("The report as JSON: " + report.write(directory, runBy)));
        }
    }

    /** Where reports go, if there is such a place. */
    private static Optional<Path> directory(ExtensionContext context) {
        return context.getConfigurationParameter("sallyport.conformance.reports")
                .map(Path::of)
                .or(() -> Stream.of("target", "build")
                        .map(Path::of)
                        .filter(Files::isDirectory)
                        .map(build -> build.resolve("sallyport-conformance"))
                        .findFirst());
    }
}
