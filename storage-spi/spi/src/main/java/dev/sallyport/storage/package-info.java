// SPDX-License-Identifier: Apache-2.0

/**
 * Where Sallyport keeps its records: one opaque, encrypted record per user, changed by compare-and-set.
 *
 * <p>All rules of two-factor authentication live in the core. A store makes three writes atomic and reads the newest
 * committed record, and that is everything it has to get right; {@link dev.sallyport.storage.TwoFactorStore} says it
 * in four methods. What an implementation sees is ciphertext, bound to its user and version: a record that was edited,
 * moved to another user or given another version does not open again.
 *
 * <p>{@link dev.sallyport.storage.MapTwoFactorStore} serves every {@link java.util.concurrent.ConcurrentMap} whose
 * {@code replace} is atomic, and is the shortest complete implementation to read.
 */
@NullMarked
package dev.sallyport.storage;

import org.jspecify.annotations.NullMarked;
