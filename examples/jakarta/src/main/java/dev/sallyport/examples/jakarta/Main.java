// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.jakarta;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.BackupCodes;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.qr.QrCode;
import dev.sallyport.storage.MapTwoFactorStore;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletContext;
import jakarta.servlet.SessionTrackingMode;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.startup.ExpandWar;
import org.apache.catalina.startup.Tomcat;

/** Runs the filter in a Tomcat of its own, for two users: alice has two-factor authentication on, bob has not. */
public final class Main {
    static final UserId ALICE = UserId.of("1");
    private static final Map<String, UserId> USERS = Map.of("alice", ALICE, "bob", UserId.of("2"));

    private Main() {}

    /**
     * Runs the example until Ctrl-C. Nothing is kept.
     *
     * @param args a port, if not 8081
     * @throws Exception if it cannot start, as when the port is taken
     */
    public static void main(String[] args) throws Exception {
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Sallyport demo")
                .store(new MapTwoFactorStore(new ConcurrentHashMap<>()))
                .encryptionKeys(KeyRing.generate())
                .build();
        String password = SharedSecret.generate().toBase32();
        int port = args.length == 0 ? 8081 : Integer.parseInt(args[0]);
        Tomcat tomcat = start(new SignInFilter(twoFactor, passwords(password), InstantSource.system()), port);
        System.out.println(enable(twoFactor, Instant.now()));
        System.out.println("http://127.0.0.1:" + port + " for alice or bob, password " + password);
        tomcat.getServer().await();
    }

    static BiFunction<String, String, Optional<UserId>> passwords(String password) {
        return (name, typed) -> Optional.ofNullable(USERS.get(name))
                .filter(user -> MessageDigest.isEqual(typed.getBytes(UTF_8), password.getBytes(UTF_8)));
    }

    /** Plays the phone that enrolls alice, with the code of the step before: the one that yours shows now is unused. */
    static String enable(TwoFactor twoFactor, Instant now) {
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice");
        String uri = pending.keyUri().toUriString();
        String code = Totp.of(TotpParameters.DEFAULT).generate(KeyUri.parse(uri).secret(), now.minusSeconds(30));
        Enrolled enrolled = (Enrolled) twoFactor.confirmEnrollment(pending.handle(), code);
        BackupCodes codes = enrolled.backupCodes().orElseThrow();
        return QrCode.of(uri).toText() + uri + "\n\n" + codes.toText("Backup codes of alice");
    }

    /** Starts a server on this machine alone. Port 0 takes a free one. */
    static Tomcat start(Filter filter, int port) throws IOException, LifecycleException {
        File directory = Files.createTempDirectory("sallyport-jakarta").toFile();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> ExpandWar.delete(directory)));
        Tomcat tomcat = new Tomcat();
        tomcat.setSilent(true);
        tomcat.setBaseDir(directory.getPath());
        tomcat.setPort(port);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setThrowOnFailure(true); // a port that is taken
        ((StandardHost) tomcat.getHost()).setErrorReportValveClass(""); // shows stack traces
        Context context = tomcat.addContext("", directory.getPath());
        context.addServletContainerInitializer((classes, application) -> install(filter, application), null);
        tomcat.start();
        return tomcat;
    }

    /** All that an application has to do. */
    private static void install(Filter filter, ServletContext application) {
        application.setSessionTrackingModes(Set.of(SessionTrackingMode.COOKIE)); // no session ids in URLs
        application.getSessionCookieConfig().setHttpOnly(true);
        application.getSessionCookieConfig().setAttribute("SameSite", "Lax");
        application.addFilter("sign-in", filter).addMappingForUrlPatterns(null, false, "/*");
        application.addServlet("home", new Home()).addMapping("/");
    }

    /** The application behind the filter. */
    private static final class Home extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            Object user = request.getSession().getAttribute(SignInFilter.SIGNED_IN);
            Pages.show(request.getSession(), response, "/", "You are signed in as user " + user + ".");
        }
    }
}
