// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorListener;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands each event to all who want it. One that fails does not keep it from the others. The listeners are looked up
 * when the first event comes, because a listener may itself need the {@code TwoFactor} bean.
 */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    private final List<Supplier<Stream<? extends TwoFactorListener>>> listeners;

    Events(List<Supplier<Stream<? extends TwoFactorListener>>> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    void on(TwoFactorEvent event) {
        listeners.stream().flatMap(Supplier::get).forEach(listener -> tell(listener, event));
    }

    private static void tell(TwoFactorListener listener, TwoFactorEvent event) {
        try {
            listener.on(event);
        } catch (RuntimeException e) {
            // The exception's message may contain user data, so it is logged at DEBUG only.
            LOG.error(
                    "{} failed on {} with a {}",
                    listener.getClass().getName(),
                    event.type(),
                    e.getClass().getName());
            LOG.debug("A listener failed", e);
        }
    }
}
