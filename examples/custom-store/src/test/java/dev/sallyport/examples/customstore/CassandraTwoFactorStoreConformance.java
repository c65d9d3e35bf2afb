// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import com.datastax.oss.driver.api.core.CqlSession;
import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.LoopbackProxy;
import dev.sallyport.storage.conformance.ScannableTwoFactorStoreConformance;
import dev.sallyport.storage.conformance.StoreOpener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The kit on one node of Cassandra. Runs with {@code -Pservers} and {@code -Dsallyport.cassandra}. */
class CassandraTwoFactorStoreConformance extends ScannableTwoFactorStoreConformance {
    private static CassandraNode node;

    private final List<CqlSession> sessions = new ArrayList<>();

    @BeforeAll
    static void startNode() {
        CassandraNode.assumeThere();
        node = new CassandraNode(1, LocalServer.freePort(), LocalServer.freePort());
        node.createTable(1);
    }

    @AfterAll
    static void stopNode() {
        if (node != null) {
            node.close();
        }
    }

    @AfterEach
    void closeSessions() {
        sessions.forEach(CqlSession::close);
    }

    private ScannableTwoFactorStore on(int port) {
        CqlSession session = CassandraNode.connect(node.host(), port);
        sessions.add(session);
        return new CassandraTwoFactorStore(session);
    }

    @Override
    protected ScannableTwoFactorStore createStore() {
        return on(node.port());
    }

    @Override
    protected ScannableTwoFactorStore secondInstance() {
        return on(node.port());
    }

    @Override
    protected TwoFactorStore anotherRoute() {
        return notPossible("there is one node");
    }

    @Override
    protected TwoFactorStore instanceThrough(LoopbackProxy proxy) {
        return on(proxy.portTo(node.host(), node.port()));
    }

    /** Opens the store in another process. */
    static final class Opener implements StoreOpener {
        @Override
        public TwoFactorStore open(Properties settings) {
            return new CassandraTwoFactorStore(CassandraNode.connect(
                    settings.getProperty("host"), Integer.parseInt(settings.getProperty("port"))));
        }
    }

    @Override
    protected Class<? extends StoreOpener> anotherProcess(Properties settings) {
        settings.setProperty("host", node.host());
        settings.setProperty("port", "" + node.port());
        return Opener.class;
    }

    @Override
    protected void inCallersTransactionThatRollsBack(Runnable work) {
        notPossible("Cassandra has no transactions that take more than one call");
    }

    @Override
    protected void spoilRecord(String userId) {
        sessions.get(0).execute("UPDATE sallyport_record SET version = 0 WHERE user_id = ? IF EXISTS", userId);
    }

    @Override
    protected void breakBackend() {
        node.kill();
    }

    @Override
    protected void repairBackend() {
        node.restart();
    }

    @Override
    protected Duration timeLimit() {
        return Duration.ofMinutes(5);
    }

    @Override
    protected String engine() {
        String version = Objects.requireNonNull(sessions.get(0)
                        .execute("SELECT release_version FROM system.local")
                        .one())
                .getString(0);
        return "Apache Cassandra " + version + ", one node, driver " + CqlSession.OSS_DRIVER_COORDINATES.getVersion();
    }
}
