// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import java.io.File;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs all reports, or those that are named, and prints them. */
public final class Main {
    private Main() {}

    /** The arguments name reports; without any, all are run. Ends with status 1 if a goal was missed. */
    public static void main(String[] args) throws Exception {
        System.setProperty("java.class.path", classPath());
        Map<String, Callable<Report>> reports = reports();
        List<String> names = args.length == 0 ? List.copyOf(reports.keySet()) : List.of(args);
        if (!reports.keySet().containsAll(names)) {
            throw new IllegalArgumentException("the reports are " + String.join(" ", reports.keySet()));
        }
        System.out.println(Machine.describe() + "\n");
        long missed = 0;
        for (String name : names) {
            Report report = Objects.requireNonNull(reports.get(name)).call();
            System.out.println(report.markdown());
            missed += report.missed();
        }
        System.exit(missed == 0 ? 0 : 1);
    }

    private static Map<String, Callable<Report>> reports() {
        Map<String, Callable<Report>> reports = new LinkedHashMap<>();
        Comparisons.names().forEach(name -> reports.put(name, () -> compare(name)));
        reports.put("profile", Profile::record);
        reports.put("fresh-jvm", FreshJvm::compare);
        reports.put("threads", Scaling::measure);
        reports.put("postgres", OnPostgres::compare);
        reports.put("attack", OnPostgres::attack);
        reports.put("storm", Storm::compare);
        reports.put("accounts", Accounts::compare);
        reports.put("sizes", Sizes::list);
        return reports;
    }

    private static Report compare(String name) throws Exception {
        Path directory = Files.createTempDirectory("sallyport-benchmarks");
        new Runner(new OptionsBuilder()
                        .include(Rounds.class.getName())
                        .param("comparison", name)
                        .jvmArgsAppend("-D" + Rounds.DIRECTORY + "=" + directory)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run();
        return Results.read(directory.resolve(name), Comparisons.named(name).withControl())
                .report();
    }

    /** Under Maven's exec:java the class path is that of a class loader of its own; java.class.path is Maven's. */
    static String classPath() throws URISyntaxException {
        if (!(Main.class.getClassLoader() instanceof URLClassLoader loader)) {
            return System.getProperty("java.class.path");
        }
        List<String> paths = new ArrayList<>();
        for (URL url : loader.getURLs()) {
            paths.add(Path.of(url.toURI()).toString());
        }
        return String.join(File.pathSeparator, paths);
    }
}
