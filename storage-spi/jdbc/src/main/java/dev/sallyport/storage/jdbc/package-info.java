// SPDX-License-Identifier: Apache-2.0

/**
 * Keeps the records of Sallyport in one table of a relational database: {@link
 * dev.sallyport.storage.jdbc.JdbcTwoFactorStore}.
 *
 * <p>The statements that create the table are beside this package, in {@code dev/sallyport/storage/jdbc/schema/}, one file
 * per engine: {@code h2.sql}, {@code hsqldb.sql}, {@code sqlite.sql}, {@code derby.sql}, {@code postgresql.sql} and
 * {@code mariadb.sql}, which serves MySQL too. {@code createTableIfMissing()} runs them; they can as well be copied into the
 * application's own migrations.
 */
@NullMarked
package dev.sallyport.storage.jdbc;

import org.jspecify.annotations.NullMarked;
