// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

class SqliteStateMachineTest extends JdbcStateMachine {

    SqliteStateMachineTest() {
        super(Database.SQLITE);
    }
}
