// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;

/**
 * Hands each event to the application's listeners first, and then to our own. If one fails, the others still get it.
 * The listeners are looked up with each event, because a listener may itself need the {@code TwoFactor} bean.
 */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    private final ObjectProvider<TwoFactorListener> listeners;
    private final ObjectProvider<EventSink> sinks;

    Events(ObjectProvider<TwoFactorListener> listeners, ObjectProvider<EventSink> sinks) {
        this.listeners = listeners;
        this.sinks = sinks;
    }

    void on(TwoFactorEvent event) {
        listeners.orderedStream().forEach(listener -> tell(listener, listener::on, event));
        sinks.orderedStream().forEach(sink -> tell(sink, sink, event));
    }

    private static void tell(Object receiver, EventSink sink, TwoFactorEvent event) {
        try {
            sink.on(event);
        } catch (RuntimeException e) {
            // The exception's message may contain user data, so it is logged at DEBUG only.
            LOG.error(
                    "{} failed on {} with a {}",
                    receiver.getClass().getName(),
                    event.type(),
                    e.getClass().getName());
            LOG.debug("A receiver of events failed", e);
        }
    }
}
