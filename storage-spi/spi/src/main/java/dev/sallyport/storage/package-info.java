// SPDX-License-Identifier: Apache-2.0

/**
 * The interface between Sallyport and a database. There is one opaque, encrypted record per user, and every change
 * compares the version first.
 *
 * <p>All rules of two-factor authentication are in the core. A store makes three writes atomic and reads the newest
 * committed record. {@link dev.sallyport.storage.TwoFactorStore} asks for this in four methods. A store sees ciphertext
 * only. The ciphertext is bound to its user and its version: a record cannot be decrypted if somebody has edited it,
 * copied it to another user or changed its version.
 *
 * <p>{@link dev.sallyport.storage.MapTwoFactorStore} works on every {@link java.util.concurrent.ConcurrentMap} whose
 * {@code replace} is atomic. It is the shortest complete implementation.
 */
@NullMarked
package dev.sallyport.storage;

import org.jspecify.annotations.NullMarked;
