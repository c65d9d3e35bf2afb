// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.TwoFactorEvent.Position;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the listener and the log what has happened. Above DEBUG the log contains no user data. */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger("dev.sallyport.TwoFactor");

    private final TwoFactorListener listener;

    Events(TwoFactorListener listener) {
        this.listener = listener;
    }

    /** Publishes the events of a call that wrote nothing. */
    void publish(List<TwoFactorEvent> events) {
        for (TwoFactorEvent event : events) {
            publish(event);
        }
    }

    void publish(List<TwoFactorEvent> events, long committedVersion) {
        for (int i = 0; i < events.size(); i++) {
            publish(events.get(i).at(new Position(committedVersion, i + 1, events.size())));
        }
    }

    private void publish(TwoFactorEvent event) {
        if (event.rejection().isPresent()) {
            LOG.info("{} {}", event.type(), event.rejection().get());
        } else {
            LOG.info("{}", event.type());
        }
        if (LOG.isDebugEnabled()) {
            // A user id or a label may contain a line break. Unescaped, the rest would look like another log line.
            LOG.debug(
                    "{} of user {} {}",
                    event.type(),
                    Text.escape(event.user().value()),
                    Text.escape(event.details().toString()));
        }
        try {
            listener.on(event);
        } catch (RuntimeException e) {
            // The exception's message may contain user data, so it is logged at DEBUG only.
            LOG.error(
                    "The listener failed on {} with a {}",
                    event.type(),
                    e.getClass().getName());
            LOG.debug("The listener failed", e);
        }
    }
}
