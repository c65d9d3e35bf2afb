// SPDX-License-Identifier: Apache-2.0

/** To be written. */
@NullMarked
package dev.sallyport.examples.terminal;

import org.jspecify.annotations.NullMarked;
