// SPDX-License-Identifier: Apache-2.0
package com.acme.servlet;

import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.util.ServerInfo;
import org.apache.commons.codec.binary.Base32;
import org.h2.jdbcx.JdbcDataSource;
import org.slf4j.LoggerFactory;

/** An application with a sign-in of its own and one page, in a servlet. Its one user is alice, whose id is 42. */
public final class Main extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final UserId ALICE = UserId.of("42");

    private final transient SignIn signIn;
    private final transient Settings settings;

    private Main(TwoFactor twoFactor) {
        signIn = new SignIn(twoFactor);
        settings = new Settings(twoFactor);
    }

    public static void main(String[] arguments) throws Exception {
        JdbcDataSource dataSource = new JdbcDataSource();
        dataSource.setURL("jdbc:h2:mem:acme;DB_CLOSE_DELAY=-1");
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(dataSource);
        store.createTableIfMissing();
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KeyRing.generate())
                .build();

        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(arguments[0]);
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "acme", new Main(twoFactor));
        context.addServletMappingDecoded("/*", "acme");
        tomcat.start();
        System.out.println("http://127.0.0.1:" + tomcat.getConnector().getLocalPort());
        tomcat.getServer().await();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        boolean signedIn = signIn.isSignedIn(request.getSession());
        switch (request.getMethod() + request.getPathInfo()) {
            case "GET/versions" -> response.getWriter().print(ServerInfo.getServerInfo().replace('/', ' ')
                    + ", commons-codec " + Base32.class.getPackage().getImplementationVersion()
                    + ", slf4j-api " + LoggerFactory.class.getPackage().getImplementationVersion());
            case "POST/login" -> {
                if ("alice".equals(request.getParameter("name")) && isPasswordRight(request)) {
                    signIn.afterPassword(ALICE, request, response);
                } else {
                    response.setStatus(401);
                }
            }
            case "POST/code" -> signIn.checkCode(request, response);
            default -> {
                if (signedIn) {
                    page(request, response);
                } else {
                    response.setStatus(401);
                }
            }
        }
    }

    private void page(HttpServletRequest request, HttpServletResponse response) throws IOException {
        switch (request.getMethod() + request.getPathInfo()) {
            case "GET/me" -> response.getWriter().print(request.getSession().getAttribute("user"));
            case "GET/enable" -> settings.showAgain(request.getSession(), response);
            case "POST/enable" -> {
                if (isPasswordRight(request)) {
                    settings.begin(ALICE, request, response);
                } else {
                    response.setStatus(401);
                }
            }
            case "POST/confirm" -> settings.confirm(request, response);
            case "POST/disable" -> settings.disable(ALICE, request, response);
            default -> response.setStatus(404);
        }
    }

    private static boolean isPasswordRight(HttpServletRequest request) {
        return "wonderland".equals(request.getParameter("password"));
    }
}
