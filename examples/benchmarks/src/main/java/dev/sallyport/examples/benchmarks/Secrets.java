// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import dev.sallyport.otp.SharedSecret;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.crypto.spec.SecretKeySpec;

/** 64 shared secrets that take turns, each in the forms in which the contestants keep it. */
final class Secrets {
    static final int COUNT = 64;
    private static final int BYTES = 20;

    private final List<Form> forms = new ArrayList<>();
    private int next;

    /** One secret. */
    record Form(SharedSecret secret, SecretKeySpec key, String base32, int number) {
        byte[] bytes() {
            return key.getEncoded();
        }
    }

    Secrets() {
        Random random = new Random(6238);
        for (int i = 0; i < COUNT; i++) {
            byte[] bytes = new byte[BYTES];
            random.nextBytes(bytes);
            SharedSecret secret = SharedSecret.fromBytes(bytes);
            forms.add(new Form(secret, new SecretKeySpec(bytes, "HmacSHA1"), secret.toBase32(), i));
        }
    }

    Form next() {
        next = (next + 1) % COUNT;
        return forms.get(next);
    }

    List<Form> all() {
        return forms;
    }
}
