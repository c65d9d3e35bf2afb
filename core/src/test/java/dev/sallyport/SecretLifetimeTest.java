// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static dev.sallyport.World.ALICE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sallyport.otp.SharedSecret;
import java.security.SecureRandom;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Secrets are in memory for as long as a call takes, those that wait for their first code included. */
class SecretLifetimeTest {
    private final World world = new World(Stage.POLICY);
    private final Records records = new Records(
            new Records.Settings(Stage.POLICY, world.clock, new SecureRandom(), user -> false),
            world.store,
            new Sealer(world.keys),
            Bytes.EMPTY,
            new Events(event -> {}));

    @BeforeEach
    void enrollAndBeginAnother() {
        world.twoFactor.beginEnrollment(world.enroll().proof(), EnrollmentRequest.of("alice"));
    }

    @Test
    void secrets_ofACallThatReads_areDestroyedAfterIt() {
        List<SharedSecret> seen = records.read(ALICE, (account, call) -> secrets(account));

        assertThat(seen).allMatch(SharedSecret::isDestroyed);
    }

    @Test
    void secrets_ofACallThatWrites_areDestroyedAfterIt() {
        List<SharedSecret> seen =
                records.change(ALICE, 0, (account, call) -> Outcome.of(account.updated(call.now()), secrets(account)));

        assertThat(seen).allMatch(SharedSecret::isDestroyed);
    }

    @Test
    void secrets_ofACallThatIsRefused_areDestroyedAfterIt() {
        SharedSecret[] seen = new SharedSecret[2];

        assertThatIllegalStateException()
                .isThrownBy(() -> records.change(ALICE, 0, (account, call) -> {
                    secrets(account).toArray(seen);
                    throw new IllegalStateException("refused");
                }));

        assertThat(seen).allMatch(SharedSecret::isDestroyed);
    }

    private static List<SharedSecret> secrets(Account account) {
        SharedSecret live = account.authenticators().get(0).seed().secret();
        SharedSecret pending =
                Objects.requireNonNull(account.pending()).candidate().seed().secret();
        assertThat(live.isDestroyed() || pending.isDestroyed()).isFalse();
        return List.of(live, pending);
    }
}
