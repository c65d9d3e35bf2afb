// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.ScannableTwoFactorStore;
import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.CorrectStore.Table;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The state machine over the planted store of a test. As a test class by itself it tests the correct store. */
class PlantedStateMachine extends TwoFactorStoreStateMachine {
    static final ThreadLocal<@Nullable Function<Table, ScannableTwoFactorStore>> PLANTED = new ThreadLocal<>();

    private final Function<Table, ScannableTwoFactorStore> planted =
            Objects.requireNonNullElse(PLANTED.get(), CorrectStore::new);

    @Override
    protected TwoFactorStore createStore() {
        return planted.apply(new Table());
    }
}
