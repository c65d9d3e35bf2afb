// SPDX-License-Identifier: Apache-2.0

/**
 * The tests that prove a store right. Whoever implements {@link dev.sallyport.storage.TwoFactorStore} extends {@link
 * dev.sallyport.storage.conformance.TwoFactorStoreConformance} in a test of their own, says how to open the store, and
 * has each MUST of the SPI tried on it. With jqwik on the test class path, {@link
 * dev.sallyport.storage.conformance.TwoFactorStoreStateMachine} adds random sequences of operations, cut down to the
 * shortest that fails.
 *
 * <p>A failure says what the store did, what it must do, what usually causes that, and which operations led there.
 *
 * <p>Some obligations no test from outside can see, and they stay with whoever writes the store: that a write is durable
 * before the answer, that no record ever expires, that the store takes no part in a transaction of the caller, and that it
 * logs no payload. Short ids are not tried, since somebody else may have them.
 *
 * <p>Needs JUnit Jupiter 5.10 or newer on the test class path, and jqwik for the state machine alone.
 */
@NullMarked
package dev.sallyport.storage.conformance;

import org.jspecify.annotations.NullMarked;
