// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

class H2StateMachineTest extends JdbcStateMachine {

    H2StateMachineTest() {
        super(Database.H2);
    }
}
