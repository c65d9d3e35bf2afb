// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.planted;

/** Planted: the other half of {@link FirstOfACycle}. */
final class SecondOfACycle {
    private SecondOfACycle() {}

    static final class Nested {
        Object first() {
            return FirstOfACycle.second();
        }
    }
}
