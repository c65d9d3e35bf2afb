// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

class HsqldbStateMachineTest extends JdbcStateMachine {

    HsqldbStateMachineTest() {
        super(Database.HSQLDB);
    }
}
