// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.TwoFactorStore;
import java.util.Properties;

/**
 * Opens a store in another process, for the tests with two processes. It is for people who implement a store. The kit
 * starts a JVM with the class path of the tests, makes an object of this class with its constructor without parameters,
 * and passes the settings through standard input, so that no password is on a command line.
 */
@FunctionalInterface
public interface StoreOpener {

    /**
     * Opens the store over the data of the store that is tested.
     *
     * @param settings what {@link TwoFactorStoreConformance#anotherProcess} has set
     * @return the store
     * @throws Exception if it cannot be opened
     */
    TwoFactorStore open(Properties settings) throws Exception;
}
