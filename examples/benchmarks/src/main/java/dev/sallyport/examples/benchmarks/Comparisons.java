// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** All comparisons by their names, in the order of the table. */
final class Comparisons {
    private static final Map<String, Supplier<Comparison>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("hmac-3", Macs::window);
        ALL.put("hmac-11", Macs::lookAhead);
        ALL.put("aes-gcm", LookUps::ciphers);
        ALL.put("base32", LookUps::base32);
        ALL.put("totp-wrong", OneTimeCodes::verifyWrong);
        ALL.put("totp-right", OneTimeCodes::verifyRight);
        ALL.put("totp-generate", OneTimeCodes::generate);
        ALL.put("hotp-wrong", OneTimeCodes::hotpWrong);
        ALL.put("uri-build", KeyUris::build);
        ALL.put("uri-parse", KeyUris::parse);
        ALL.put("secret", Randomness::secret);
        ALL.put("secret-2", Randomness::secretInTwoThreads);
        ALL.put("qr", Pictures::qrCode);
        ALL.put("verify", WholeCalls::verify);
        ALL.put("backup-code", WholeCalls::backupCode);
        ALL.put("remembered-browser", WholeCalls::rememberedBrowser);
        ALL.put("is-current", WholeCalls::isCurrent);
    }

    private Comparisons() {}

    static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    static Comparison named(String name) {
        Supplier<Comparison> comparison = ALL.get(name);
        if (comparison == null) {
            throw new IllegalArgumentException("no comparison is called " + name);
        }
        return comparison.get();
    }
}
