// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.firebirdsql.ds.FBSimpleDataSource;

/** Firebird as Debian's package firebird3.0-server installs it, in a process, a directory and with users of its own. */
final class FirebirdServer implements Server {
    private static final Path PROGRAM = Path.of("/usr/sbin/firebird");
    private static final Path SHELL = Path.of("/usr/bin/isql-fb");
    private static final Path FILES = Path.of("/usr/lib/x86_64-linux-gnu/firebird/3.0");

    /** The driver logs each connection that the kit cuts. The field keeps the setting from being collected. */
    private static final Logger DRIVER = Logger.getLogger("org.firebirdsql");

    private final Path root = TempDirectory.create("firebird");
    private final Path database = root.resolve("sallyport.fdb");
    private final String password = UUID.randomUUID().toString().substring(0, 20);
    private final int port = LocalPort.free();
    private Process process;

    FirebirdServer() {
        DRIVER.setLevel(Level.SEVERE);
        try {
            for (String shared : List.of("lib", "intl", "plugins", "firebird.msg", "plugins.conf", "databases.conf")) {
                Files.createSymbolicLink(root.resolve(shared), FILES.resolve(shared));
            }
            Files.createDirectory(root.resolve("lock"));
            Path users = root.resolve("users.fdb");
            Files.writeString(root.resolve("firebird.conf"), """
                    RemoteBindAddress = 127.0.0.1
                    RemoteServicePort = %d
                    SecurityDatabase = %s
                    DatabaseAccess = Restrict %s
                    AuthServer = Srp
                    UserManager = Srp
                    """.formatted(port, users, root));
            runInShell("""
                    CREATE DATABASE '%s';
                    CREATE USER SYSDBA PASSWORD '%s';
                    COMMIT;
                    CREATE DATABASE '%s' DEFAULT CHARACTER SET UTF8;
                    """.formatted(users, password, database));
            process = start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether this machine has it. */
    static boolean isThere() {
        return Files.isExecutable(PROGRAM) && Files.isExecutable(SHELL) && Files.isDirectory(FILES);
    }

    private ProcessBuilder inRoot(Path program, String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(program.toString()).directory(root.toFile());
        builder.command().addAll(List.of(arguments));
        builder.environment().put("FIREBIRD", root.toString());
        builder.environment().put("FIREBIRD_LOCK", root.resolve("lock").toString());
        return builder.redirectErrorStream(true);
    }

    private void runInShell(String script) throws IOException {
        Process shell = inRoot(SHELL, "-q", "-b", "-user", "SYSDBA")
                .redirectInput(
                        Files.writeString(root.resolve("script.sql"), script).toFile())
                .start();
        String said = new String(shell.getInputStream().readAllBytes(), UTF_8);
        if (shell.onExit().join().exitValue() != 0) {
            throw new IllegalStateException(said);
        }
    }

    private Process start() throws IOException {
        Process started = inRoot(PROGRAM, "-p").redirectOutput(Redirect.DISCARD).start();
        Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
        LocalPort.await(port, started, root.resolve("firebird.log"));
        return started;
    }

    @Override
    public DataSource dataSource(int through) {
        FBSimpleDataSource dataSource = new FBSimpleDataSource();
        dataSource.setDatabaseName("//127.0.0.1:" + through + "/" + database);
        dataSource.setEncoding("UTF8");
        dataSource.setUser("SYSDBA");
        dataSource.setPassword(password);
        return dataSource;
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public Endpoint endpoint() {
        String url = "jdbc:firebird://127.0.0.1:" + port() + "/" + database + "?encoding=UTF8";
        return new Endpoint(url, "SYSDBA", password);
    }

    @Override
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void restart() {
        try {
            process = start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
        TempDirectory.delete(root);
    }
}
