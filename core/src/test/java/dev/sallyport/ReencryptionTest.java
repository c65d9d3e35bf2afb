// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sallyport.SignInRequirement.CodeRequired;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.UserIdPage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class ReencryptionTest {
    private static final SecretKey OLD = key(1);
    private static final SecretKey NEW = key(2);
    private static final KeyRing OLD_ONLY = KeyRing.of("old", OLD);
    private static final KeyRing NEW_ONLY = KeyRing.of("new", NEW);
    private static final TwoFactorPolicy ONE_FAILURE_LOCKS = TwoFactorPolicy.builder()
            .failuresBeforeLockout(1)
            .firstLockout(Duration.ofHours(1))
            .build();
    private static final KeyRing ROTATED = NEW_ONLY.withPrevious("old", OLD);

    private final AtomicReference<Runnable> beforeNextReplace = new AtomicReference<>(() -> {});
    private final ConcurrentMap<String, String> rows = new ConcurrentHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        public boolean replace(String user, String current, String next) {
            beforeNextReplace.getAndSet(() -> {}).run();
            return super.replace(user, current, next);
        }
    };
    private final MapTwoFactorStore store = new MapTwoFactorStore(rows);
    private final Reencryption reencryption = Reencryption.of(store, ROTATED);

    @Test
    void renew_pageByPage_bringsEveryRecordUnderTheCurrentKey() {
        for (int i = 0; i < 7; i++) {
            enable(OLD_ONLY, "user" + i);
        }

        int renewed = 0;
        String cursor = null;
        do {
            Reencryption.Page page = reencryption.renew(cursor, 2);
            assertThat(page.unreadable()).isEmpty();
            renewed += page.renewed();
            cursor = page.nextCursor();
        } while (cursor != null);

        assertThat(renewed).isEqualTo(7);
        for (int i = 0; i < 7; i++) {
            assertThat(status(NEW_ONLY, "user" + i).authenticators()).hasSize(1);
        }
    }

    @Test
    void renew_rowPutBackWithAWitness_listsItAndWritesNothing() {
        enable(OLD_ONLY, "alice");
        enable(OLD_ONLY, "bob");
        long witnessed = store.find("alice").orElseThrow().version() + 1;
        String before = rows.get("alice");

        Reencryption.Page page = reencryption
                .versionWitness(user -> user.value().equals("alice") ? witnessed : 0)
                .renew(null, 10);

        assertThat(page).isEqualTo(new Reencryption.Page(2, 1, List.of("alice"), null));
        assertThat(rows).containsEntry("alice", before);
    }

    @Test
    void renew_recordUnderTheCurrentKey_leavesItAlone() {
        enable(ROTATED, "alice");
        String before = rows.get("alice");

        Reencryption.Page page = reencryption.renew(null, 10);

        assertThat(page).isEqualTo(new Reencryption.Page(1, 0, List.of(), null));
        assertThat(rows).containsEntry("alice", before);
    }

    @Test
    void renew_changesNothingButTheKey() {
        enable(OLD_ONLY, "alice");
        TwoFactorStatus before = status(OLD_ONLY, "alice");

        reencryption.renew(null, 10);

        assertThat(status(NEW_ONLY, "alice")).isEqualTo(before);
        assertThatExceptionOfType(UnreadableRecordException.class).isThrownBy(() -> status(OLD_ONLY, "alice"));
    }

    @Test
    void renew_countsTheVersionUp() {
        enable(OLD_ONLY, "alice");
        long before = store.find("alice").orElseThrow().version();

        reencryption.renew(null, 10);

        assertThat(store.find("alice").orElseThrow().version()).isEqualTo(before + 1);
    }

    @Test
    void renew_recordWrittenMeanwhile_isRenewedWithWhatWasWritten() {
        enable(OLD_ONLY, "alice");
        long before = store.find("alice").orElseThrow().version();
        beforeNextReplace.set(() -> twoFactor(OLD_ONLY).endTrust(UserId.of("alice")));

        assertThat(reencryption.renew(null, 10)).isEqualTo(new Reencryption.Page(1, 1, List.of(), null));

        assertThat(store.find("alice").orElseThrow().version()).isEqualTo(before + 2);
        assertThat(status(NEW_ONLY, "alice").authenticators()).hasSize(1);
    }

    @Test
    void renew_recordRenewedByItsUserMeanwhile_isNotWrittenAgain() {
        enable(OLD_ONLY, "alice");
        List<TwoFactorEvent> events = new ArrayList<>();
        beforeNextReplace.set(() -> twoFactor(ROTATED).endTrust(UserId.of("alice")));
        long before = store.find("alice").orElseThrow().version();

        Reencryption.Page page = reencryption.listener(events::add).renew(null, 10);

        assertThat(page.unreadable()).isEmpty();
        assertThat(store.find("alice").orElseThrow().version()).isEqualTo(before + 1);
        assertThat(events).isEmpty();
    }

    @Test
    void renew_recordDeletedMeanwhile_doesNotBringItBack() {
        enable(OLD_ONLY, "alice");
        beforeNextReplace.set(() -> twoFactor(OLD_ONLY).operator("support").deleteAccount(UserId.of("alice")));

        Reencryption.Page page = reencryption.renew(null, 10);

        assertThat(page.unreadable()).isEmpty();
        assertThat(rows).isEmpty();
    }

    @Test
    @DisplayName("An application raises its version witness by the events of the walk, too")
    void renew_withAListener_namesEachVersionThatItCommits() {
        enable(OLD_ONLY, "alice");
        enable(ROTATED, "bob");
        List<TwoFactorEvent> events = new ArrayList<>();

        reencryption.listener(events::add).renew(null, 10);

        assertThat(events).hasSize(1);
        TwoFactorEvent event = events.get(0);
        assertThat(event.type()).isEqualTo(TwoFactorEvent.Type.KEY_RENEWED);
        assertThat(event.user()).isEqualTo(UserId.of("alice"));
        assertThat(event.detail(TwoFactorEvent.Detail.KEY_ID)).contains("new");
        long version = store.find("alice").orElseThrow().version();
        assertThat(event.position()).contains(new TwoFactorEvent.Position(version, 1, 1));
    }

    @Test
    void renew_recordsOfANamespace_renewsThemInItOnly() {
        TwoFactor tenant = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(OLD_ONLY)
                .namespace("tenant-1")
                .build();
        enable(tenant, "alice");

        assertThat(reencryption.renew(null, 10)).isEqualTo(new Reencryption.Page(1, 0, List.of("alice"), null));
        assertThat(reencryption.namespace("tenant-1").renew(null, 10))
                .isEqualTo(new Reencryption.Page(1, 1, List.of(), null));
    }

    @Test
    void renew_disabledAccount_isRenewedAndStaysOff() {
        enable(OLD_ONLY, "alice");
        twoFactor(OLD_ONLY).operator("support").resetWithoutProof(UserId.of("alice"), "lost everything");

        assertThat(reencryption.renew(null, 10).renewed()).isEqualTo(1);

        assertThat(status(NEW_ONLY, "alice").state()).isEqualTo(TwoFactorStatus.State.OFF);
    }

    @Test
    void renew_recordThatDoesNotOpen_isListedAndLeft() {
        enable(KeyRing.of("lost", key(3)), "bob");
        enable(OLD_ONLY, "alice");
        String before = rows.get("bob");

        Reencryption.Page page = reencryption.renew(null, 10);

        assertThat(page).isEqualTo(new Reencryption.Page(2, 1, List.of("bob"), null));
        assertThat(rows).containsEntry("bob", before);
    }

    @Test
    void renew_stoppedAndResumed_goesOnAtTheCursor() {
        enable(OLD_ONLY, "a");
        enable(OLD_ONLY, "b");
        List<Integer> renewed = new ArrayList<>();

        @Nullable String cursor = reencryption.renew(null, 1).nextCursor();
        renewed.add(Reencryption.of(store, ROTATED).renew(cursor, 1).renewed());

        assertThat(renewed).containsExactly(1);
        assertThat(status(NEW_ONLY, "b").state()).isEqualTo(TwoFactorStatus.State.ENABLED);
    }

    @Test
    @DisplayName("The summary of a renewed record shows the lock that the policy of the walk makes")
    void renew_withAPolicy_writesTheLockOfThatPolicy() {
        TwoFactor strict = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(OLD_ONLY)
                .policy(ONE_FAILURE_LOCKS)
                .build();
        enable(strict, "alice", SharedSecret.fromBase32(Phone.RFC_SECRET));
        CodeRequired required = (CodeRequired) strict.signInRequirement(UserId.of("alice"), Browser.none());
        String wrong = Phone.ofSecret(Phone.RFC_SECRET).wrongAt(Instant.now());
        assertThat(strict.verify(required.challenge(), wrong)).isInstanceOf(Rejected.class);
        Summaries summaries = new Summaries();

        Reencryption.of(summaries, ROTATED).policy(ONE_FAILURE_LOCKS).renew(null, 10);

        assertThat(Objects.requireNonNull(summaries.last.get()).lockedUntil()).isNotNull();
    }

    /** Keeps what people may see of the record that was written last. */
    private final class Summaries extends DelegatingStore implements ScannableTwoFactorStore {
        private final AtomicReference<@Nullable RecordSummary> last = new AtomicReference<>();

        Summaries() {
            super(ReencryptionTest.this.store);
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            last.set(summary);
            return super.replace(current, next, summary);
        }

        @Override
        public UserIdPage userIds(@Nullable String cursor, int limit) {
            return ReencryptionTest.this.store.userIds(cursor, limit);
        }
    }

    @Test
    void renew_emptyPage_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> reencryption.renew(null, 0));
    }

    private void enable(KeyRing keys, String user) {
        enable(twoFactor(keys), user);
    }

    private static void enable(TwoFactor twoFactor, String user) {
        enable(twoFactor, user, SharedSecret.generate());
    }

    private static void enable(TwoFactor twoFactor, String user, SharedSecret secret) {
        ExistingAuthenticator existing =
                ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT).lastUsedStep(0);
        twoFactor
                .operator("migration")
                .importWithoutConfirmation(
                        UserId.of(user), List.of(EnrollmentRequest.of(user).existing(existing)));
    }

    private TwoFactorStatus status(KeyRing keys, String user) {
        return twoFactor(keys).status(UserId.of(user));
    }

    private TwoFactor twoFactor(KeyRing keys) {
        return TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(keys)
                .build();
    }

    private static SecretKey key(int fill) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return new SecretKeySpec(bytes, "HmacSHA256");
    }
}
