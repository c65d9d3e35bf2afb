// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.planted;

import dev.sallyport.TwoFactorPolicy;
import dev.sallyport.otp.HmacAlgorithm;
import org.apache.commons.codec.binary.Base32;
import org.slf4j.LoggerFactory;

/** Planted: the SPI reaches for what stands on it. */
public final class SpiThatKnowsMore {
    private SpiThatKnowsMore() {}

    static Object facade() {
        return TwoFactorPolicy.defaults();
    }

    static Object otp() {
        return HmacAlgorithm.SHA1;
    }

    static Object codec() {
        return Base32.builder();
    }

    static Object log() {
        return LoggerFactory.getLogger("storage");
    }
}
