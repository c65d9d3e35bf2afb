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
 * The lines that a person types. Java cannot stop waiting for a line, so a thread of its own waits, and a countdown can run
 * in the meantime.
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
    String line() throws QuitException {
        return within(Duration.ofDays(1)).orElseGet(this::line);
    }

    /** Waits for the next line for some time; empty if there is none. A line that comes later is returned by the next call. */
    Optional<String> within(Duration time) throws QuitException {
        Future<Optional<String>> next =
                awaited != null ? awaited : reader.submit(() -> Optional.ofNullable(in.readLine()));
        awaited = next;
        try {
            Optional<String> line = next.get(time.toMillis(), TimeUnit.MILLISECONDS);
            awaited = null;
            return Optional.of(line.orElseThrow(QuitException::new));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new QuitException();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the input cannot be read", e.getCause());
        }
    }

    @Override
    public void close() {
        reader.shutdownNow();
    }
}
