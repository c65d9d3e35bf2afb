// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.consumer;

import org.apache.commons.codec.binary.Base32;

/** Does what the library never does, so that those who look for it can show that they see it. */
final class Planted {
    private Planted() {}

    static void reflect() throws ReflectiveOperationException {
        Object text = Class.forName("java.lang.StringBuilder").getConstructor().newInstance();
        Object length = text.getClass().getMethod("length").invoke(text);
        System.out.println("planted: " + length + " " + Planted.class.getResource("nothing"));
    }

    /** This builder came with commons-codec 1.20. */
    static void callNewerCodec() {
        System.out.println("planted: " + Base32.builder().get());
    }
}
