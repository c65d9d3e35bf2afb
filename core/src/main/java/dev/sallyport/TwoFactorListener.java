// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * Hears what happens to accounts: for an audit log, a metric, and the mail that tells a user about a change.
 *
 * <p>It is called on the caller's thread, after the change is committed and before the call returns, once at most: a
 * crash in between loses the event, and the record is the truth. It may call back; it must not block. An exception that
 * it throws is logged and changes nothing; an {@link Error} reaches the caller. Must be safe for use by many threads.
 */
@FunctionalInterface
public interface TwoFactorListener {

    /**
     * Hears of one event.
     *
     * @param event what happened
     */
    void on(TwoFactorEvent event);
}
