// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.AuthenticatorSeed;
import dev.sallyport.BackupCodes;
import dev.sallyport.BrowserToken;
import dev.sallyport.EnrollmentRequest;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.RememberedBrowser;
import dev.sallyport.StaleProofException;
import dev.sallyport.TwoFactor;
import dev.sallyport.UnreadableRecordException;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Rejected;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/**
 * The cases of {@code core/ABUSE-CASES.md} that are about concurrency or about what is stored, on PostgreSQL. Those
 * about transactions and about failures of the database are in the other classes.
 */
class AbuseCasesTest {
    private static final int THREADS = 8;

    private final String table = Database.newTable();
    private final HikariDataSource pool = Database.POSTGRESQL.pool(THREADS);
    private final TwoFactor twoFactor;
    private final TwoFactor otherNode;
    private final Owner owner;
    private volatile Instant now = Owner.NOW;

    AbuseCasesTest() {
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(pool).withTable(table);
        store.createTableIfMissing();
        twoFactor = Owner.node(store, () -> now);
        otherNode = Owner.node(JdbcTwoFactorStore.of(pool).withTable(table), () -> now);
        owner = Owner.enroll(twoFactor);
    }

    @BeforeAll
    static void engineIsThere() {
        Database.POSTGRESQL.assumeThere();
    }

    @AfterEach
    void closePool() {
        pool.close();
    }

    /** On both nodes in turn. */
    private <T> List<T> atOnce(int requests, BiFunction<TwoFactor, Integer, T> request) {
        return AtOnce.run(requests, i -> request.apply(i % 2 == 0 ? twoFactor : otherNode, i));
    }

    private static long count(Class<?> kind, List<?> results) {
        return results.stream().filter(kind::isInstance).count();
    }

    private @Nullable String column(String name) {
        String sql = "SELECT " + name + " FROM " + table + " WHERE user_id = ?";
        return Sql.ask(pool, sql, owner.user().value()).get(0);
    }

    private VerificationResult verify(String typed) {
        return twoFactor.verify(owner.user(), typed);
    }

    private Verified prove() {
        return (Verified) verify(owner.codeAt(now));
    }

    private void nextStep() {
        now = now.plus(Owner.STEP);
    }

    @Test
    @DisplayName("[2] Fortify CVE-2022-25838: used and used again, on either node, from a fresh account")
    void verify_firstCodeAgain_isRejected() {
        assertThat(verify(owner.code())).isInstanceOf(Verified.class);

        assertThat(verify(owner.code())).isEqualTo(new Rejected());
        assertThat(otherNode.verify(owner.user(), owner.code())).isEqualTo(new Rejected());
    }

    @Test
    @DisplayName("[7] Filament CVE-2026-48505, appwrite #11692, artifact-keeper #1822: "
            + "one backup code, 64 parallel requests, one sign-in")
    void verify_oneBackupCodeInParallel_isAcceptedOnce() {
        String code = twoFactor.regenerateBackupCodes(prove()).asList().get(0);

        List<VerificationResult> results = atOnce(64, (node, i) -> node.verify(owner.user(), code));

        assertThat(count(Verified.class, results)).isEqualTo(1);
        assertThat(count(Rejected.class, results)).isEqualTo(5);
        assertThat(count(LockedOut.class, results)).isEqualTo(58);
        assertThat(column("backup_codes_left")).isEqualTo("9");
    }

    @Test
    @DisplayName("[8] Filament CVE-2025-67507: a used backup code again, on either node")
    void verify_usedBackupCode_isRejected() {
        BackupCodes codes = twoFactor.regenerateBackupCodes(prove());
        String code = codes.asList().get(0);
        assertThat(verify(code)).isInstanceOf(Verified.class);

        assertThat(verify(code)).isEqualTo(new Rejected());
        assertThat(otherNode.verify(owner.user(), code)).isEqualTo(new Rejected());
        assertThat(column("backup_codes_left")).isEqualTo("9");
    }

    @RepeatedTest(5)
    @DisplayName("[9] logto #9109, better-auth #10423, OwnPay #145: T and T+1 in parallel leave the watermark at T+1")
    void verify_twoCodesInParallel_watermarkEndsAtTheLater() {
        List<String> codes = List.of(owner.code(), owner.codeAt(Owner.NOW.plus(Owner.STEP)));

        List<VerificationResult> results = atOnce(16, (node, i) -> node.verify(owner.user(), codes.get(i / 2 % 2)));

        assertThat(count(Verified.class, results)).isBetween(1L, 2L);
        twoFactor.unlock(owner.user(), "so that codes are looked at");
        nextStep();
        assertThat(codes).allSatisfy(code -> assertThat(verify(code)).isEqualTo(new Rejected()));
        nextStep();
        assertThat(verify(owner.codeAt(now))).isInstanceOf(Verified.class);
    }

