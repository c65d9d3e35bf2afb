// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactorEvent;
import java.util.Locale;

/** The names of types of events in message keys, metrics and properties. */
final class EventNames {
    private EventNames() {}

    static String of(TwoFactorEvent.Type type) {
        return type.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
