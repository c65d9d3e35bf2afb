// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

class DerbyStateMachineTest extends JdbcStateMachine {

    DerbyStateMachineTest() {
        super(Database.DERBY);
    }
}
