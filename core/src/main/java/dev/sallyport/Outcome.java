// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rule decides. An account equal to the stored one means that nothing is written; another one takes its place;
 * null means that the record goes. Result and events leave only after that is committed.
 */
record Outcome<R>(@Nullable Account next, R result, List<TwoFactorEvent> events) {

    /** For a call that answers nothing. */
    static Outcome<Boolean> done(@Nullable Account next, TwoFactorEvent... events) {
        return of(next, true, events);
    }

    static <R> Outcome<R> of(@Nullable Account next, R result, TwoFactorEvent... events) {
        return new Outcome<>(next, result, List.of(events));
    }
}
