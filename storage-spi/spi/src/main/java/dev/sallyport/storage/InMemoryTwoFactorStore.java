// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.lang.System.Logger.Level;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the records in this process's memory, for trying things out and for tests. A restart forgets every user's
 * enrollment, and with it their second factor, so each new store logs a warning that says so.
 */
public final class InMemoryTwoFactorStore extends MapTwoFactorStore {

    /** Creates an empty store. */
    public InMemoryTwoFactorStore() {
        super(new ConcurrentHashMap<>());
        System.Logger log = System.getLogger(InMemoryTwoFactorStore.class.getName());
        log.log(Level.WARNING, "Two-factor records are in memory only: a restart switches it off for everyone");
    }
}
