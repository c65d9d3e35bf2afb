// SPDX-License-Identifier: Apache-2.0

/**
 * The tests that show whether a store is right. If you implement {@link dev.sallyport.storage.TwoFactorStore}, extend
 * {@link dev.sallyport.storage.conformance.TwoFactorStoreConformance} in your own tests, and write there how to open
 * your store. If it is a {@link dev.sallyport.storage.ScannableTwoFactorStore}, extend {@link
 * dev.sallyport.storage.conformance.ScannableTwoFactorStoreConformance}. Each MUST of the SPI is then tested on it. If
 * jqwik is on the test class path, extend {@link dev.sallyport.storage.conformance.TwoFactorStoreStateMachine} too. It
 * runs random sequences of operations, and shortens a sequence that fails.
 *
 * <p>A failure says what the store did, what it MUST do, what the usual cause is, and which calls came before. If the
 * store threw, the failure begins with the root cause. At its end a run reports what was proven and what was not.
 *
 * <p>Some rules cannot be tested from outside, and remain the responsibility of the store's author: a write survives a
 * power failure and a fail-over, no record ever expires, and the store logs no payload. Short ids are not tried,
 * because somebody else may have them.
 *
 * <p>Needs JUnit Jupiter 5.10 or newer on the test class path. Only the state machine needs jqwik. Unlike the other
 * modules this one opens sockets ({@link dev.sallyport.storage.conformance.LoopbackProxy}, on 127.0.0.1 only), starts
 * processes (with the class path of the tests) and writes files (its reports). It is for tests only.
 */
@NullMarked
package dev.sallyport.storage.conformance;

import org.jspecify.annotations.NullMarked;
