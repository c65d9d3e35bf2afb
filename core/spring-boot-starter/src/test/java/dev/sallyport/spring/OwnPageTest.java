// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.spring.Answer.CodeDue;
import dev.sallyport.spring.Problem.Kind;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.Map;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.support.StaticMessageSource;

/** A page of the application in a real container, where forwards differ from those of a mock. */
class OwnPageTest {
    private final Rendering rendering =
            new Rendering(Account.START, Map.of("sallyport.code-page", "/my-code"), new StaticMessageSource());
    private final Tomcat tomcat = new Tomcat();

    @TempDir
    Path folder;

    @BeforeEach
    void start() throws Exception {
        tomcat.setBaseDir(folder.toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("/shop", folder.toString());
        add(context, "/two-factor/code", new HttpServlet() {
            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response)
                    throws IOException, jakarta.servlet.ServletException {
                rendering.writer().write(new CodeDue(Problem.of(Kind.REJECTED)), request, response);
            }
        });
        // Like a controller method with @GetMapping, this page knows no POST.
        add(context, "/my-code", new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                Map<?, ?> model = (Map<?, ?>) request.getAttribute("sallyport");
                response.getWriter().write("own page: " + model.get("problem") + " " + request.getParameter("code"));
            }
        });
        tomcat.start();
    }

    private static void add(Context context, String path, HttpServlet servlet) {
        Tomcat.addServlet(context, path, servlet);
        context.addServletMappingDecoded(path, path);
    }

    @AfterEach
    void stop() throws Exception {
        tomcat.stop();
        tomcat.destroy();
    }

    @Test
    void write_afterPost_showsThePageOfTheApplicationWithTheProblem() throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + "/shop/two-factor/code");
        HttpRequest request = HttpRequest.newBuilder(uri)
                .header("Accept", "text/html")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString("code=123456"))
                .build();

        HttpResponse<String> response = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body())
                .startsWith("own page:")
                .contains("sallyport.problem.rejected")
                .endsWith(" 123456");
        assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
    }
}
