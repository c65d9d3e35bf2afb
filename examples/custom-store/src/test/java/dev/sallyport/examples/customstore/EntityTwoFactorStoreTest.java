// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.Browser;
import dev.sallyport.KeyRing;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.Rejected;
import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import dev.sallyport.VerificationResult.LockedOut;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.jdbc.JdbcTwoFactorStore;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.Id;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.SharedEntityManagerCreator;
import org.springframework.orm.jpa.persistenceunit.PersistenceManagedTypes;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Why a JPA entity is no store: it takes part in the transaction of its caller. Beside it is what to use instead, {@link
 * JdbcTwoFactorStore} on the same data source. The transaction is that of a sign-in whose method is {@code @Transactional} and
 * throws after a wrong code.
 */
class EntityTwoFactorStoreTest {
    private static final UserId ALICE = UserId.of("alice");
    private static final KeyRing KEYS = KeyRing.generate();

    /** Hibernate describes the database at each start. The field keeps the setting from being collected. */
    private static final Logger HIBERNATE = Logger.getLogger("org.hibernate");

    private final JdbcConnectionPool dataSource = JdbcConnectionPool.create("jdbc:h2:mem:shop", "sa", "");
    private final EntityManagerFactory entities = entityManagerFactory(dataSource);
    private final TransactionTemplate transaction = new TransactionTemplate(new JpaTransactionManager(entities));
    private final SteppedClock clock = new SteppedClock();

    /** The record as an entity. */
    @Entity(name = "Record")
    static class Row {
        @Id
        private @Nullable String userId;

        private long version;

        @Column(length = StoredRecord.MAX_PAYLOAD_BYTES)
        private byte @Nullable [] payload;

        /** For JPA. */
        Row() {}

        Row(StoredRecord record) {
            userId = record.userId();
            version = record.version();
            payload = record.payload();
        }

        StoredRecord record() {
            return StoredRecord.of(Objects.requireNonNull(userId), version, Objects.requireNonNull(payload));
        }
    }

    /**
     * The mistake. It is as a repository of Spring Data would be, which has {@code @Transactional}. Each write is conditional,
     * and so it passes every test that has no transaction of a caller.
     */
    record EntityTwoFactorStore(EntityManager entities, TransactionTemplate transaction) implements TwoFactorStore {
        @Override
        public Optional<StoredRecord> find(String userId) {
            return Objects.requireNonNull(transaction.execute(status ->
                    Optional.ofNullable(entities.find(Row.class, userId)).map(Row::record)));
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            return Objects.requireNonNull(transaction.execute(status -> {
                if (entities.find(Row.class, record.userId()) != null) {
                    return false;
                }
                entities.persist(new Row(record));
                return true;
            }));
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            return Objects.requireNonNull(transaction.execute(
                    status -> entities.createQuery("UPDATE Record SET version = :next, payload = :payload"
                                            + " WHERE userId = :user AND version = :current")
                                    .setParameter("next", next.version())
                                    .setParameter("payload", next.payload())
                                    .setParameter("user", current.userId())
                                    .setParameter("current", current.version())
                                    .executeUpdate()
                            == 1));
        }

        @Override
        public void erase(String userId) {
            transaction.executeWithoutResult(status -> entities.createQuery("DELETE FROM Record WHERE userId = :user")
                    .setParameter("user", userId)
                    .executeUpdate());
        }
    }

    private static EntityManagerFactory entityManagerFactory(DataSource dataSource) {
        HIBERNATE.setLevel(Level.WARNING);
        LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
        factory.setDataSource(dataSource);
        factory.setManagedTypes(PersistenceManagedTypes.of(Row.class.getName()));
        HibernateJpaVendorAdapter hibernate = new HibernateJpaVendorAdapter();
        hibernate.setGenerateDdl(true);
        factory.setJpaVendorAdapter(hibernate);
        factory.afterPropertiesSet();
        return Objects.requireNonNull(factory.getObject());
    }

