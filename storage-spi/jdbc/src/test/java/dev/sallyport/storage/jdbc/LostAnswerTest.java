// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sallyport.Browser;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Rejected;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus.State;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.conformance.LoopbackProxy;
import java.sql.Connection;
import java.util.List;
import javax.sql.DataSource;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** The network breaks after the server has committed and before its answer arrives. */
@ParameterizedClass
@CsvSource({
    "POSTGRESQL, executeUpdate",
    "POSTGRESQL, commit",
    "MARIADB, executeUpdate",
    "MARIADB, commit",
})
class LostAnswerTest {
    private final String committing;
    private final LoopbackProxy proxy = new LoopbackProxy();
    private final DataSource direct;
    private final String table = Database.newTable();
    private final TwoFactor twoFactor;
    private final TwoFactor otherNode;
    private String awaited = "";

    /** The statement that commits: the write itself, or the commit after it on a pool without auto-commit. */
    LostAnswerTest(Database database, String committing) {
        this.committing = committing;
        direct = database.dataSource();
        DataSource breaking = DriverInterceptor.of(
                database.server()
                        .dataSource(proxy.portTo("127.0.0.1", database.server().port())),
                this::between);
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(breaking).withTable(table);
        twoFactor = Owner.node(committing.equals("commit") ? store.withAutoCommitOffByDefault() : store);
        JdbcTwoFactorStore whole = JdbcTwoFactorStore.of(direct).withTable(table);
        whole.createTableIfMissing();
        otherNode = Owner.node(whole);
    }

    @BeforeParameterizedClassInvocation
    static void engineIsThere(Database database) {
        database.assumeThere();
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }

    private @Nullable Object between(String method, DriverInterceptor.Call call) throws Throwable {
        // A read is committed too. The commit to intercept is the one after a write.
        if (method.equals(awaited)) {
            awaited = method.equals(committing) ? "" : committing;
            if (awaited.isEmpty()) {
                proxy.cutAnswer(1);
            }
        }
        Object result = call.proceed();
        if (result instanceof Connection connection && committing.equals("commit")) {
            connection.setAutoCommit(false);
        }
        return result;
    }

    private void losesTheAnswer(ThrowingCallable call) {
        awaited = "executeUpdate";
        assertThatExceptionOfType(StoreException.class).isThrownBy(call);
        assertThat(proxy.hasLostAnswer()).isTrue();
    }

    @Test
    @DisplayName(
            "[19] Nextcloud CVE-2021-41177: a code is used if its acceptance was committed and the answer was lost")
    void verify_acceptanceLost_throwsAndRefusesTheReplay() {
        Owner owner = Owner.enroll(twoFactor);

        losesTheAnswer(() -> owner.verify(twoFactor, owner.code()));

        assertThat(owner.verify(otherNode, owner.code())).isEqualTo(new Rejected());
        assertThat(owner.verify(twoFactor, owner.code())).isEqualTo(new Rejected());
        assertThat(owner.verify(twoFactor, owner.codeAt(Owner.NOW.plus(Owner.STEP))))
                .isInstanceOf(Verified.class);
    }

    @Test
    void verify_failureLost_throwsAndStaysCounted() {
        Owner owner = Owner.enroll(twoFactor);

        losesTheAnswer(() -> owner.verify(twoFactor, owner.wrong()));

        assertThat(Sql.ask(direct, "SELECT failed_attempts FROM " + table)).containsExactly("1");
    }

    @Test
    void enrollment_answersLost_goesOnWithWhatIsTrue() {
        UserId user = UserId.of("alice");

        losesTheAnswer(() -> twoFactor.beginEnrollment(user, "alice@acme.example"));
        assertThat(otherNode.status(user).state()).isEqualTo(State.PENDING);
        PendingEnrollment pending = twoFactor.beginEnrollment(user, "alice@acme.example");
        Owner owner = new Owner(user, SharedSecret.fromBase32(pending.secretForTyping()));
        losesTheAnswer(() -> twoFactor.confirmEnrollment(pending.handle(), owner.code()));

        assertThat(otherNode.status(user).state()).isEqualTo(State.ENABLED);
        assertThat(owner.verify(otherNode, owner.code())).isEqualTo(new Rejected());
    }

    @Test
    void disable_answerLost_throwsAndIsOff() {
        Owner owner = Owner.enroll(twoFactor);
        Verified proof = owner.prove(twoFactor, Owner.NOW);

        losesTheAnswer(() -> twoFactor.disable(proof));

        assertThat(otherNode.status(owner.user()).state()).isEqualTo(State.OFF);
    }

    @Test
    void find_answerLost_throwsAndChangesNothing() {
        Owner owner = Owner.enroll(twoFactor);
        List<@Nullable String> before = Sql.ask(direct, "SELECT version FROM " + table);

        proxy.cutAnswer(1);
        assertThatExceptionOfType(StoreException.class)
                .isThrownBy(() -> twoFactor.signInRequirement(owner.user(), Browser.none()));

        assertThat(Sql.ask(direct, "SELECT version FROM " + table)).isEqualTo(before);
    }

    @Test
    void verify_serverOutOfReach_throws() {
        Owner owner = Owner.enroll(twoFactor);
        proxy.close();

        assertThatExceptionOfType(StoreException.class).isThrownBy(() -> owner.verify(twoFactor, owner.code()));
        assertThat(owner.verify(otherNode, owner.code())).isInstanceOf(Verified.class);
    }
}
