// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.consumer;

/** Does what the library never does, so that those who look for it can show that they see it. */
final class Planted {
    private Planted() {}

    static void reflect() throws ReflectiveOperationException {
        Object text = Class.forName("java.lang.StringBuilder").getConstructor().newInstance();
        Object length = text.getClass().getMethod("length").invoke(text);
        System.out.println("planted: " + length + " " + Planted.class.getResource("nothing"));
    }
}
