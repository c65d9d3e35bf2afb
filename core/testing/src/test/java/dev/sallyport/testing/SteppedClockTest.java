// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SteppedClockTest {
    private static final Instant START = Instant.parse("2026-11-02T09:00:00Z");

    private final SteppedClock clock = new SteppedClock();

    @Test
    void instant_withoutAMove_staysTheSame() {
        assertThat(clock.instant()).isEqualTo(START);
        assertThat(clock.instant()).isEqualTo(START);
        assertThat(clock).hasToString("2026-11-02T09:00:00Z");
    }

    @Test
    void clock_withAStart_beginsThere() {
        assertThat(new SteppedClock(Instant.EPOCH).instant()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void advance_forwardAndBack_movesByTheDuration() {
        clock.advance(Duration.ofDays(365));
        assertThat(clock.instant()).isEqualTo(START.plus(Duration.ofDays(365)));

        clock.advance(Duration.ofDays(-366));
        assertThat(clock.instant()).isEqualTo(START.minus(Duration.ofDays(1)));
    }

    @Test
    void set_anyInstant_isWhatItShows() {
        clock.set(Instant.MAX);

        assertThat(clock.instant()).isEqualTo(Instant.MAX);
    }

    @Test
    void advance_beyondTheLastInstant_isRefusedAndMovesNothing() {
        clock.set(Instant.MAX);

        assertThatThrownBy(() -> clock.advance(Duration.ofNanos(1))).isInstanceOf(DateTimeException.class);
        assertThat(clock.instant()).isEqualTo(Instant.MAX);
    }

    @Test
    @SuppressWarnings("NullAway")
    void clock_withoutAnInstant_isRefused() {
        assertThatThrownBy(() -> new SteppedClock(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> clock.set(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> clock.advance(null)).isInstanceOf(NullPointerException.class);
        assertThat(clock.instant()).isEqualTo(START);
    }

    @Test
    void advance_byManyThreads_losesNoMove() throws Exception {
        int threads = 4;
        int moves = 10_000;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Void>> tasks = IntStream.range(0, threads)
                    .<Callable<Void>>mapToObj(thread -> () -> {
                        for (int i = 0; i < moves; i++) {
                            clock.advance(Duration.ofSeconds(1));
                        }
                        return null;
                    })
                    .toList();
            for (var done : pool.invokeAll(tasks)) {
                done.get();
            }
        } finally {
            pool.shutdownNow();
        }

        assertThat(clock.instant()).isEqualTo(START.plusSeconds((long) threads * moves));
    }
}
