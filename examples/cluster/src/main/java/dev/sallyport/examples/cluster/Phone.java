// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import dev.sallyport.PendingEnrollment;
import dev.sallyport.otp.TotpParameters;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** An authenticator app, and whoever looks over its owner's shoulder. The time is the account's own. */
final class Phone {
    private static final Duration STEP = TotpParameters.DEFAULT.period();
    private static final int CODES_KEPT = 50;

    private final SteppedClock clock;
    private final VirtualPhone app;
    private final Random random;
    private final List<String> used = new ArrayList<>();

    Phone(PendingEnrollment pending, Instant now, Random random) {
        this.clock = new SteppedClock(now);
        this.app = VirtualPhone.scan(pending, clock);
        this.random = random;
    }

    Instant now() {
        return clock.instant();
    }

    void advance(Duration time) {
        clock.advance(time);
    }

    String codeAt(Instant instant) {
        return app.codeAt(instant);
    }

    /** What is shown now counts as used. */
    String useCode() {
        used.add(app.code());
        if (used.size() > CODES_KEPT) {
            used.remove(0);
        }
        return lastCode();
    }

    /** Waits for another code. */
    String useNextCode() {
        advance(STEP);
        return useCode();
    }

    String lastCode() {
        return used.get(used.size() - 1);
    }

    /** The one before the last, and any other. Not among them is one that would be right, by chance. */
    List<String> olderCodes() {
        String before = used.get(Math.max(0, used.size() - 2));
        String longBefore = used.get(random.nextInt(used.size()));
        return List.of(before, longBefore).stream()
                .filter(code -> !isLive(code))
                .toList();
    }

    String wrongCode() {
        String code;
        do {
            code = String.format(Locale.ROOT, "%06d", random.nextInt(1_000_000));
        } while (isLive(code));
        return code;
    }

    /** Whether a code is right, or is the last one again, which is no guess. */
    private boolean isLive(String code) {
        return code.equals(lastCode()) || code.equals(codeAt(now())) || code.equals(codeAt(now().plus(STEP)));
    }
}
