// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A simulated phone with an authenticator app. It knows what it read from the QR code, and the time. */
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

    /** The same phone after somebody has set its clock. */
    Phone withClock(InstantSource newClock) {
        return new Phone(scanned, parameters, newClock);
    }

    /** What the app shows above the code. */
    String title() {
        return scanned.issuer() + " (" + scanned.accountName() + ")";
    }

    /** The code that the app shows now. */
    String code() {
        return codeAt(clock.instant());
    }

    /**
     * Whether a code belongs to a time step near now: 20 steps each way, as far as a code that is wrong is searched for to
     * tell how far a clock is off.
     */
    boolean showsAround(String code) {
        for (int step = -20; step <= 20; step++) {
            if (code.equals(codeAt(clock.instant().plus(parameters.period().multipliedBy(step))))) {
                return true;
            }
        }
        return false;
    }

    private String codeAt(Instant instant) {
        return Totp.of(parameters).generate(scanned.secret(), instant);
    }
}
