// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import dev.sallyport.otp.KeyUri;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import java.time.Duration;

/** A simulated phone whose screen somebody looks at: it shows a code again until the next time step. */
final class Phone {
    private static final Duration PERIOD = Duration.ofSeconds(30);

    private final KeyUri scanned;
    private final VirtualPhone app;
    private final SteppedClock clock;

    private Phone(KeyUri scanned, SteppedClock clock) {
        this.scanned = scanned;
        this.app = VirtualPhone.scan(scanned, clock);
        this.clock = clock;
    }

    /** Reads a QR code's text. */
    static Phone scan(String text, SteppedClock clock) {
        return new Phone(KeyUri.parse(text), clock);
    }

    /** Somebody sets the phone's clock: wrong by this much, or right with zero. */
    void clockOff(Duration by) {
        app.clockOff(by);
    }

    /** What the app shows above the code. */
    String title() {
        return scanned.issuer() + " (" + scanned.accountName() + ")";
    }

    /** The code that the app shows now. */
    String code() {
        return app.codeAt(clock.instant());
    }

    /**
     * Whether a code belongs to a time step near now: 20 steps each way, as far as a code that is wrong is searched for to
     * tell how far a clock is off.
     */
    boolean showsAround(String code) {
        for (int step = -20; step <= 20; step++) {
            if (code.equals(app.codeAt(clock.instant().plus(PERIOD.multipliedBy(step))))) {
                return true;
            }
        }
        return false;
    }
}
