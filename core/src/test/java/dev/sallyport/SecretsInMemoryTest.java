// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.otp.SharedSecret;
import java.lang.reflect.Field;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What REVIEWING.md says of secrets in memory: who overwrites them, and what stays. */
class SecretsInMemoryTest {
    private final World world = new World();
    private final Sealer sealer = new Sealer(world.keys);
    private final Records records = new Records(
            new Records.Settings(TwoFactorPolicy.defaults(), world.clock, new SecureRandom(), user -> false),
            world.store,
            sealer,
            sealer.fingerprint("Acme"),
            new Events(event -> {}));

    /** The secrets of a live and a pending authenticator, as a rule sees them. */
    private final List<SharedSecret> seen = new ArrayList<>();

    private void enrollAndBeginAnother() {
        world.twoFactor.beginEnrollment(world.enroll().proof(), EnrollmentRequest.of("alice"));
    }

    private Account look(Account account) {
        account.authenticators().forEach(one -> seen.add(one.seed().secret()));
        PendingSlot pending = account.pending();
        if (pending != null) {
            seen.add(pending.candidate().seed().secret());
        }
        assertThat(seen).hasSize(2).noneMatch(SharedSecret::isDestroyed);
        return account;
    }

    @Test
    void secrets_ofAStoredAccount_areOverwrittenAfterEachCall() {
        enrollAndBeginAnother();

        records.read(ALICE, (account, call) -> look(account).isEnabled());
        assertThat(seen).hasSize(2).allMatch(SharedSecret::isDestroyed);

        seen.clear();
        records.change(ALICE, 0, (account, call) -> Outcome.done(look(account)));
        assertThat(seen).hasSize(2).allMatch(SharedSecret::isDestroyed);

        seen.clear();
        records.change(ALICE, 0, (account, call) -> look(account).forgetAll(call));
        assertThat(seen).hasSize(2).allMatch(SharedSecret::isDestroyed);
    }

    @Test
    void secrets_ofAStoredAccount_areOverwrittenWhenARuleThrows() {
        enrollAndBeginAnother();

        assertThatThrownBy(() -> records.read(ALICE, (account, call) -> {
                    look(account);
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(seen).hasSize(2).allMatch(SharedSecret::isDestroyed);

        seen.clear();
        assertThatThrownBy(() -> records.change(ALICE, 0, (account, call) -> {
                    look(account).requireNotEnabled();
                    return Outcome.done(account);
                }))
                .isInstanceOf(AlreadyEnabledException.class);
        assertThat(seen).hasSize(2).allMatch(SharedSecret::isDestroyed);
    }

    @Test
    void secret_ofABegin_outlivesTheCallUntilTheApplicationDestroysIt() {
        PendingEnrollment shown = world.twoFactor.beginEnrollment(ALICE, "alice");
        PendingEnrollment shownAgain = world.twoFactor.pendingEnrollment(ALICE).orElseThrow();
        assertThat(shown.keyUri().secret().isDestroyed()).isFalse();

        shown.keyUri().secret().destroy();

        assertThatThrownBy(shown::secretForTyping).isInstanceOf(IllegalStateException.class);
        assertThat(shownAgain.keyUri().secret().isDestroyed()).isFalse();
        assertThat(world.twoFactor.confirmEnrollment(
                        ALICE, Phone.scan(shownAgain).codeAt(world.now())))
                .isInstanceOf(EnrollmentResult.Enrolled.class);
    }

    @Test
    void take_aPiece_isOverwrittenWhereItWasDrawn() throws ReflectiveOperationException {
        Draw draw = new Draw(new SecureRandom(), 40);
        byte[] first = draw.take(16);
        byte[] second = draw.take(24);

        Field field = Draw.class.getDeclaredField("drawn");
        field.setAccessible(true);
        assertThat((byte[]) field.get(draw)).containsOnly(0);
        assertThat(first).hasSize(16).isNotEqualTo(new byte[16]);
        assertThat(second).hasSize(24).isNotEqualTo(new byte[24]);
    }
}
