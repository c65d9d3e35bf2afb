// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariDataSource;
import dev.sallyport.BackupCodes;
import dev.sallyport.Browser;
import dev.sallyport.BrowserToken;
import dev.sallyport.Challenge;
import dev.sallyport.EnrollmentResult;
import dev.sallyport.EnrollmentResult.BeginAgain;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.MissingRecordException;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Regenerated;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.SignInRequirement.NoCodeRequired;
import dev.sallyport.StaleProofException;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UnreadableRecordException;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.SignInAgain;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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
    private static final String WRONG_BACKUP_CODE = "0000-0000-0000-0000-0000-0000";
    private static final String WRONG_TEMPORARY_CODE = "0000-0000-0000-0000";

    private final String table = Database.newTable();
    private final HikariDataSource pool = Database.POSTGRESQL.pool(THREADS);
    private final Queue<TwoFactorEvent> events = new ConcurrentLinkedQueue<>();
    private final TwoFactor twoFactor;
    private final TwoFactor otherNode;
    private final Owner owner;
    private volatile Instant now = Owner.NOW;

    AbuseCasesTest() {
        JdbcTwoFactorStore.of(pool).withTable(table).createTableIfMissing();
        twoFactor = node().build();
        otherNode = node().build();
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

    private TwoFactor.Builder node() {
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(pool).withTable(table);
        return Owner.builder(store).clock(() -> now).listener(events::add);
    }

    private TwoFactor witnessedNode() {
        return node().versionWitness(this::highestVersion).build();
    }

    /** What the application keeps in a table of its own: one number per user, which is only ever raised. */
    private long highestVersion(UserId user) {
        return events.stream()
                .filter(event -> event.user().equals(user))
                .flatMap(event -> event.position().stream())
                .mapToLong(TwoFactorEvent.Position::version)
                .max()
                .orElse(0);
    }

    /** On both nodes in turn. */
    private <T> List<T> atOnce(int requests, BiFunction<TwoFactor, Integer, T> request) {
        return atOnce(List.of(twoFactor, otherNode), requests, request);
    }

    private static <T> List<T> atOnce(List<TwoFactor> nodes, int requests, BiFunction<TwoFactor, Integer, T> request) {
        return ConcurrentCalls.run(requests, i -> request.apply(nodes.get(i % nodes.size()), i));
    }

    private static long count(Class<?> kind, List<?> results) {
        return results.stream().filter(kind::isInstance).count();
    }

    private @Nullable String column(String name) {
        String sql = "SELECT " + name + " FROM " + table + " WHERE user_id = ?";
        return Sql.ask(pool, sql, owner.user().value()).get(0);
    }

    private VerificationResult verify(String typed) {
        return owner.verify(twoFactor, typed);
    }

    private Verified prove() {
        return owner.prove(twoFactor, now);
    }

    /** A proof from a browser that keeps its token. */
    private Verified proveInBrowser() {
        return (Verified) twoFactor.verify(owner.challenge(twoFactor, Browser.ofToken(null, "Firefox")), owner.code());
    }

    private static Browser knownBrowser(Verified proof) {
        return Browser.ofToken(proof.browserToken().orElseThrow().value(), "Firefox");
    }

    private void nextStep() {
        now = now.plus(Owner.STEP);
    }

    @Test
    @DisplayName("[2] Fortify CVE-2022-25838: used and used again, on either node, from a fresh account")
    void verify_firstCodeAgain_isRejected() {
        assertThat(verify(owner.code())).isInstanceOf(Verified.class);

        assertThat(verify(owner.code())).isEqualTo(new Rejected());
        assertThat(owner.verify(otherNode, owner.code())).isEqualTo(new Rejected());
    }

    @Test
    @DisplayName("[7] Filament CVE-2026-48505, appwrite #11692, artifact-keeper #1822: "
            + "one backup code, 64 parallel requests, one sign-in")
    void verify_oneBackupCodeInParallel_isAcceptedOnce() {
        String code = twoFactor.regenerateBackupCodes(prove()).codes().asList().get(0);

        List<VerificationResult> results = atOnce(64, (node, i) -> owner.verify(node, code));

        assertThat(count(Verified.class, results)).isEqualTo(1);
        assertThat(count(Rejected.class, results) + count(SignInAgain.class, results))
                .isEqualTo(63);
        assertThat(column("backup_codes_left")).isEqualTo("9");
    }

    @Test
    @DisplayName("[8] Filament CVE-2025-67507: a used backup code again, on either node")
    void verify_usedBackupCode_isRejected() {
        BackupCodes codes = twoFactor.regenerateBackupCodes(prove()).codes();
        String code = codes.asList().get(0);
        assertThat(verify(code)).isInstanceOf(Verified.class);

        assertThat(verify(code)).isEqualTo(new Rejected());
        assertThat(owner.verify(otherNode, code)).isEqualTo(new Rejected());
        assertThat(column("backup_codes_left")).isEqualTo("9");
    }

    @RepeatedTest(5)
    @DisplayName("[9] logto #9109, better-auth #10423, OwnPay #145: T and T+1 in parallel leave the watermark at T+1")
    void verify_twoCodesInParallel_watermarkEndsAtTheLater() {
        List<String> codes = List.of(owner.code(), owner.codeAt(Owner.NOW.plus(Owner.STEP)));

        List<VerificationResult> results = atOnce(16, (node, i) -> owner.verify(node, codes.get(i / 2 % 2)));

        assertThat(count(Verified.class, results)).isBetween(1L, 2L);
        twoFactor.operator("test").unlock(owner.user(), "so that codes are compared");
        nextStep();
        assertThat(codes).allSatisfy(code -> assertThat(verify(code)).isEqualTo(new Rejected()));
        nextStep();
        assertThat(verify(owner.codeAt(now))).isInstanceOf(Verified.class);
    }

    @RepeatedTest(5)
    @DisplayName("[11] Pad #914: disabled and enrolled again while codes of the old enrollment are checked")
    void verify_whileEnrolledAgain_nothingOfTheOldEnrollmentSurvives() {
        Regenerated regenerated = twoFactor.regenerateBackupCodes(prove());
        Verified proof = regenerated.proof();
        String backupCode = regenerated.codes().asList().get(0);
        String next = owner.codeAt(Owner.NOW.plus(Owner.STEP));
        Owner enrolledAgain = new Owner(owner.user(), SharedSecret.generate());

        List<Object> results = atOnce(8, (node, i) -> switch (i) {
            case 0 -> enrollAgain(proof, enrolledAgain);
            case 1 -> signIn(node, backupCode);
            default -> signIn(node, next);
        });

        // If the backup code was used first, the proof was stale and nothing was disabled.
        boolean again = results.get(0).equals(true);
        // The new enrollment has counted old codes as wrong ones.
        twoFactor.operator("test").unlock(owner.user(), "so that codes are compared");
        nextStep();
        assertThat(verify(backupCode)).isEqualTo(new Rejected());
        assertThat(verify(next)).isEqualTo(new Rejected());
        twoFactor.operator("test").unlock(owner.user(), "so that codes are compared");
        nextStep();
        Owner enrolled = again ? enrolledAgain : owner;
        assertThat(verify(enrolled.codeAt(now))).isInstanceOf(Verified.class);
    }

    /** In the moment between disabling and enrolling again, no code is required. */
    private Object signIn(TwoFactor node, String typed) {
        SignInRequirement requirement = node.signInRequirement(owner.user(), Browser.none());
        return requirement instanceof CodeRequired code ? node.verify(code.challenge(), typed) : requirement;
    }

    private boolean enrollAgain(Verified proof, Owner enrolledAgain) {
        try {
            twoFactor.disable(proof);
        } catch (StaleProofException e) {
            return false;
        }
        enrolledAgain.importApp(twoFactor);
        return true;
    }

    @Test
    @DisplayName("[20] vaultwarden CVE-2026-27801: the raised count is in the table, and another node reads it")
    void verify_failures_areCountedAfterAReload() {
        for (int failures = 1; failures <= 5; failures++) {
            assertThat(owner.verify(failures % 2 == 0 ? twoFactor : otherNode, owner.wrong()))
                    .isEqualTo(new Rejected());
            assertThat(column("failed_attempts")).isEqualTo(Integer.toString(failures));
        }

        TwoFactor reloaded = Owner.node(JdbcTwoFactorStore.of(pool).withTable(table));
        assertThat(owner.verify(reloaded, owner.code())).isInstanceOf(LockedOut.class);
    }

    @Test
    @DisplayName("[42] better-auth, Spring Security #2648, #3079: 32 parallel requests with one token, and no write")
    void signInRequirement_inParallel_isRecognizedEachTime() {
        Verified proof = proveInBrowser();
        twoFactor.rememberBrowser(proof);
        BrowserToken token = proof.browserToken().orElseThrow();
        Browser remembered = knownBrowser(proof);
        String version = column("version");

        List<SignInRequirement> answers = atOnce(32, (node, i) -> node.signInRequirement(owner.user(), remembered));

        assertThat(answers)
                .hasSize(32)
                .allSatisfy(answer -> assertThat(answer)
                        .isInstanceOfSatisfying(
                                NoCodeRequired.class,
                                free -> assertThat(free.browser()).isEqualTo(Optional.of(token.browser()))));
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
        assertThat(bob.verify(twoFactor, bob.code())).isInstanceOf(Verified.class);
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
        assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> of.verify(twoFactor, of.code()));
    }

    @RepeatedTest(5)
    @DisplayName("[70] \"Forget all\" while copies of one session sign in at once: every stamp of before is stale")
    void endTrust_whileCopiesOfOneSessionSignInAtOnce_everyStampOfBeforeIsStale() {
        TrustStamp copied = prove().stamp();
        nextStep();
        Challenge halfSignedIn = owner.challenge(twoFactor, Browser.none());
        String phished = owner.codeAt(now);

        List<Object> results = atOnce(16, (node, i) -> switch (i) {
            case 0 -> node.endTrust(owner.user());
            case 1, 2, 3, 4, 5, 6, 7 -> node.stepUp(owner.user(), copied, phished);
            default -> node.verify(halfSignedIn, phished);
        });

        List<Verified> accepted = results.stream()
                .filter(Verified.class::isInstance)
                .map(Verified.class::cast)
                .toList();
        assertThat(accepted).hasSizeLessThan(2).allSatisfy(proof -> {
            assertThat(otherNode.isCurrent(owner.user(), proof.stamp())).isFalse();
            assertThatExceptionOfType(StaleProofException.class).isThrownBy(() -> otherNode.disable(proof));
        });
        assertThat(otherNode.isCurrent(owner.user(), copied)).isFalse();
        assertThat(otherNode.isCurrent(owner.user(), (TrustStamp) results.get(0)))
                .isTrue();
    }

    @RepeatedTest(5)
    @DisplayName("[70] The owner and copies of the session end all others at once: one of them goes on")
    void endTrust_askedByCopiesOfOneSessionAtOnce_oneGoesOn() {
        TrustStamp copied = prove().stamp();

        List<TrustStamp> gotOne = atOnce(16, (node, i) -> node.endTrust(owner.user(), copied)).stream()
                .flatMap(Optional::stream)
                .toList();

        assertThat(gotOne)
                .singleElement()
                .satisfies(stamp ->
                        assertThat(otherNode.isCurrent(owner.user(), stamp)).isTrue());
        assertThat(otherNode.isCurrent(owner.user(), copied)).isFalse();
    }

    @Test
    @DisplayName("[73] 64 wrong backup codes at once beside the owner's right one and another user's code: "
            + "both pass, and a wrong one writes nothing")
    void verify_wrongBackupCodesBesideRightCodes_theRightOnesPass() {
        Owner bob = Owner.enroll(twoFactor);
        String code = twoFactor.regenerateBackupCodes(prove()).codes().asList().get(0);
        long version = Long.parseLong(String.valueOf(column("version")));

        List<VerificationResult> results = atOnce(66, (node, i) -> switch (i) {
            case 0 -> owner.verify(node, code);
            case 1 -> bob.verify(node, bob.code());
            default -> owner.verify(node, WRONG_BACKUP_CODE);
        });

        assertThat(results.subList(0, 2))
                .allSatisfy(result -> assertThat(result).isInstanceOf(Verified.class));
        assertThat(count(Rejected.class, results) + count(SignInAgain.class, results))
                .isEqualTo(64);
        assertThat(column("version")).isEqualTo(Long.toString(version + 1));
        assertThat(column("failed_attempts")).isEqualTo("0");
    }

    @RepeatedTest(5)
    @DisplayName("[75] Events of writes at once come in any order: no node takes the record for a missing one")
    void witness_raisedByWritesAtOnce_neverKeepsTheOwnerOut() {
        List<TwoFactor> nodes = List.of(witnessedNode(), witnessedNode());
        String code = twoFactor.regenerateBackupCodes(prove()).codes().asList().get(0);

        List<VerificationResult> results =
                atOnce(nodes, 16, (node, i) -> owner.verify(node, i == 0 ? code : owner.wrong()));

        assertThat(results.get(0)).isInstanceOf(Verified.class);
        assertThat(column("version")).isEqualTo(Long.toString(highestVersion(owner.user())));
        assertThat(nodes)
                .allSatisfy(
                        node -> assertThat(node.status(owner.user()).state()).isEqualTo(TwoFactorStatus.State.ENABLED));
    }

    @RepeatedTest(5)
    @DisplayName("[80] 95 mails from one attack: of 32 wrong codes at once on two nodes, one event notifies the user")
    void events_ofWrongCodesAtOnce_notifyOnce() {
        events.clear();

        atOnce(32, (node, i) -> owner.verify(node, owner.wrong()));

        assertThat(events)
                .extracting(TwoFactorEvent::type)
                .filteredOn(TwoFactorEvent.Type::notifiesUser)
                .containsExactly(TwoFactorEvent.Type.LOCKED_OUT);
    }

    @RepeatedTest(5)
    @DisplayName("[85] emqx PR #16943: eight set-ups at once: one is confirmed, and the others are told to begin again")
    void enrollment_begunAndConfirmedInParallel_oneIsConfirmedAndNothingMixes() {
        UserId carol = UserId.of("carol");

        List<Owner> phones = new ArrayList<>();
        List<PendingEnrollment> begun = atOnce(8, (node, i) -> node.beginEnrollment(carol, "carol"));
        begun.forEach(pending -> phones.add(new Owner(carol, pending.keyUri().secret())));
        List<EnrollmentResult> results = atOnce(
                8,
                (node, i) -> node.confirmEnrollment(
                        begun.get(i).handle(), phones.get(i).code()));

        assertThat(count(Enrolled.class, results)).isEqualTo(1);
        assertThat(count(BeginAgain.class, results)).isEqualTo(7);
        nextStep();
        for (int i = 0; i < 8; i++) {
            boolean confirmed = results.get(i) instanceof Enrolled;
            VerificationResult result =
                    phones.get(i).verify(otherNode, phones.get(i).codeAt(now));
            assertThat(result instanceof Verified).isEqualTo(confirmed);
            twoFactor.operator("test").unlock(carol, "so that codes are compared");
        }
    }

    @RepeatedTest(5)
    @DisplayName("[65] Junk codes at once at the end of a wait, beside the owner's code in a known browser: it passes")
    void verify_junkAtTheEndOfAWaitBesideTheOwner_theOwnerPasses() {
        Browser known = knownBrowser(proveInBrowser());
        VerificationResult locked = new Rejected();
        while (!(locked instanceof LockedOut)) {
            locked = verify(owner.wrong());
        }
        now = ((LockedOut) locked).until().orElseThrow();
        Challenge owners = owner.challenge(twoFactor, known);
        String wrong = owner.wrongAt(now);

        List<VerificationResult> results = atOnce(16, (node, i) -> switch (i % 4) {
            case 0 -> i == 0 ? node.verify(owners, owner.codeAt(now)) : owner.verify(node, WRONG_TEMPORARY_CODE);
            case 1 -> owner.verify(node, WRONG_BACKUP_CODE);
            default -> owner.verify(node, wrong);
        });

        assertThat(results.get(0)).isInstanceOf(Verified.class);
        assertThat(count(Verified.class, results)).isEqualTo(1);
    }

    @Test
    @DisplayName("[90] A thief in a signed-in session guesses on two nodes at once: ten failures end the session, "
            + "and lock nobody else")
    void stepUp_wrongCodesAtOnce_areAnsweredTenTimes() {
        Verified proof = proveInBrowser();
        Browser known = knownBrowser(proof);
        TrustStamp stolen = proof.stamp();

        long answered = 0;
        for (int round = 0; round < 16 && twoFactor.isCurrent(owner.user(), stolen); round++) {
            String wrong = owner.wrongAt(now);
            List<VerificationResult> results = atOnce(16, (node, i) -> node.stepUp(owner.user(), stolen, wrong));
            answered += count(Rejected.class, results);
            for (VerificationResult result : results) {
                if (result instanceof LockedOut locked) {
                    now = locked.until().orElseThrow();
                }
            }
        }

        assertThat(answered).isEqualTo(10);
        assertThat(otherNode.isCurrent(owner.user(), stolen)).isFalse();
        assertThat(column("failed_attempts")).as("of strangers").isEqualTo("0");
        assertThat(otherNode.verify(owner.challenge(otherNode, known), owner.codeAt(now)))
                .isInstanceOf(Verified.class);
    }

    @Test
    @DisplayName("[93] A row put back by hand after each guess: a node with a version witness refuses it each time")
    void verify_rowPutBackAfterEachGuess_isRefused() {
        TwoFactor witnessed = witnessedNode();
        String backup = Database.newTable();
        Sql.run(pool, "CREATE TABLE " + backup + " AS SELECT * FROM " + table);
        Challenge challenge = owner.challenge(witnessed, Browser.none());
        assertThat(witnessed.verify(challenge, owner.wrong())).isEqualTo(new Rejected());

        for (int guess = 0; guess < 20; guess++) {
            Sql.run(pool, "DELETE FROM " + table);
            Sql.run(pool, "INSERT INTO " + table + " SELECT * FROM " + backup);

            assertThatExceptionOfType(MissingRecordException.class)
                    .isThrownBy(() -> witnessed.verify(challenge, owner.code()));
            assertThat(column("failed_attempts")).isEqualTo("0");
        }
    }
}