    @RepeatedTest(5)
    @DisplayName("[11] Pad #914: disabled and enrolled again while codes of the old enrollment are checked")
    void verify_whileEnrolledAgain_nothingOfTheOldEnrollmentSurvives() {
        Verified proof = prove();
        String backupCode = twoFactor.regenerateBackupCodes(proof).asList().get(0);
        String next = owner.codeAt(Owner.NOW.plus(Owner.STEP));
        SharedSecret newSecret = SharedSecret.generate();

        List<Object> results = atOnce(8, (node, i) -> switch (i) {
            case 0 -> enrollAgain(proof, newSecret);
            case 1 -> node.verify(owner.user(), backupCode);
            default -> node.verify(owner.user(), next);
        });

        // The used backup code makes the proof stale: then nothing was switched off.
        boolean again = results.get(0).equals(true);
        // Old codes that came to the new enrollment counted as wrong ones there.
        twoFactor.unlock(owner.user(), "so that codes are looked at");
        nextStep();
        assertThat(verify(backupCode)).isEqualTo(new Rejected());
        assertThat(verify(next)).isEqualTo(new Rejected());
        twoFactor.unlock(owner.user(), "so that codes are looked at");
        nextStep();
        Owner enrolled = again ? new Owner(owner.user(), newSecret) : owner;
        assertThat(verify(enrolled.codeAt(now))).isInstanceOf(Verified.class);
    }

    private boolean enrollAgain(Verified proof, SharedSecret secret) {
        try {
            twoFactor.disable(proof);
        } catch (StaleProofException e) {
            return false;
        }
        AuthenticatorSeed seed = AuthenticatorSeed.totp(secret, TotpParameters.DEFAULT);
        twoFactor.importWithoutConfirmation(
                owner.user(), EnrollmentRequest.of("alice").seed(seed));
        return true;
    }

    @Test
    @DisplayName("[20] vaultwarden CVE-2026-27801: the raised count is in the table, and another node reads it")
    void verify_failures_areCountedAfterAReload() {
        for (int failures = 1; failures <= 5; failures++) {
            assertThat((failures % 2 == 0 ? twoFactor : otherNode).verify(owner.user(), owner.wrong()))
                    .isEqualTo(new Rejected());
            assertThat(column("failed_attempts")).isEqualTo(Integer.toString(failures));
        }

        TwoFactor reloaded = Owner.node(JdbcTwoFactorStore.of(pool).withTable(table));
        assertThat(reloaded.verify(owner.user(), owner.code())).isInstanceOf(LockedOut.class);
    }

    @Test
    @DisplayName("[42] better-auth, Spring Security #2648, #3079: 32 parallel requests with one token, and no write")
    void signInRequirement_inParallel_isRecognizedEachTime() {
        BrowserToken token = twoFactor.rememberBrowser(prove(), "Firefox");
        String version = column("version");

        List<SignInRequirement> answers = atOnce(32, (node, i) -> node.signInRequirement(owner.user(), token.value()));

        assertThat(answers).hasSize(32).containsOnly(new RememberedBrowser(token.browser()));
        assertThat(column("version")).isEqualTo(version);
    }

    @Test
    @DisplayName("[55] A row edited by hand: another user's, and an older payload under a newer version")
    void row_movedByHand_isUnreadable() {
        Owner bob = Owner.enroll(twoFactor);
        String backup = Database.newTable();
        Sql.run(pool, "CREATE TABLE " + backup + " AS SELECT * FROM " + table);
        prove();

        putPayload(backup, owner, owner);
        isUnreadable(owner);
        putPayload(backup, owner, bob);
        isUnreadable(bob);
        putPayload(backup, bob, bob);
        assertThat(twoFactor.verify(bob.user(), bob.code())).isInstanceOf(Verified.class);
    }

    private void putPayload(String fromTable, Owner of, Owner to) {
        String payload = "(SELECT payload FROM " + fromTable + " WHERE user_id = ?)";
        Sql.run(
                pool,
                "UPDATE " + table + " SET payload = " + payload + " WHERE user_id = ?",
                of.user().value(),
                to.user().value());
    }

    private void isUnreadable(Owner of) {
        assertThatExceptionOfType(UnreadableRecordException.class)
                .isThrownBy(() -> twoFactor.verify(of.user(), of.code()));
    }
}
