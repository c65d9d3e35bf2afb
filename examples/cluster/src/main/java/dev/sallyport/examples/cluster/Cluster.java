// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.ProcessBuilder.Redirect;
import java.net.Socket;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Nodes that are processes: started, killed by SIGKILL, started again. One thread operates it; any may connect. */
final class Cluster implements Nodes, AutoCloseable {
    private static final int ANSWER_WITHIN_MILLIS = 60_000;

    private final Database database;
    private final AtomicReferenceArray<@Nullable Member> members;
    private final AtomicInteger kills = new AtomicInteger();
    private final AtomicInteger starts = new AtomicInteger();
    private volatile boolean closed;

    Cluster(Database database, int nodes) {
        this.database = database;
        this.members = new AtomicReferenceArray<>(nodes);
    }

    /** A process that is or was a node. */
    private static final class Member {
        final String name;
        final String keyId;
        final Process process;
        volatile int port;
        volatile boolean killed;

        Member(String name, String keyId, Process process) {
            this.name = name;
            this.keyId = keyId;
            this.process = process;
        }
    }

    void start(int node, Keys keys) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath(),
                Node.class.getName());
        Process process =
                new ProcessBuilder(command).redirectError(Redirect.INHERIT).start();
        Member member = new Member("node " + (node + 1), keys.currentId(), process);
        members.set(node, member);
        if (closed) {
            close();
        }
        Writer configuration = process.outputWriter(UTF_8);
        configuration.write(String.join("\n", database.url(), database.table(), keys.toLine(), ""));
        configuration.flush();
        String port = process.inputReader(UTF_8).readLine();
        if (port == null) {
            throw new IOException(member.name + " did not start");
        }
        member.port = Integer.parseInt(port);
        starts.incrementAndGet();
    }

    /** Without a warning, in the middle of whatever it does. */
    void kill(int node) {
        Member member = members.get(node);
        if (member != null) {
            member.killed = true;
            member.process.destroyForcibly();
            member.process.onExit().join();
            kills.incrementAndGet();
        }
    }

    @Override
    public int count() {
        return members.length();
    }

    @Override
    public int kills() {
        return kills.get();
    }

    int restarts() {
        return starts.get() - count();
    }

    @Override
    public Optional<Line> connect(int node) throws IOException {
        Member member = members.get(node);
        if (member == null || member.port == 0 || member.killed) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Connection(member));
        } catch (IOException e) {
            if (member.killed) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Sockets rather than HTTP: nothing between client and node that might send a request twice. */
    private static final class Connection implements Line {
        private final Member member;
        private final Socket socket;
        private final BufferedReader in;
        private final OutputStream out;

        Connection(Member member) throws IOException {
            this.member = member;
            this.socket = new Socket(Node.loopback(), member.port);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(ANSWER_WITHIN_MILLIS);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            out = socket.getOutputStream();
        }

        @Override
        public String node() {
            return member.name;
        }

        @Override
        public String keyId() {
            return member.keyId;
        }

        @Override
        public boolean isKilled() {
            return member.killed;
        }

        @Override
        public void send(String request) throws IOException {
            out.write((request + "\n").getBytes(UTF_8));
        }

        @Override
        public String receive() throws IOException {
            String answer = in.readLine();
            if (answer == null) {
                throw new IOException("the connection was closed");
            }
            return answer;
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Under Maven's exec:java the class path is that of a class loader of its own; java.class.path is Maven's. */
    private static String classPath() throws IOException {
        if (!(Cluster.class.getClassLoader() instanceof URLClassLoader loader)) {
            return System.getProperty("java.class.path");
        }
        List<String> paths = new ArrayList<>();
        for (URL url : loader.getURLs()) {
            try {
                paths.add(Path.of(url.toURI()).toString());
            } catch (URISyntaxException e) {
                throw new IOException("no path: " + url, e);
            }
        }
        return String.join(File.pathSeparator, paths);
    }

    /** Leaves no process behind. */
    @Override
    public void close() {
        closed = true;
        for (int node = 0; node < members.length(); node++) {
            Member member = members.getAndSet(node, null);
            if (member != null) {
                member.killed = true;
                member.process.destroyForcibly().onExit().join();
            }
        }
    }
}
