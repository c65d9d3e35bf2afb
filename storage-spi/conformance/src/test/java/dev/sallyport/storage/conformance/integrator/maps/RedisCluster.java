// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance.integrator.maps;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.resolver.DefaultAddressResolverGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.redisson.Redisson;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import redis.embedded.RedisServer;
import redis.embedded.core.ExecutableProvider;
import redis.embedded.error.OsArchitectureNotFound;
import redis.embedded.error.UnknownOSName;
import redis.embedded.model.OsArchitecture;

/** A Redis server, and clients of Redisson that share nothing else. */
final class RedisCluster implements Cluster {
    private static final String MAP = "two-factor";
    private static final String OK = "+OK";

    private final Path directory;
    private final RedisServer server;
    private final int port = Loopback.freePort();
    private final List<RedissonClient> clients = new ArrayList<>();

    RedisCluster() {
        assumeThereIsAServer();
        try {
            directory = Files.createTempDirectory("sallyport-redis");
            server = RedisServer.newRedisServer()
                    .executableProvider(ExecutableProvider.newJarResourceProvider(directory.toFile()))
                    .port(port)
                    .bind(Loopback.HOST)
                    .setting("save \"\"")
                    .setting("maxmemory-policy noeviction")
                    .build();
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assumeThereIsAServer() {
        if (!isThereAServer()) {
            String reason = "Redis is left out: there is no server of it for " + System.getProperty("os.name") + " on "
                    + System.getProperty("os.arch");
            System.out.println(reason);
            Assumptions.abort(reason);
        }
    }

    private static boolean isThereAServer() {
        try {
            return ExecutableProvider.newProvidedVersionsMap().containsKey(OsArchitecture.detectOSandArchitecture());
        } catch (OsArchitectureNotFound | UnknownOSName e) {
            return false;
        }
    }

    /** As the documentation demands it, with so many clients. */
    static RedisCluster of(int clients) {
        RedisCluster cluster = new RedisCluster();
        for (int i = 0; i < clients; i++) {
            cluster.connect(cluster.port, documented());
        }
        return cluster;
    }

    /** What the documentation demands of the client. Where there is but one server, all is read from the master. */
    static Config documented() {
        Config config = new Config();
        config.setCodec(StringCodec.INSTANCE);
        config.useSingleServer().setRetryAttempts(0);
        return config;
    }

    RMap<String, String> connect(int through, Config config) {
        config.useSingleServer()
                .setAddress("redis://" + Loopback.HOST + ":" + through)
                .setConnectionMinimumIdleSize(1)
                .setSubscriptionConnectionMinimumIdleSize(1);
        config.setNettyThreads(2).setThreads(2);
        // Redisson's own resolver listens for answers on all networks.
        config.setAddressResolverGroupFactory(
                (channelType, socketChannelType, nameServers) -> DefaultAddressResolverGroup.INSTANCE);
        clients.add(Redisson.create(config));
        return map(clients.size() - 1);
    }

    /** A command to the server that no client of a map has a method for. */
    void tell(String command) {
        try (Socket socket = new Socket(Loopback.address(), port)) {
            socket.getOutputStream().write((command + "\r\n").getBytes(US_ASCII));
            byte[] answer = socket.getInputStream().readNBytes(OK.length());
            if (!new String(answer, US_ASCII).equals(OK)) {
                throw new IllegalStateException(command + " is not done");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return port;
    }

    @Override
    public RMap<String, String> map(int node) {
        return clients.get(node).getMap(MAP);
    }

    @Override
    public void breakDown() {
        stopServer();
    }

    private void stopServer() {
        try {
            server.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        clients.forEach(RedissonClient::shutdown);
        stopServer();
        try (Stream<Path> files = Files.walk(directory)) {
            // A directory after what is in it.
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
