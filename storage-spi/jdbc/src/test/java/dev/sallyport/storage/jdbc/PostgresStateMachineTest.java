// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

class PostgresStateMachineTest extends JdbcStateMachine {

    PostgresStateMachineTest() {
        super(Database.POSTGRESQL);
    }
}
