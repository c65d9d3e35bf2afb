// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A simulated phone with an authenticator app. All it has is what it read from the QR code, and the time. */
final class Phone {
    private final KeyUri scanned;
    private final TotpParameters parameters;
    private final InstantSource clock;

    private Phone(KeyUri scanned, TotpParameters parameters, InstantSource clock) {
        this.scanned = scanned;
        this.parameters = parameters;
        this.clock = clock;
    }

    /** Reads a QR code's text. */
    static Phone scan(String text, InstantSource clock) {
        KeyUri scanned = KeyUri.parse(text);
        Duration period = scanned.period().orElseThrow();
        return new Phone(
                scanned, new TotpParameters(scanned.algorithm(), scanned.digits(), period, Instant.EPOCH), clock);
    }

    /** What the app shows above the code. */
    String title() {
        return scanned.issuer() + " (" + scanned.accountName() + ")";
    }

    /** What the app shows now. */
    String code() {
        return codeAt(clock.instant());
    }

    /** Whether the app shows this code now, has just shown it or is about to. */
    boolean showsAround(String code) {
        Duration period = parameters.period();
        Instant now = clock.instant();
        return code.equals(codeAt(now.minus(period))) || code.equals(code()) || code.equals(codeAt(now.plus(period)));
    }

    private String codeAt(Instant instant) {
        return Totp.of(parameters).generate(scanned.secret(), instant);
    }
}