    private TwoFactor on(TwoFactorStore store) {
        return TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KEYS)
                .clock(clock)
                .build();
    }

    private EntityTwoFactorStore entityStore() {
        return new EntityTwoFactorStore(SharedEntityManagerCreator.createSharedEntityManager(entities), transaction);
    }

    private JdbcTwoFactorStore jdbcStore() {
        JdbcTwoFactorStore store = JdbcTwoFactorStore.of(dataSource);
        store.createTableIfMissing();
        return store;
    }

    private VirtualPhone enroll(TwoFactor twoFactor) {
        PendingEnrollment pending = twoFactor.beginEnrollment(ALICE, "alice@acme.example");
        VirtualPhone phone = VirtualPhone.scan(pending, clock);
        twoFactor.confirmEnrollment(pending.handle(), phone.code());
        return phone;
    }

    private static VerificationResult signIn(TwoFactor twoFactor, String code) {
        CodeRequired required = (CodeRequired) twoFactor.signInRequirement(ALICE, Browser.none());
        return twoFactor.verify(required.challenge(), code);
    }

    /** The application rolls back after a wrong code. */
    private VerificationResult signInAndRollBack(TwoFactor twoFactor, String code) {
        return Objects.requireNonNull(transaction.execute(status -> {
            VerificationResult result = signIn(twoFactor, code);
            status.setRollbackOnly();
            return result;
        }));
    }

    @AfterEach
    void closeDatabase() {
        entities.close();
        dataSource.dispose();
    }

    @Test
    void entityStore_withoutATransactionOfTheCaller_locks() {
        TwoFactor twoFactor = on(entityStore());
        VirtualPhone phone = enroll(twoFactor);

        for (int i = 0; i < 5; i++) {
            assertThat(signIn(twoFactor, phone.wrongCode())).isEqualTo(new Rejected());
        }

        assertThat(signIn(twoFactor, phone.wrongCode())).isInstanceOf(LockedOut.class);
    }

    @Test
    void entityStore_thousandWrongGuessesEachRolledBack_neverLocks() {
        TwoFactor twoFactor = on(entityStore());
        VirtualPhone phone = enroll(twoFactor);

        for (int i = 0; i < 1_000; i++) {
            assertThat(signInAndRollBack(twoFactor, phone.wrongCode())).isEqualTo(new Rejected());
        }

        assertThat(signIn(twoFactor, phone.code())).as("nothing was counted").isInstanceOf(Verified.class);
    }

    @Test
    void entityStore_codeAcceptedAndRolledBack_isAcceptedAgain() {
        TwoFactor twoFactor = on(entityStore());
        String code = enroll(twoFactor).code();

        assertThat(signInAndRollBack(twoFactor, code)).isInstanceOf(Verified.class);

        assertThat(signIn(twoFactor, code)).as("a used code").isInstanceOf(Verified.class);
    }

    @Test
    void entityStore_insideATransaction_findsARecordThatAnotherThreadHasReplaced() {
        TwoFactorStore store = entityStore();
        enroll(on(store));

        transaction.executeWithoutResult(status -> {
            StoredRecord first = store.find("alice").orElseThrow();
            CompletableFuture.runAsync(() -> on(store).endTrust(ALICE)).join();

            assertThat(store.find("alice")).as("from the session of the caller").contains(first);
        });
    }

    @Test
    void jdbcStore_onTheSameDataSource_locksAlthoughEachGuessIsRolledBack() {
        TwoFactor twoFactor = on(jdbcStore());
        VirtualPhone phone = enroll(twoFactor);

        for (int i = 0; i < 5; i++) {
            assertThat(signInAndRollBack(twoFactor, phone.wrongCode())).isEqualTo(new Rejected());
        }

        assertThat(signInAndRollBack(twoFactor, phone.code())).isInstanceOf(LockedOut.class);
    }

    @Test
    void jdbcStore_onTheSameDataSource_acceptsNoCodeTwice() {
        TwoFactor twoFactor = on(jdbcStore());
        String code = enroll(twoFactor).code();

        assertThat(signInAndRollBack(twoFactor, code)).isInstanceOf(Verified.class);

        assertThat(signIn(twoFactor, code)).isEqualTo(new Rejected());
    }

    @Test
    void jdbcStore_insideATransaction_findsTheNewestRecord() {
        TwoFactorStore store = jdbcStore();
        enroll(on(store));

        transaction.executeWithoutResult(status -> {
            StoredRecord first = store.find("alice").orElseThrow();
            CompletableFuture.runAsync(() -> on(store).endTrust(ALICE)).join();

            assertThat(store.find("alice").orElseThrow().version()).isNotEqualTo(first.version());
        });
    }
}
