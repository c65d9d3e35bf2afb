// SPDX-License-Identifier: Apache-2.0

/** The kit as an integrator uses it: from another package, over the stores of the SPI. */
@NullMarked
package dev.sallyport.storage.conformance.integrator;

import org.jspecify.annotations.NullMarked;
