// SPDX-License-Identifier: Apache-2.0

import dev.sallyport.Browser;
import dev.sallyport.BrowserToken;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentHandle;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Compiled once for each version of the library. */
public final class NodeOfThisVersion implements Node {
    private final TwoFactor twoFactor;
    private volatile Instant now = Instant.EPOCH;

    public NodeOfThisVersion(DataSource database, String keyId, String key) {
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(database);
        store.createTableIfMissing();
        twoFactor = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KeyRing.fromBase64(keyId, key))
                .clock(() -> now)
                .build();
    }

    @Override
    public void at(Instant time) {
        now = time;
    }

    @Override
    public List<String> begin(String user) {
        PendingEnrollment pending = twoFactor.beginEnrollment(UserId.of(user), EnrollmentRequest.of("alice@acme.example"));
        return List.of(pending.handle().value(), pending.keyUri().toUriString());
    }

    @Override
    public List<String> confirm(String handle, String code) {
        Enrolled enrolled =
                (Enrolled) twoFactor.confirmEnrollment(EnrollmentHandle.of(handle), code);
        List<String> texts = new ArrayList<>(List.of(enrolled.proof().stamp().value()));
        texts.addAll(enrolled.backupCodes().orElseThrow().asList());
        return texts;
    }

    @Override
    public List<String> ask(String user, String cookieHeader) {
        SignInRequirement next =
                twoFactor.signInRequirement(UserId.of(user), Browser.fromHeaders(cookieHeader, "Firefox/143.0"));
        return next instanceof NoCodeRequired free
                ? List.of("free", free.stamp().value())
                : List.of("code", ((CodeRequired) next).challenge().value());
    }

    @Override
    public List<String> verify(String challenge, String code, boolean remember) {
        VerificationResult result = twoFactor.verify(Challenge.of(challenge), code);
        List<String> texts = new ArrayList<>(List.of(result.getClass().getSimpleName()));
        if (result instanceof Verified proof) {
            texts.add(proof.stamp().value());
            proof.browserToken().map(BrowserToken::setCookie).map(cookie -> cookie.split(";", 2)[0]).ifPresent(texts::add);
            if (remember) {
                twoFactor.rememberBrowser(proof);
            }
        }
        return texts;
    }

    @Override
    public boolean isCurrent(String user, String stamp) {
        return twoFactor.isCurrent(UserId.of(user), TrustStamp.of(stamp));
    }

    @Override
    public void disable(String challenge, String code) {
        twoFactor.disable(twoFactor.verify(Challenge.of(challenge), code).orElseThrow());
    }

    @Override
    public String codeOf(String keyUri, Instant at) {
        return Totp.of(TotpParameters.DEFAULT).generate(KeyUri.parse(keyUri).secret(), at);
    }
}
