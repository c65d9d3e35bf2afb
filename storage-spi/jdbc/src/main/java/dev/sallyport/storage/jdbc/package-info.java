// SPDX-License-Identifier: Apache-2.0

/**
 * Keeps the records of Sallyport in one table of a relational database: {@link
 * dev.sallyport.storage.jdbc.JdbcTwoFactorStore}.
 *
 * <p>The jar contains the statements that create the table, in {@code dev/sallyport/storage/jdbc/schema/}. There is one
 * file for each database: {@code h2.sql}, {@code hsqldb.sql}, {@code sqlite.sql}, {@code derby.sql}, {@code
 * postgresql.sql}, {@code mariadb.sql}, which is for MySQL too, {@code sqlserver.sql}, {@code oracle.sql}, {@code
 * db2.sql}, {@code cockroachdb.sql} and {@code firebird.sql}. {@code createTableIfMissing()} runs the right one. An
 * application with its own migrations copies it, or names it in Liquibase's {@code sqlFile}.
 */
@NullMarked
package dev.sallyport.storage.jdbc;

import org.jspecify.annotations.NullMarked;
