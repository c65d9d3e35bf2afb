// SPDX-License-Identifier: Apache-2.0
package com.acme.micronaut;

import io.micronaut.runtime.Micronaut;

final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Micronaut.run(Main.class, arguments);
    }
}
