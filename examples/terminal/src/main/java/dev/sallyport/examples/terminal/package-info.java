// SPDX-License-Identifier: Apache-2.0

/**
 * The life of a second factor in a terminal: with a real phone ({@code Story}), or with a simulated one and nobody at the
 * keyboard ({@code Simulation}).
 *
 * <p>To copy code from here, read {@code Story}. It makes all calls of the library, in one method per page that an
 * application would have. The other classes are about terminals.
 */
@NullMarked
package dev.sallyport.examples.terminal;

import org.jspecify.annotations.NullMarked;
