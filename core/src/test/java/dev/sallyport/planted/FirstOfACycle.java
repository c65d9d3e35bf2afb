// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.planted;

/** Planted: it uses a class that uses it. The other half is a nested class, which belongs to its outermost class. */
public final class FirstOfACycle {
    private FirstOfACycle() {}

    static Object second() {
        return new SecondOfACycle.Nested();
    }
}
