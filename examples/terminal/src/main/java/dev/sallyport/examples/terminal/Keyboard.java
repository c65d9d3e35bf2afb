// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import java.io.BufferedReader;
import java.io.Reader;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The lines that a person types. Reading a line cannot be given up in Java, so a thread waits for it, and a countdown can
 * run in the meantime.
 */
final class Keyboard implements AutoCloseable {
    private final BufferedReader in;
    private final ExecutorService reader = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "keyboard");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Future<Optional<String>> awaited;

    Keyboard(Reader in) {
        this.in = new BufferedReader(in);
    }

    /** Waits for the next line. */
    String line() throws Leaving {
        return within(Duration.ofDays(1)).orElseGet(this::line);
    }

    /** Waits for the next line, but not for ever: empty if there is none in that time. It is not lost when it comes later. */
    Optional<String> within(Duration time) throws Leaving {
        Future<Optional<String>> next =
                awaited != null ? awaited : reader.submit(() -> Optional.ofNullable(in.readLine()));
        awaited = next;
        try {
            Optional<String> line = next.get(time.toMillis(), TimeUnit.MILLISECONDS);
            awaited = null;
            return Optional.of(line.orElseThrow(Leaving::new));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Leaving();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the input cannot be read", e.getCause());
        }
    }

    @Override
    public void close() {
        reader.shutdownNow();
    }
}
