// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactorEvent;

/** A receiver of events of our own. Not a {@code TwoFactorListener}, so that none stands beside the application's. */
@FunctionalInterface
interface EventSink {
    void on(TwoFactorEvent event);
}
