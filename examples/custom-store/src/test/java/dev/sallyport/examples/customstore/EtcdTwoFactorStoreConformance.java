// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.LoopbackProxy;
import dev.sallyport.storage.conformance.ScannableTwoFactorStoreConformance;
import dev.sallyport.storage.conformance.StoreOpener;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.Base64;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The kit on three members of etcd: each instance uses another one. Runs with {@code -Pservers}. */
class EtcdTwoFactorStoreConformance extends ScannableTwoFactorStoreConformance {
    private static EtcdCluster cluster;

    @BeforeAll
    static void startCluster() {
        cluster = EtcdCluster.start();
    }

    @AfterAll
    static void stopCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private static EtcdTwoFactorStore on(URI member) {
        return new EtcdTwoFactorStore(HttpClient.newHttpClient(), member);
    }

    @Override
    protected ScannableTwoFactorStore createStore() {
        return on(cluster.uri(0));
    }

    @Override
    protected ScannableTwoFactorStore secondInstance() {
        return on(cluster.uri(1));
    }

    @Override
    protected TwoFactorStore anotherRoute() {
        return on(cluster.uri(2));
    }

    @Override
    protected TwoFactorStore instanceThrough(LoopbackProxy proxy) {
        return on(URI.create("http://127.0.0.1:" + proxy.portTo("127.0.0.1", cluster.port(1))));
    }

    /** Opens the store in another process. */
    static final class Opener implements StoreOpener {
        @Override
        public TwoFactorStore open(Properties settings) {
            return on(URI.create(settings.getProperty("member")));
        }
    }

    @Override
    protected Class<? extends StoreOpener> anotherProcess(Properties settings) {
        settings.setProperty("member", cluster.uri(2).toString());
        return Opener.class;
    }

    @Override
    protected void inCallersTransactionThatRollsBack(Runnable work) {
        notPossible("a transaction of etcd is one request, and nobody can put two calls into it");
    }

    @Override
    protected void spoilRecord(String userId) throws Exception {
        cluster.put(Base64.getEncoder().encodeToString(("sallyport/" + userId).getBytes(UTF_8)), "AQID");
    }

    @Override
    protected void breakBackend() {
        cluster.killMajority();
    }

    @Override
    protected void repairBackend() {
        cluster.restartMajority();
    }

    /** The store waits four seconds for an answer. */
    @Override
    protected Duration longestTimeOut() {
        return Duration.ofSeconds(5);
    }

    @Override
    protected String engine() throws Exception {
        return "etcd " + cluster.version() + ", three members, through the JSON gateway";
    }
}
