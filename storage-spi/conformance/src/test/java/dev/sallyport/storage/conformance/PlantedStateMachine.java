// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.TwoFactorStore;
import dev.sallyport.storage.conformance.HonestStore.Table;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The state machine over a store that a test has planted, inside of that test. By itself it proves the honest one. */
class PlantedStateMachine extends TwoFactorStoreStateMachine {
    static final ThreadLocal<@Nullable Function<Table, TwoFactorStore>> PLANTED = new ThreadLocal<>();

    private final Function<Table, TwoFactorStore> planted = Objects.requireNonNullElse(PLANTED.get(), HonestStore::new);

    @Override
    protected TwoFactorStore createStore() {
        return planted.apply(new Table());
    }
}
