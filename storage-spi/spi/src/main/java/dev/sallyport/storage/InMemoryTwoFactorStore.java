// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.lang.System.Logger.Level;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the records in the memory of this process, for trials and tests. After a restart two-factor authentication is
 * off for every user. Each new store logs a warning about this.
 */
public final class InMemoryTwoFactorStore extends MapTwoFactorStore {

    /** Creates an empty store. */
    public InMemoryTwoFactorStore() {
        super(new ConcurrentHashMap<>());
        System.Logger log = System.getLogger(InMemoryTwoFactorStore.class.getName());
        log.log(
                Level.WARNING,
                "Two-factor records are in memory only:"
                        + " a restart switches two-factor authentication off for every user");
    }
}
