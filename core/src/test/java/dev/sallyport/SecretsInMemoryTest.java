// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.Account.Decision;
import dev.sallyport.EnrollmentResult.Enrolled;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.TotpParameters;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What REVIEWING.md says of secrets in memory: who overwrites them, and what stays. */
class SecretsInMemoryTest {
    private final World world = new World();
    private final Sealer sealer = new Sealer(world.keys, "", new SecureRandom());
    private final Accounts accounts = new Accounts(
            new Accounts.Settings(TwoFactorPolicy.defaults(), world.clock, new SecureRandom(), user -> 0),
            world.store,
            sealer,
            sealer.realm("Acme"),
            new Events(event -> {}));

    /** The secrets of a live and a pending authenticator, as a rule sees them. */
    private final List<SharedSecret> seen = new ArrayList<>();

    private void enrollAndBeginAnother() {
        world.twoFactor.addAuthenticator(world.enroll().proof(), EnrollmentRequest.of("alice"));
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

        accounts.read(
                ALICE, (account, call) -> Decision.of(account, look(account).isEnabled()));
        assertThat(seen).hasSize(2).allMatch(SharedSecret::isDestroyed);

        seen.clear();
        accounts.change(ALICE, (account, call) -> Decision.of(look(account), true));
        assertThat(seen).hasSize(2).allMatch(SharedSecret::isDestroyed);

        seen.clear();
        accounts.change(ALICE, (account, call) -> look(account).endTrust(new Account.Drawn(42, null), call));
        assertThat(seen).hasSize(2).allMatch(SharedSecret::isDestroyed);
    }

    @Test
    void secrets_ofAStoredAccount_areOverwrittenInEachTry() {
        enrollAndBeginAnother();
        List<SharedSecret> ofAllTries = new ArrayList<>();
        world.store.loseWrites(2);

        accounts.change(ALICE, (account, call) -> {
            seen.clear();
            look(account);
            ofAllTries.addAll(seen);
            return account.endTrust(new Account.Drawn(42, null), call);
        });

        assertThat(ofAllTries).hasSize(6).allMatch(SharedSecret::isDestroyed);
    }

    @Test
    void secrets_ofAStoredAccount_areOverwrittenWhenARuleThrows() {
        enrollAndBeginAnother();

        assertThatThrownBy(() -> accounts.read(ALICE, (account, call) -> {
                    look(account);
                    throw new IllegalStateException();
                }))
                .isInstanceOf(IllegalStateException.class);
        assertThat(seen).hasSize(2).allMatch(SharedSecret::isDestroyed);

        seen.clear();
        assertThatThrownBy(() -> accounts.change(ALICE, (account, call) -> {
                    look(account).requireOff();
                    return Decision.of(account, true);
                }))
                .isInstanceOf(AlreadyEnabledException.class);
        assertThat(seen).hasSize(2).allMatch(SharedSecret::isDestroyed);
    }

    @Test
    void secret_ofABegin_outlivesTheCallUntilTheApplicationDestroysIt() {
        PendingEnrollment shown = world.twoFactor.beginEnrollment(ALICE, "alice");
        PendingEnrollment shownAgain =
                world.twoFactor.pendingEnrollment(shown.handle()).orElseThrow();
        assertThat(shown.keyUri().secret().isDestroyed()).isFalse();

        shown.keyUri().secret().destroy();

        assertThatThrownBy(shown::secretForTyping).isInstanceOf(IllegalStateException.class);
        assertThat(shownAgain.keyUri().secret().isDestroyed()).isFalse();
        assertThat(world.twoFactor.confirmEnrollment(
                        shownAgain.handle(), Phone.scan(shownAgain).codeAt(world.now())))
                .isInstanceOf(Enrolled.class);
    }

    @Test
    void secret_ofAnExistingAuthenticator_isTheApplicationsAndStays() {
        SharedSecret secret = SharedSecret.fromBase32(Phone.RFC_SECRET);
        ExistingAuthenticator existing = ExistingAuthenticator.totp(secret, TotpParameters.DEFAULT);

        world.importAll(existing);
        world.twoFactor.status(ALICE);

        assertThat(secret.isDestroyed()).isFalse();
    }
}
