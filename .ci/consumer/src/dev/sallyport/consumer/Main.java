// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.consumer;

import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.SignInRequirement;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.qr.QrCode;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.h2.jdbcx.JdbcDataSource;

/** Lives through the story once in memory and once in a database, with codes that it computes itself. */
public final class Main {
    private static final UserId ALICE = UserId.of("42");
    private static final Instant START = Instant.parse("2026-11-01T12:00:00Z");
    private static final int PERIOD = 30;

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

        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice@acme.example");
        String uri = pending.keyUri().toUriString();
        QrCode code = QrCode.of(uri);
        require(code.toSvg().startsWith("<svg") && code.toPng(4).length > 0, "a QR code is drawn");
        byte[] secret = Secrets.base32(uri.replaceAll(".*[?&]secret=([A-Z2-7]+).*", "$1"));
        require(
                twoFactor.confirmEnrollment(ALICE, codeOf(secret)) instanceof Enrolled enrolled
                        && signInAndOut(twoFactor, secret, enrolled.backupCodes().orElseThrow().asList()),
                "the first code enrolls");
    }

    private boolean signInAndOut(TwoFactor twoFactor, byte[] secret, List<String> backupCodes)
            throws GeneralSecurityException {
        require(
                twoFactor.signInRequirement(ALICE, null) instanceof SignInRequirement.CodeRequired,
                "a sign-in needs a code");
        require(twoFactor.verify(ALICE, codeOf(secret)) instanceof Rejected, "the code that enrolled is burnt");

        now = now.plusSeconds(PERIOD);
        require(twoFactor.verify(ALICE, codeOf(secret)) instanceof Verified, "the next code signs in");
        require(twoFactor.verify(ALICE, codeOf(secret)) instanceof Rejected, "but not twice");

        VerificationResult recovered = twoFactor.verify(ALICE, backupCodes.get(0));
        require(recovered instanceof Verified, "a backup code signs in");
        require(twoFactor.verify(ALICE, backupCodes.get(0)) instanceof Rejected, "but not twice");

        require(
                twoFactor.unseal(ALICE, twoFactor.seal((Verified) recovered)).isPresent(),
                "a proof is sealed and opened");
        String token = twoFactor.rememberBrowser((Verified) recovered, "Firefox on Linux").value();
        require(
                twoFactor.signInRequirement(ALICE, token) instanceof SignInRequirement.RememberedBrowser,
                "a browser is remembered");
        twoFactor.disable((Verified) recovered);
        require(
                twoFactor.signInRequirement(ALICE, token) instanceof SignInRequirement.NotEnrolled,
                "and it is over");
        return true;
    }

    /** RFC 6238 with what the JDK has: nothing of the library's own. */
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
