// SPDX-License-Identifier: Apache-2.0

/**
 * The tests that show whether a store is right. If you implement {@link dev.sallyport.storage.TwoFactorStore}, extend
 * {@link dev.sallyport.storage.conformance.TwoFactorStoreConformance} in your own tests, and write there how to open
 * your store. Each MUST of the SPI is then tested on it. If jqwik is on the test class path, extend {@link
 * dev.sallyport.storage.conformance.TwoFactorStoreStateMachine} too. It runs random sequences of operations, and
 * shortens a sequence that fails.
 *
 * <p>A failure says what the store did, what it MUST do, what the usual cause is, and which calls came before.
 *
 * <p>Some rules cannot be tested from outside, and remain the responsibility of the store's author: a write is durable
 * before the method returns, no record ever expires, the store takes no part in a transaction of the caller, it never
 * repeats a write, and it logs no payload. Short ids are not tried, because somebody else may have them.
 *
 * <p>Needs JUnit Jupiter 5.10 or newer on the test class path. Only the state machine needs jqwik.
 */
@NullMarked
package dev.sallyport.storage.conformance;

import org.jspecify.annotations.NullMarked;
