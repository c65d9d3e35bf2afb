// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriComponentsBuilder;

/** As much of an OpenID provider as a sign-in needs, on the loopback address. It signs in the user that the test names. */
final class IdentityProvider implements AutoCloseable {
    static final String CLIENT = "acme";

    private final HttpServer server;
    private final RSAKey key;
    /** For each code: the nonce that the client has sent, and the user who has signed in. */
    private final Map<String, String[]> signIns = new ConcurrentHashMap<>();

    private volatile String person = "";

    private IdentityProvider(HttpServer server, RSAKey key) {
        this.server = server;
        this.key = key;
    }

    static IdentityProvider start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            RSAKey key = new RSAKeyGenerator(2048).keyID("first").generate();
            IdentityProvider provider = new IdentityProvider(server, key);
            server.createContext("/.well-known/openid-configuration", provider::configuration);
            server.createContext("/keys", provider::keys);
            server.createContext("/authorize", provider::authorize);
            server.createContext("/token", provider::token);
            server.start();
            return provider;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /**
     * Does what a browser does with the application's redirect.
     *
     * @return where the provider sends the browser
     */
    URI signIn(String username, String redirect) throws IOException, InterruptedException {
        person = username;
        HttpClient browser = HttpClient.newHttpClient();
        var response = browser.send(HttpRequest.newBuilder(URI.create(redirect)).build(), BodyHandlers.discarding());
        return URI.create(response.headers().firstValue("Location").orElseThrow());
    }

    private void configuration(HttpExchange exchange) throws IOException {
        answer(exchange, """
                {"issuer": "%1$s", "authorization_endpoint": "%1$s/authorize", "token_endpoint": "%1$s/token",
                 "jwks_uri": "%1$s/keys", "response_types_supported": ["code"], "subject_types_supported": ["public"],
                 "id_token_signing_alg_values_supported": ["RS256"]}""".formatted(issuer()));
    }

    private void keys(HttpExchange exchange) throws IOException {
        answer(exchange, new JWKSet(key).toString());
    }

    private void authorize(HttpExchange exchange) throws IOException {
        var asked =
                UriComponentsBuilder.fromUri(exchange.getRequestURI()).build().getQueryParams();
        String code = UUID.randomUUID().toString();
        signIns.put(code, new String[] {decoded(asked.getFirst("nonce")), person});
        URI back = UriComponentsBuilder.fromUriString(decoded(asked.getFirst("redirect_uri")))
                .queryParam("code", code)
                .queryParam("state", asked.getFirst("state"))
                .build(true)
                .toUri();
        exchange.getResponseHeaders().add("Location", back.toString());
        exchange.sendResponseHeaders(302, -1);
        exchange.close();
    }

    private static String decoded(@Nullable String parameter) {
        return URLDecoder.decode(Objects.requireNonNull(parameter), StandardCharsets.UTF_8);
    }

    private void token(HttpExchange exchange) throws IOException {
        String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String code = decoded(UriComponentsBuilder.newInstance()
                .query(form)
                .build()
                .getQueryParams()
                .getFirst("code"));
        // A code is good once.
        String[] signIn = Objects.requireNonNull(signIns.remove(code));
        String template = """
                {"access_token": "%s", "token_type": "Bearer", "expires_in": 60, "scope": "openid", "id_token": "%s"}""";
        answer(exchange, template.formatted(UUID.randomUUID(), idToken(signIn[0], signIn[1])));
    }

    private String idToken(String nonce, String username) {
        Instant now = Instant.now();
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder()
                        .issuer(issuer())
                        .audience(CLIENT)
                        .subject("subject-of-" + username)
                        .claim("preferred_username", username)
                        .claim("nonce", nonce)
                        .issueTime(Date.from(now))
                        .expirationTime(Date.from(now.plus(Duration.ofMinutes(5))))
                        .build());
        try {
            token.sign(new RSASSASigner(key));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
        return token.serialize();
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
