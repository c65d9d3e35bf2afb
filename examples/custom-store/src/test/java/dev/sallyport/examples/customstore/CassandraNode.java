// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import com.datastax.oss.driver.api.core.CqlIdentifier;
import com.datastax.oss.driver.api.core.CqlSession;
import com.datastax.oss.driver.api.core.config.DefaultDriverOption;
import com.datastax.oss.driver.api.core.config.DriverConfigLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node of Cassandra on 127.0.0.1, 127.0.0.2 and so on. {@code -Dsallyport.cassandra} names a file that contains the class
 * path of {@code org.apache.cassandra:cassandra-all}.
 */
final class CassandraNode implements AutoCloseable {
    private static final String CLASS_PATH = System.getProperty("sallyport.cassandra", "");
    private static final String KEYSPACE = "sallyport";
    private static final Duration TO_CREATE = Duration.ofSeconds(60);
    private static final Duration TO_ANSWER = Duration.ofSeconds(4);

    private static final String EXPORTS =
            "java.base/jdk.internal.misc java.base/jdk.internal.ref java.base/jdk.internal.util java.base/sun.nio.ch"
                    + " java.management.rmi/com.sun.jmx.remote.internal.rmi java.rmi/sun.rmi.registry"
                    + " java.rmi/sun.rmi.server java.rmi/sun.rmi.transport.tcp java.sql/java.sql"
                    + " jdk.unsupported/sun.misc";
    private static final String OPENS =
            "java.base/java.lang java.base/java.lang.module java.base/java.lang.reflect java.base/java.io"
                    + " java.base/java.math java.base/java.net java.base/java.nio java.base/java.util"
                    + " java.base/java.util.concurrent java.base/java.util.concurrent.atomic"
                    + " java.base/jdk.internal.loader java.base/jdk.internal.math java.base/jdk.internal.misc"
                    + " java.base/jdk.internal.module java.base/jdk.internal.ref java.base/jdk.internal.reflect"
                    + " java.base/jdk.internal.util.jar java.base/sun.nio.ch"
                    + " jdk.management/com.sun.management.internal";

    private static final String SETTINGS = """
            cluster_name: sallyport
            listen_address: %1$s
            rpc_address: %1$s
            native_transport_port: %2$d
            storage_port: %3$d
            seed_provider: [{class_name: org.apache.cassandra.locator.SimpleSeedProvider, parameters: [{seeds: "127.0.0.1:%3$d"}]}]
            endpoint_snitch: SimpleSnitch
            partitioner: org.apache.cassandra.dht.Murmur3Partitioner
            num_tokens: 1
            paxos_variant: v2
            commitlog_sync: batch
            commitlog_directory: %4$s/commitlog
            data_file_directories: [%4$s/data]
            saved_caches_directory: %4$s/caches
            hints_directory: %4$s/hints
            cdc_raw_directory: %4$s/cdc
            memtable_heap_space: 64MiB
            memtable_offheap_space: 64MiB
            file_cache_size: 32MiB
            networking_cache_size: 16MiB
            """;
    private static final String LOGGING = """
            <configuration>
              <appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %p %c %m%n</pattern></encoder></appender>
              <root level="WARN"><appender-ref ref="out"/></root>
            </configuration>
            """;

    private final LocalServer server;

