// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * As much of an OAuth2 provider as a sign-in needs, on the loopback address. Its authorization code, and its access
 * token, is the name of the user.
 */
final class OAuth2Provider implements AutoCloseable {
    private static final Pattern CODE = Pattern.compile("(?<=[?&]code=)[a-z]+|(?<=^code=)[a-z]+");

    private final HttpServer server;

    private OAuth2Provider(HttpServer server) {
        this.server = server;
    }

    static OAuth2Provider start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/token", exchange -> {
                String code = CODE.matcher(body(exchange))
                        .results()
                        .map(MatchResult::group)
                        .findFirst()
                        .orElseThrow();
                answer(exchange, "{\"access_token\": \"" + code + "\", \"token_type\": \"Bearer\"}");
            });
            server.createContext("/user", exchange -> {
                String token = exchange.getRequestHeaders().getFirst("Authorization");
                answer(exchange, "{\"login\": \"" + token.substring("Bearer ".length()) + "\"}");
            });
            server.start();
            return new OAuth2Provider(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the properties of an application that lets its users sign in here, by each of these registrations} */
    List<String> properties(String... registrations) {
        String address = "http://127.0.0.1:" + server.getAddress().getPort();
        return Stream.of(registrations)
                .flatMap(id -> Stream.of(
                        "registration." + id + ".client-id=app",
                        "registration." + id + ".client-secret=secret",
                        "registration." + id + ".authorization-grant-type=authorization_code",
                        "registration." + id + ".redirect-uri={baseUrl}/login/oauth2/code/{registrationId}",
                        "provider." + id + ".authorization-uri=" + address + "/authorize",
                        "provider." + id + ".token-uri=" + address + "/token",
                        "provider." + id + ".user-info-uri=" + address + "/user",
                        "provider." + id + ".user-name-attribute=login"))
                .map(property -> "spring.security.oauth2.client." + property)
                .toList();
    }

    private static String body(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, String json) throws IOException {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
