// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Three members of etcd on 127.0.0.1, as Debian's package etcd-server installs it. */
final class EtcdCluster implements AutoCloseable {
    private static final Path PROGRAM = Path.of("/usr/bin/etcd");
    private static final int MEMBERS = 3;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<LocalServer> members;

    private EtcdCluster() {
        List<Integer> peers =
                Stream.generate(LocalServer::freePort).limit(MEMBERS).toList();
        String all = String.join(
                ",",
                IntStream.range(0, MEMBERS)
                        .mapToObj(i -> "member-" + i + "=" + url(peers.get(i)))
                        .toList());
        members = IntStream.range(0, MEMBERS)
                .mapToObj(i -> start("member-" + i, url(peers.get(i)), all))
                .toList();
        awaitMajority();
    }

    static EtcdCluster start() {
        if (!Files.isExecutable(PROGRAM)) {
            LocalServer.leaveOut("etcd is left out: there is no " + PROGRAM + " here (Debian: etcd-server)");
        }
        return new EtcdCluster();
    }

    private static LocalServer start(String name, String peer, String all) {
        int port = LocalServer.freePort();
        return new LocalServer(
                LocalServer.newDirectory("etcd"),
                "127.0.0.1",
                port,
                List.of(
                        PROGRAM.toString(),
                        "--name=" + name,
                        "--data-dir=data",
                        "--listen-client-urls=" + url(port),
                        "--advertise-client-urls=" + url(port),
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=" + all));
    }

    private static String url(int port) {
        return "http://127.0.0.1:" + port;
    }

    int port(int member) {
        return members.get(member).port();
    }

    URI uri(int member) {
        return URI.create(url(port(member)));
    }

    String version() throws IOException, InterruptedException {
        String answer = get(0, "/version");
        return answer.replaceAll(".*\"etcdserver\":\"([^\"]*)\".*", "$1");
    }

    /** Stores a text under a key without any condition. Both are in Base64. */
    void put(String key, String value) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(0).resolve("/v3/kv/put"))
                .POST(BodyPublishers.ofString("{\"key\":\"" + key + "\",\"value\":\"" + value + "\"}"))
                .build();
        if (http.send(request, BodyHandlers.discarding()).statusCode() != 200) {
            throw new IllegalStateException("etcd did not store the value");
        }
    }

    private String get(int member, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri(member).resolve(path)).build();
        return http.send(request, BodyHandlers.ofString()).body();
    }

    /** The first member runs on, and it has no majority. */
    void killMajority() {
        members.get(1).kill();
        members.get(2).kill();
    }

    void restartMajority() {
        members.get(1).restart();
        members.get(2).restart();
        awaitMajority();
    }

    private void awaitMajority() {
        IntStream.range(0, MEMBERS)
                .forEach(i -> members.get(i).await(() -> get(i, "/health").contains("true")));
    }

    @Override
    public void close() {
        members.forEach(LocalServer::close);
    }
}
