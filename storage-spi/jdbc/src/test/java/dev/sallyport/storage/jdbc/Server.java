// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import javax.sql.DataSource;

/** A database server of its own on 127.0.0.1, whose commits are on disk before they are acknowledged. */
interface Server extends AutoCloseable {

    /** A new connection each time; over and over the same database, through a port of one's choice. */
    DataSource dataSource(int port);

    default DataSource dataSource() {
        return dataSource(port());
    }

    int port();

    /** How another process finds the database. */
    Endpoint endpoint();

    /** SIGKILL, to all its processes. */
    void kill();

    /** Up again after a kill, on the same files and the same port. */
    void restart();

    /** Stops it and deletes its files. */
    @Override
    void close();
}
