// SPDX-License-Identifier: Apache-2.0

/**
 * Two-factor authentication lived through in a terminal: with a real phone ({@code Story}), or with a simulated one that
 * needs nobody ({@code Simulation}).
 *
 * <p>Whoever looks for code to take along: all calls of the library are in {@code Story}, one method per page that an
 * application would have. The rest is about terminals.
 */
@NullMarked
package dev.sallyport.examples.terminal;

import org.jspecify.annotations.NullMarked;
