// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.consumer;

import dev.sallyport.Browser;
import dev.sallyport.BrowserToken;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.KeyRing;
import dev.sallyport.Malformed;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Regenerated;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TemporaryCode;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.qr.QrCode;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import dev.sallyport.testing.CookieJar;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.h2.jdbcx.JdbcDataSource;

/** Enrolls, signs in and disables, once in memory and once in a database, with codes that it computes itself. */
public final class Main {
    private static final UserId ALICE = UserId.of("42");
    private static final Instant START = Instant.parse("2026-11-01T12:00:00Z");
    private static final int PERIOD = 30;
    private static final String USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";

    private Instant now = START;

    private Main() {}

    /**
     * Runs.
     *
     * @param arguments {@code --planted-reflection} and {@code --planted-newer-codec}, to do what the library never
     *     does
     */
    public static void main(String[] arguments) throws Exception {
        if (List.of(arguments).contains("--planted-reflection")) {
            Planted.reflect();
        }
        if (List.of(arguments).contains("--planted-newer-codec")) {
            Planted.callNewerCodec();
        }
        Secrets.readAndWrite();
        new Main().signInWith(new InMemoryTwoFactorStore());
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:consumer;DB_CLOSE_DELAY=-1");
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(database);
        store.createTableIfMissing();
        new Main().signInWith(store);
        System.out.println("ran with commons-codec " + Versions.ofCodec() + " and slf4j-api " + Versions.ofSlf4j());
        System.out.println("signed in as "
                + Optional.ofNullable(Main.class.getModule().getName()).orElse("the class path"));
    }

    private void signInWith(TwoFactorStore store) throws GeneralSecurityException {
        TwoFactor twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KeyRing.generate())
                .clock(() -> now)
                .build();
        Browser browser = Browser.fromHeaders(null, USER_AGENT);
        require(
                twoFactor.signInRequirement(ALICE, browser) instanceof NoCodeRequired free
                        && twoFactor.isCurrent(ALICE, free.stamp()),
                "without two-factor authentication, the password is enough");

        EnrollmentRequest request = EnrollmentRequest.of("alice@acme.example").browser(browser);
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, request);
        String uri = pending.keyUri().toUriString();
        QrCode code = QrCode.of(uri);
        require(code.toSvg().startsWith("<svg") && code.toPng(4).length > 0, "a QR code is drawn");
        byte[] secret = Secrets.base32(uri.replaceAll(".*[?&]secret=([A-Z2-7]+).*", "$1"));
        VirtualPhone phone = VirtualPhone.scan(pending, new SteppedClock(now));
        require(phone.code().equals(codeOf(secret)), "a virtual phone shows the code");
        EnrollmentHandle handle = EnrollmentHandle.of(pending.handle().value());
        require(twoFactor.pendingEnrollment(handle).isPresent(), "the page can be loaded again");
        require(
                twoFactor.confirmEnrollment(handle, codeOf(secret)) instanceof Enrolled enrolled
                        && signInAndOut(twoFactor, secret, enrolled),
                "the first code enrolls");
    }

    private boolean signInAndOut(TwoFactor twoFactor, byte[] secret, Enrolled enrolled)
            throws GeneralSecurityException {
        List<String> backupCodes = enrolled.backupCodes().orElseThrow().asList();
        Browser browser = browserWith(enrolled.proof().browserToken().orElseThrow());
        Challenge challenge = challenge(twoFactor, browser);
        require(twoFactor.verify(challenge, codeOf(secret)) instanceof Rejected, "the code that enrolled is used up");
        require(twoFactor.verify(challenge, "let me in") instanceof Malformed, "other input is no code");

        now = now.plusSeconds(PERIOD);
        require(twoFactor.verify(challenge, codeOf(secret)) instanceof Verified, "the next code signs in");
        require(twoFactor.verify(challenge, codeOf(secret)) instanceof Rejected, "it does so once");

        VerificationResult recovered = twoFactor.verify(challenge, backupCodes.get(0));
        require(recovered instanceof Verified, "a backup code signs in");
        Verified proof = (Verified) recovered;
        require(twoFactor.verify(challenge, codeOf(secret)) instanceof SignInAgain, "it ends other sign-ins");
        require(!twoFactor.isCurrent(ALICE, enrolled.proof().stamp()), "it ends other sessions");
        require(
                twoFactor.verify(challenge(twoFactor, browser), backupCodes.get(0)) instanceof Rejected,
                "it works once");

        require(twoFactor.unseal(ALICE, twoFactor.seal(proof)).isPresent(), "a proof is sealed and opened");
        twoFactor.rememberBrowser(proof);
        require(
                twoFactor.signInRequirement(ALICE, browser) instanceof NoCodeRequired remembered
                        && twoFactor.isCurrent(ALICE, TrustStamp.of(remembered.stamp().value())),
                "a browser is remembered");
        Regenerated regenerated = twoFactor.regenerateBackupCodes(proof);
        require(twoFactor.status(ALICE).backupCodesLeft() == regenerated.codes().asList().size(), "all codes are left");

        TemporaryCode temporary =
                twoFactor.operator("support").issueTemporaryCode(ALICE, Duration.ofHours(1), "no phone");
        VerificationResult last = twoFactor.stepUp(ALICE, regenerated.proof().stamp(), temporary.value());
        require(last instanceof Verified, "a temporary code gives a proof");
        TrustStamp after = twoFactor.disable((Verified) last);
        require(twoFactor.isCurrent(ALICE, after), "the session that disabled it goes on");
        require(
                twoFactor.signInRequirement(ALICE, browser) instanceof NoCodeRequired,
                "two-factor authentication is off");
        return true;
    }

    private static Challenge challenge(TwoFactor twoFactor, Browser browser) {
        SignInRequirement requirement = twoFactor.signInRequirement(ALICE, browser);
        require(requirement instanceof CodeRequired, "a sign-in needs a code");
        return Challenge.of(((CodeRequired) requirement).challenge().value());
    }

    private static Browser browserWith(BrowserToken token) {
        CookieJar cookies = new CookieJar();
        cookies.keep(List.of(token.setCookie()));
        return Browser.fromHeaders(cookies.header().orElseThrow(), USER_AGENT);
    }

    /** RFC 6238, computed with the JDK alone. */
    private String codeOf(byte[] secret) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA1");
        mac.init(new SecretKeySpec(secret, "HmacSHA1"));
        ByteBuffer hash = ByteBuffer.wrap(mac.doFinal(ByteBuffer.allocate(8)
                .putLong(now.getEpochSecond() / PERIOD)
                .array()));
        int number = hash.getInt(hash.get(19) & 0xF) & 0x7FFF_FFFF;
        return "%06d".formatted(number % 1_000_000);
    }

    static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError("it is not so that " + what);
        }
    }
}
