// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the listener and the log what has been committed. Above DEBUG the log has no user data. */
final class Events {
    private static final Logger LOG = LoggerFactory.getLogger(TwoFactor.class);

    private final TwoFactorListener listener;

    Events(TwoFactorListener listener) {
        this.listener = listener;
    }

    void publish(List<TwoFactorEvent> events) {
        events.forEach(this::publish);
    }

    private void publish(TwoFactorEvent event) {
        String reason = event.rejection().map(rejection -> " " + rejection).orElse("");
        LOG.info("{}{}", event.type(), reason);
        LOG.debug("{} of user {} {}", event.type(), event.user().value(), event.details());
        try {
            listener.on(event);
        } catch (RuntimeException e) {
            // What it threw may speak of the user.
            LOG.error(
                    "The listener failed on {} with a {}",
                    event.type(),
                    e.getClass().getName());
            LOG.debug("The listener failed", e);
        }
    }
}