    /** Starts a node. The first one is the seed of the others. */
    CassandraNode(int number, int port, int storagePort) {
        String host = "127.0.0." + number;
        Path directory = LocalServer.newDirectory("cassandra");
        try {
            Files.writeString(
                    directory.resolve("cassandra.yaml"), SETTINGS.formatted(host, port, storagePort, directory));
            Files.writeString(directory.resolve("logback.xml"), LOGGING);
            server = new LocalServer(directory, host, port, command(directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void assumeThere() {
        if (!Files.isRegularFile(Path.of(CLASS_PATH))) {
            LocalServer.leaveOut("Cassandra is left out: -Dsallyport.cassandra names no file with a class path");
        }
    }

    private static List<String> command(Path directory) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms256m",
                "-Xmx768m",
                "-XX:+UseSerialGC",
                "-Djdk.attach.allowAttachSelf=true",
                "-Djava.net.preferIPv4Stack=true",
                "-Djava.io.tmpdir=" + directory,
                "-Dio.netty.tryReflectionSetAccessible=true",
                "-Dlogback.configurationFile=" + directory.resolve("logback.xml"),
                "-Dcassandra.config=" + directory.resolve("cassandra.yaml").toUri(),
                "-Dcassandra.storagedir=" + directory,
                "-Dcassandra.jmx.local.port=0",
                "-Dcassandra.ring_delay_ms=5000",
                "-Dcassandra.superuser_setup_delay_ms=0",
                "-Dcassandra.skip_wait_for_gossip_to_settle=0"));
        Stream.of(EXPORTS.split(" ")).forEach(part -> command.addAll(List.of("--add-exports", part + "=ALL-UNNAMED")));
        Stream.of(OPENS.split(" ")).forEach(part -> command.addAll(List.of("--add-opens", part + "=ALL-UNNAMED")));
        command.addAll(List.of(
                "-cp", Files.readString(Path.of(CLASS_PATH)).strip(), "org.apache.cassandra.service.CassandraDaemon"));
        return command;
    }

    /** Makes the keyspace and the table. */
    void createTable(int copies) {
        try (CqlSession session = connect(List.of(this), null, TO_CREATE)) {
            session.execute("CREATE KEYSPACE " + KEYSPACE
                    + " WITH replication = {'class': 'SimpleStrategy', 'replication_factor': " + copies + "}");
        }
        try (CqlSession session = connect(List.of(this), KEYSPACE, TO_CREATE)) {
            CassandraTwoFactorStore.createTable(session);
        }
    }

    static CqlSession connect(List<CassandraNode> nodes) {
        return connect(nodes, KEYSPACE, TO_ANSWER);
    }

    private static CqlSession connect(List<CassandraNode> nodes, @Nullable String keyspace, Duration timeOut) {
        return connect(
                nodes.stream()
                        .map(node -> new InetSocketAddress(node.host(), node.port()))
                        .toList(),
                keyspace,
                timeOut);
    }

    static CqlSession connect(String host, int port) {
        return connect(List.of(new InetSocketAddress(host, port)), KEYSPACE, TO_ANSWER);
    }

    private static CqlSession connect(
            Collection<InetSocketAddress> addresses, @Nullable String keyspace, Duration timeOut) {
        return CqlSession.builder()
                .addContactPoints(addresses)
                .withLocalDatacenter("datacenter1")
                .withKeyspace(keyspace == null ? null : CqlIdentifier.fromCql(keyspace))
                .withConfigLoader(DriverConfigLoader.programmaticBuilder()
                        .withClass(DefaultDriverOption.RETRY_POLICY_CLASS, NeverRetry.class)
                        // In V5 the driver cannot read some time-outs, and then it closes the connection of all users.
                        .withString(DefaultDriverOption.PROTOCOL_VERSION, "V4")
                        .withDuration(DefaultDriverOption.REQUEST_TIMEOUT, timeOut)
                        .withDuration(DefaultDriverOption.CONNECTION_INIT_QUERY_TIMEOUT, TO_CREATE)
                        .withDuration(DefaultDriverOption.CONTROL_CONNECTION_TIMEOUT, TO_CREATE)
                        .withDuration(DefaultDriverOption.HEARTBEAT_TIMEOUT, TO_CREATE)
                        .withInt(DefaultDriverOption.NETTY_IO_SHUTDOWN_QUIET_PERIOD, 0)
                        .withString(DefaultDriverOption.NETTY_ADMIN_SHUTDOWN_UNIT, "MILLISECONDS")
                        .withInt(DefaultDriverOption.NETTY_ADMIN_SHUTDOWN_QUIET_PERIOD, 50)
                        .withInt(DefaultDriverOption.NETTY_ADMIN_SHUTDOWN_TIMEOUT, 15_000)
                        .withDuration(DefaultDriverOption.RECONNECTION_BASE_DELAY, Duration.ofMillis(50))
                        .withDuration(DefaultDriverOption.RECONNECTION_MAX_DELAY, Duration.ofSeconds(1))
                        .build())
                .build();
    }

    String host() {
        return server.host();
    }

    int port() {
        return server.port();
    }

    void kill() {
        server.kill();
    }

    void restart() {
        server.restart();
    }

    @Override
    public void close() {
        server.close();
    }
}
