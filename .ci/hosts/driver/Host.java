// SPDX-License-Identifier: Apache-2.0

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A host that runs as a process, and how many of its answers were as they should be. */
final class Host {
    private static final Pattern ADDRESS =
            Pattern.compile("http://(?:127\\.0\\.0\\.1|localhost):(\\d+)|Tomcat started on port (\\d+)");

    private final String address;
    private final Process process;
    private int checks;

    private Host(String address, Process process) {
        this.address = address;
        this.process = process;
    }

    /** What is told to a host. */
    interface Story {
        /** {@return the versions that the host has, or whatever else is worth a line} */
        String tell(Host host) throws Exception;
    }

    /**
     * Starts a host, waits for its address, and tells the story. The first answer that is not as it should be ends the
     * story and this program. The host is stopped in any case.
     *
     * @param arguments the name of the host, then the command that starts it
     */
    static void run(String[] arguments, Story story) throws Exception {
        List<String> command = List.of(arguments).subList(1, arguments.length);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        List<String> output = new ArrayList<>();
        try {
            Host host = new Host(addressOf(process, output), process);
            String said = story.tell(host);
            System.out.println(arguments[0] + ": " + said + "; " + host.checks + " answers as they should be");
        } catch (AssertionError e) {
            System.err.println(arguments[0] + ": " + e.getMessage());
            synchronized (output) {
                output.forEach(line -> System.err.println("  | " + line));
            }
            System.exit(1);
        } finally {
            process.destroy();
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        }
    }

    private static String addressOf(Process process, List<String> output) throws InterruptedException {
        BlockingQueue<String> found = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    synchronized (output) {
                        output.add(line);
                    }
                    Matcher matcher = ADDRESS.matcher(line);
                    if (matcher.find()) {
                        String port = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
                        found.add("http://127.0.0.1:" + port);
                    }
                }
            } catch (IOException e) {
                // The host was stopped.
            }
            found.add("");
        });
        reader.setDaemon(true);
        reader.start();
        String address = found.poll(5, TimeUnit.MINUTES);
        check("the host starts and prints its address", address != null && !address.isEmpty());
        return address;
    }

    String address() {
        return address;
    }

    /** {@return the processor time that its process has taken so far} */
    Duration processorTime() {
        return process.info().totalCpuDuration().orElseThrow();
    }

    void seen(String what, boolean right) {
        check(what, right);
        checks++;
    }

    static void check(String what, boolean right) {
        if (!right) {
            throw new AssertionError("not as it should be: " + what);
        }
    }
}
