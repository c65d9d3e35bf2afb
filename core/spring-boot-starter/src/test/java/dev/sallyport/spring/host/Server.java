// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring.host;

import dev.sallyport.testing.CookieJar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** A host in an embedded Tomcat on the loopback address. */
public final class Server implements AutoCloseable {
    /** What is on the class path for other tests. The names of Spring Boot 3 and 4. */
    private static final String EXCLUDED = String.join(
            ",",
            "org.springframework.boot.autoconfigure.session.SessionAutoConfiguration",
            "org.springframework.boot.session.autoconfigure.SessionAutoConfiguration",
            "org.springframework.boot.session.jdbc.autoconfigure.JdbcSessionAutoConfiguration",
            "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration");

    private final ConfigurableApplicationContext context;

    private Server(ConfigurableApplicationContext context) {
        this.context = context;
    }

    public static Server start(List<String> properties, Class<?>... configurations) {
        List<String> all = new ArrayList<>(List.of(
                "server.port=0",
                "server.address=127.0.0.1",
                "spring.main.banner-mode=off",
                "spring.jmx.enabled=false",
                "logging.level.root=warn",
                "spring.autoconfigure.exclude=" + EXCLUDED,
                "sallyport.issuer=Acme",
                "sallyport.user-id=principal.id"));
        all.addAll(properties);
        return new Server(new SpringApplicationBuilder(configurations)
                .web(WebApplicationType.SERVLET)
                .properties(all.toArray(String[]::new))
                .run());
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    @Override
    public void close() {
        context.close();
    }

    public Client client() {
        return new Client(
                Integer.parseInt(String.valueOf(context.getEnvironment().getProperty("local.server.port"))));
    }

    /** A response. The target of a redirect is without host. */
    public record Response(int status, String location, String body, HttpResponse<String> http) {
        public Optional<String> header(String name) {
            return http.headers().firstValue(name);
        }

        /** {@return the status, and where a redirect leads} */
        public String outcome() {
            return location.isEmpty() ? Integer.toString(status) : status + " " + location;
        }
    }

    /** A browser or a program. */
    public static final class Client {
        private static final HttpClient HTTP = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();

        private final int port;
        private final CookieJar cookies = new CookieJar();

        private Client(int port) {
            this.port = port;
        }

        public String cookie(String name) {
            return cookies.value(name).orElse("");
        }

        public String sessionId() {
            return cookie("JSESSIONID");
        }

        public Client keeping(Client other, String... names) {
            for (String name : names) {
                cookies.put(name, other.cookie(name));
            }
            return this;
        }

        public void drop(String name) {
            cookies.remove(name);
        }

        public Response page(String path) {
            return send("GET", path, "text/html,application/xhtml+xml,*/*;q=0.8", null, Map.of());
        }

        public Response fetch(String path) {
            return send("GET", path, "application/json", null, Map.of());
        }

        public Response fetch(String path, Map<String, String> headers) {
            return send("GET", path, "application/json", null, headers);
        }

        public Response basic(String path, String name) {
            String credentials = name + ":pw-" + name;
            return fetch(
                    path,
                    Map.of(
                            "Authorization",
                            "Basic "
                                    + Base64.getEncoder()
                                            .encodeToString(credentials.getBytes(StandardCharsets.UTF_8))));
        }

        /** Sends a form as a browser does, with the CSRF token of the session. */
        public Response form(String path, String... fields) {
            return sendForm(csrf(), path, "text/html,*/*;q=0.8", fields);
        }

        /** Sends a form as a script does. */
        public Response call(String path, String... fields) {
            return sendForm(csrf(), path, "application/json", fields);
        }

        public Response sendForm(String csrf, String path, String accept, String... fields) {
            StringBuilder body = new StringBuilder(encodedCsrf(csrf));
            for (int i = 0; i < fields.length; i += 2) {
                body.append('&').append(fields[i]).append('=').append(encode(fields[i + 1]));
            }
            return send(
                    "POST", path, accept, body.toString(), Map.of("Content-Type", "application/x-www-form-urlencoded"));
        }

        public Response json(String path, String body) {
            String csrf = csrf();
            return send(
                    "POST",
                    path,
                    "application/json",
                    body,
                    Map.of("Content-Type", "application/json", "X-CSRF-TOKEN", csrf.substring(csrf.indexOf('=') + 1)));
        }

        public String csrf() {
            return fetch("/open/csrf").body();
        }

        public Response logIn(String name) {
            return form("/login", "username", name, "password", "pw-" + name);
        }

        public Response code(String code) {
            return form("/two-factor/code", "code", code);
        }

        private static String encodedCsrf(String csrf) {
            int equals = csrf.indexOf('=');
            return equals < 0 ? "" : csrf.substring(0, equals + 1) + encode(csrf.substring(equals + 1));
        }

        private static String encode(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }

        public Response send(
                String method,
                String path,
                String accept,
                @org.jspecify.annotations.Nullable String body,
                Map<String, String> headers) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .header("Accept", accept)
                    .header("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
                    .method(
                            method,
                            body == null
                                    ? HttpRequest.BodyPublishers.noBody()
                                    : HttpRequest.BodyPublishers.ofString(body));
            headers.forEach(request::header);
            cookies.header().ifPresent(cookie -> request.header("Cookie", cookie));
            try {
                HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
                cookies.keep(response.headers().allValues("Set-Cookie"));
                String location = response.headers()
                        .firstValue("Location")
                        .map(target -> {
                            URI uri = URI.create(target);
                            return uri.getPath() + (uri.getQuery() == null ? "" : "?" + uri.getQuery());
                        })
                        .orElse("");
                return new Response(response.statusCode(), location, response.body(), response);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
