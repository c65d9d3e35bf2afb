// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import java.sql.SQLException;
import org.h2.tools.Server;
import org.jspecify.annotations.Nullable;

/** Opens the H2 database of this process to others on this machine. The build binds H2 to 127.0.0.1. */
final class H2Listener {
    private static @Nullable Server listener;

    private H2Listener() {}

    static synchronized Endpoint endpoint() {
        if (listener == null) {
            listener = listen();
        }
        return new Endpoint(
                "jdbc:h2:tcp://127.0.0.1:" + listener.getPort() + "/mem:sallyport;LOCK_TIMEOUT=60000", "", "");
    }

    private static Server listen() {
        if (!"127.0.0.1".equals(System.getProperty("h2.bindAddress"))) {
            throw new IllegalStateException("run this with -Dh2.bindAddress=127.0.0.1, as the build does");
        }
        try {
            return Server.createTcpServer("-tcpPort", "0", "-tcpDaemon").start();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
