// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.CorrectStore.Table;
import dev.sallyport.storage.conformance.TableServer.Cached;
import dev.sallyport.storage.conformance.TableServer.Client;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.testkit.engine.Events;

/** The tests of the network, on clients of a server that answers every request. */
class NetworkKitTest {
    private static final AtomicReference<Client> PLANTED = new AtomicReference<>(Client.CORRECT);
    private static final List<String> TESTS = Arrays.stream(NetworkTests.class.getDeclaredMethods())
            .filter(method -> method.isAnnotationPresent(Test.class))
            .map(java.lang.reflect.Method::getName)
            .toList();

    /** Connects the planted client. As a test class by itself it tests the correct client. */
    static class ClientKit extends TwoFactorStoreConformance {
        private final Table table = new Table();
        private final TableServer server = new TableServer(table);
        private final ConcurrentMap<String, Cached> cache = TableServer.newCache();
        private final Client client = Objects.requireNonNull(PLANTED.get());

        @AfterEach
        void close() throws IOException {
            server.close();
        }

        @Override
        protected TwoFactorStore createStore() {
            return client.connect(server.port(), cache);
        }

        @Override
        protected TwoFactorStore secondInstance() {
            return createStore();
        }

        @Override
        protected TwoFactorStore instanceThrough(LoopbackProxy proxy) {
            return client.connect(proxy.portTo("127.0.0.1", server.port()), cache);
        }

        @Override
        protected void breakBackend() {
            table.broken(true);
        }

        @Override
        protected void repairBackend() {
            table.broken(false);
        }

        @Override
        protected Duration longestTimeOut() {
            return client.longestTimeOut();
        }

        @Override
        protected Duration longestLifetime() {
            return Duration.ZERO;
        }

        @Override
        Repetitions repetitions(int most, int least) {
            return PlantedKit.sameOnEveryMachine(most, least);
        }
    }

    /** Its instance does not use the proxy. */
    static final class KitBesideTheProxy extends ClientKit {
        @Override
        protected TwoFactorStore instanceThrough(LoopbackProxy proxy) {
            return createStore();
        }
    }

    private static Events run(Client planted, Class<?> kit, List<String> tests) {
        PLANTED.set(planted);
        try {
            return PlantedKit.run(
                    CorrectStore::new,
                    tests.stream().map(test -> selectMethod(kit, test)).toArray(DiscoverySelector[]::new));
        } finally {
            PLANTED.set(Client.CORRECT);
        }
    }

    private static Map<String, String> failures(Client planted) {
        return PlantedKit.messages(run(planted, ClientKit.class, TESTS).failed());
    }

    @Test
    void kit_correctClient_passes() {
        Events events = run(Client.CORRECT, ClientKit.class, TESTS);

        assertThat(PlantedKit.messages(events.failed())).isEmpty();
        events.assertStatistics(statistics -> statistics.succeeded(TESTS.size()).aborted(0));
    }

    @Test
    void kit_clientThatRepeatsWrites_failsAtLostAnswers() {
        Map<String, String> failures = failures(Client.REPEATING);

        assertThat(failures)
                .containsOnlyKeys(
                        "lostAnswer_ofInsert_isNoFalseAnswer",
                        "lostAnswer_ofReplace_isNoFalseAnswer",
                        "silence_afterInsert_isNoFalseAnswer",
                        "silence_afterReplace_isNoFalseAnswer");
        assertThat(failures.get("lostAnswer_ofReplace_isNoFalseAnswer"))
                .contains(
                        "replace whose answer number 1 was lost answered false although the record was changed",
                        "MUST",
                        "repeats a write whose answer was lost");
    }

    @Test
    void kit_clientThatTakesATimeOutForNo_failsAtSilence() {
        Map<String, String> failures = failures(Client.TIME_OUT_TAKEN_FOR_NO);

        assertThat(failures)
                .containsOnlyKeys("silence_afterInsert_isNoFalseAnswer", "silence_afterReplace_isNoFalseAnswer");
        assertThat(failures.get("silence_afterReplace_isNoFalseAnswer"))
                .contains(
                        "replace whose answer number 1 never came answered false although the record was changed",
                        "MUST",
                        "A time-out is doubt");
    }

    @Test
    void kit_lookAsideCacheOfTheNodes_failsOnASlowNetwork() {
        Map<String, String> failures = failures(Client.WITH_LOOK_ASIDE_CACHE);

        assertThat(failures).containsKey("slowNetwork_readingWhileOneWrites_findsTheNewestRecord");
        assertThat(failures.get("slowNetwork_readingWhileOneWrites_findsTheNewestRecord"))
                .contains("MUST give back the newest", "Usual cause: find reads from a cache");
    }

    @Test
    void kit_instanceBesideTheProxy_saysSo() {
        Map<String, String> failures = PlantedKit.messages(
                run(Client.CORRECT, KitBesideTheProxy.class, TESTS).failed());

        assertThat(failures).containsOnlyKeys(TESTS);
        assertThat(failures.values())
                .allSatisfy(message -> assertThat(message)
                        .contains("nothing went through the proxy", "connected to the backend itself"));
    }
}
