// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Objects;

/**
 * One node, a process of its own. It reads where the database is, which table, and its keys from standard input, because a
 * command line is for everyone to see; it prints the port that it listens on; and it ends when standard input does.
 */
public final class Node {
    private static final int CONNECTIONS = 4;

    private Node() {}

    /**
     * Serves until the process that started it is gone.
     *
     * @param args none
     * @throws IOException if it cannot listen
     */
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        String url = line(in);
        String table = line(in);
        Keys keys = Keys.fromLine(line(in));
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(CONNECTIONS);
        try (HikariDataSource pool = new HikariDataSource(config);
                ServerSocket door = new ServerSocket(0, 0, loopback())) {
            Desk desk = new Desk(JdbcTwoFactorStore.of(pool).withTable(table), keys);
            daemon(() -> admit(door, desk));
            System.out.println(door.getLocalPort());
            while (in.readLine() != null) {
                // Nothing more is said; it is the end that counts.
            }
        }
    }

    static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    private static String line(BufferedReader in) throws IOException {
        return Objects.requireNonNull(in.readLine(), "a line of the configuration");
    }

    private static void admit(ServerSocket door, Desk desk) {
        while (true) {
            try {
                Socket client = door.accept();
                daemon(() -> serve(client, desk));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void serve(Socket client, Desk desk) {
        try (client;
                BufferedReader in = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
                OutputStream out = client.getOutputStream()) {
            client.setTcpNoDelay(true);
            for (String request = in.readLine(); request != null; request = in.readLine()) {
                out.write((desk.answer(request) + "\n").getBytes(UTF_8));
            }
        } catch (IOException e) {
            // The client has left.
        }
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task);
        thread.setDaemon(true);
        thread.start();
    }
}
