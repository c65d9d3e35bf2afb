// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.otp.planted;

import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.storage.InMemoryTwoFactorStore;
import org.slf4j.LoggerFactory;

/** A planted violation: a class of the primitives uses a class that is built on them. */
public final class OtpThatKnowsMore {
    private OtpThatKnowsMore() {}

    static Object facade() {
        return TwoFactorPolicy.defaults();
    }

    static Object storage() {
        return new InMemoryTwoFactorStore();
    }

    static Object log() {
        return LoggerFactory.getLogger("otp");
    }
}
