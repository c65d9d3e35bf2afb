// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.KeyRing;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import dev.sallyport.storage.MapTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class StartUpCheckTest {
    private final ConcurrentMap<String, String> rows = new ConcurrentHashMap<>();
    private final MapTwoFactorStore store = new MapTwoFactorStore(rows);

    private void write(String keyId, int key, String... users) {
        TwoFactor earlier = TwoFactor.builder()
                .issuer("Acme")
                .store(store)
                .encryptionKeys(KeyRing.fromBase64(keyId, Hosts.key(key)))
                .build();
        for (String user : users) {
            earlier.beginEnrollment(UserId.of(user), user);
        }
    }

    private WebApplicationContextRunner start() {
        return Hosts.withoutDatabase().withBean(TwoFactorStore.class, () -> store);
    }

    private static ConfigurationException failure(Throwable failure) {
        assertThat(failure).isInstanceOf(ConfigurationException.class);
        return (ConfigurationException) failure;
    }

    @Test
    void keyIsMissing_theApplicationDoesNotStart() {
        write("2026-11", 1, "a", "b");
        write("2025", 2, "c");
        start().run(context -> {
            ConfigurationException failure = failure(context.getStartupFailure());
            assertThat(failure)
                    .hasMessage("1 of the first 3 records of two-factor authentication do not open: the key ring has no"
                            + " key with the id 2025.");
            assertThat(failure.action())
                    .contains("Add the missing key to sallyport.encryption-keys")
                    .contains("sallyport.record-check=warn");
        });
    }

    @Test
    void keyIsPrevious_theApplicationStarts() {
        write("2025", 2, "c");
        start().withPropertyValues("sallyport.encryption-keys=2026-11:" + Hosts.KEY + ",2025:" + Hosts.key(2))
                .run(context -> assertThat(context).hasNotFailed());
    }

    @Test
    void keyIsAnotherOfTheSameName_theApplicationDoesNotStart() {
        write("2026-11", 2, "a");
        start().run(context -> assertThat(failure(context.getStartupFailure())).hasMessageContaining("2026-11"));
    }

    @Test
    void namespaceIsAnother_theApplicationDoesNotStart() {
        write("2026-11", 1, "a", "b");
        start().withPropertyValues("sallyport.namespace=tenant-1")
                .run(context -> assertThat(failure(context.getStartupFailure()).action())
                        .contains("sallyport.namespace"));
    }

    @Test
    void oneDamagedRecord_isLoggedAndTheApplicationStarts(CapturedOutput output) {
        write("2026-11", 1, "a", "b");
        rows.put("somebody", "no record");
        start().run(context -> assertThat(context).hasNotFailed());
        assertThat(output.getAll())
                .contains("ERROR")
                .contains("1 of the first 3 records of two-factor authentication do not open")
                .doesNotContain("somebody");
    }

    @Test
    void recordCheckIsWarn_theApplicationStartsAndLogsAnError(CapturedOutput output) {
        write("2025", 2, "a");
        start().withPropertyValues("sallyport.record-check=warn")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output.getAll()).contains("ERROR").contains("no key with the id 2025");
    }

    @Test
    void recordCheckIsOff_nothingIsRead(CapturedOutput output) {
        write("2025", 2, "a");
        start().withPropertyValues("sallyport.record-check=off")
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output.getAll()).doesNotContain("ERROR");
    }

    @Test
    void storeInMemory_isLogged(CapturedOutput output) {
        Hosts.withoutDatabase()
                .withBean(TwoFactorStore.class, InMemoryTwoFactorStore::new)
                .run(context -> assertThat(context).hasNotFailed());
        assertThat(output.getAll()).contains("WARN").contains("It is for tests");
    }
}
