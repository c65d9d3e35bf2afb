// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static dev.sallyport.storage.conformance.StoreUnderTest.SUMMARY;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.Race.Outcome;
import dev.sallyport.storage.conformance.StoreWire.Line;
import dev.sallyport.storage.conformance.StoreWire.RemoteStore;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Another process with the store, which can be stopped and killed. Its requests and answers are lines on its standard
 * input
 * and output.
 */
final class OtherProcess implements Line, Closeable {
    private static final List<String> CLASS_PATHS =
            List.of("surefire.test.class.path", "java.class.path", "jdk.module.path");

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;

    private OtherProcess(Process process) {
        this.process = process;
        this.requests = process.outputWriter(UTF_8);
        this.answers = process.inputReader(UTF_8);
    }

    static OtherProcess start(Class<? extends StoreOpener> opener, Properties settings) {
        try {
            ProcessBuilder builder = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    OtherProcess.class.getName(),
                    opener.getName());
            builder.environment().put("CLASSPATH", classPath());
            builder.redirectError(ProcessBuilder.Redirect.INHERIT);
            OtherProcess other = new OtherProcess(builder.start());
            StringWriter text = new StringWriter();
            settings.store(text, null);
            other.send(StoreWire.encode(text.toString()));
            StoreWire.result(other.receive());
            return other;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String classPath() {
        return CLASS_PATHS.stream()
                .map(System::getProperty)
                .filter(path -> path != null && !path.isEmpty())
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    TwoFactorStore store() {
        return new RemoteStore(this);
    }

    void send(String request) {
        try {
            requests.write(request);
            requests.newLine();
            requests.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the other process is gone", e);
        }
    }

    String receive() {
        return next().orElseThrow(() -> new IllegalStateException("the other process ended: see its standard error"));
    }

    /** The next answer. Empty if the process is gone. */
    Optional<String> next() {
        try {
            return Optional.ofNullable(answers.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized String exchange(String request) {
        send(request);
        return receive();
    }

    /**
     * Adds to the version of a record, again and again. Returns how often it was answered true, and how often it
     * threw.
     */
    int[] count(String userId, int times) {
        String[] words =
                exchange("count " + StoreWire.encode(userId) + " " + times).split(" ", -1);
        if (!words[0].equals("counted")) {
            StoreWire.result(String.join(" ", words));
        }
        return new int[] {Integer.parseInt(words[1]), Integer.parseInt(words[2])};
    }

    static boolean canBeStopped() {
        return File.separatorChar == '/';
    }

    void stop() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        try {
            Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("kill -" + signal + " failed");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted because the time is over", e);
        }
    }

    /** SIGKILL: nothing in the process runs any more. Answers that it has sent can still be received. */
    void kill() {
        process.toHandle().destroyForcibly();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    /** The other process itself. */
    public static void main(String[] args) throws Exception {
        // Whatever the store prints must not be taken for an answer.
        PrintStream out = System.out;
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        Properties settings = new Properties();
        settings.load(new StringReader(StoreWire.decode(in.readLine())));
        TwoFactorStore store = opener(args[0]).open(settings);
        out.println("ready");
        for (String request = in.readLine(); request != null; request = in.readLine()) {
            String[] words = request.split(" ", -1);
            switch (words[0]) {
                case "count" -> out.println(count(store, StoreWire.decode(words[1]), Integer.parseInt(words[2])));
                case "write" -> writeUntilKilled(store, StoreWire.decode(words[1]), out);
                default -> out.println(StoreWire.answer(store, request));
            }
            out.flush();
        }
        // The store may have threads of its own, which would keep the process alive.
        Runtime.getRuntime().halt(0);
    }

    private static StoreOpener opener(String name) throws ReflectiveOperationException {
        Constructor<?> constructor = Class.forName(name).getDeclaredConstructor();
        constructor.setAccessible(true);
        return (StoreOpener) constructor.newInstance();
    }

    private static String count(TwoFactorStore store, String userId, int times) {
        int counted = 0;
        int unknown = 0;
        for (int i = 0; i < times; i++) {
            Optional<StoredRecord> found = Race.found(store, userId).orElse(Optional.empty());
            if (found.isPresent()) {
                Outcome outcome = addOne(store, found.get());
                counted += outcome == Outcome.TRUE ? 1 : 0;
                unknown += outcome == Outcome.UNKNOWN ? 1 : 0;
            }
        }
        return "counted " + counted + " " + unknown;
    }

    private static Outcome addOne(TwoFactorStore store, StoredRecord current) {
        StoredRecord next = TestContext.record(current.userId(), current.version() + 1, 40);
        return Race.outcome(() -> store.replace(current, next, SUMMARY));
    }

    /** Tells each version that was written with the answer true. */
    private static void writeUntilKilled(TwoFactorStore store, String userId, PrintStream out) {
        while (!out.checkError()) {
            store.find(userId).ifPresent(current -> {
                if (addOne(store, current) == Outcome.TRUE) {
                    out.println(current.version() + 1);
                }
            });
        }
    }
}
