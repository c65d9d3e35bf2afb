// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * Receives the events of all accounts, for an audit log, for metrics and for the mail that tells a user about a change.
 *
 * <p>Sallyport calls the listener on the caller's thread, after the change is committed and before the call returns. It
 * does so at most once per event. A crash in between loses the event but not the change. The listener may call
 * Sallyport. It must not block. An exception from the listener is logged and does not change the result of the call. An
 * {@link Error} reaches the caller. The listener must be safe for use by many threads.
 */
@FunctionalInterface
public interface TwoFactorListener {

    /**
     * Receives one event.
     *
     * @param event what happened
     */
    void on(TwoFactorEvent event);
}
