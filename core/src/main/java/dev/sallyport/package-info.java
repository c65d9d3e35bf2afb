// SPDX-License-Identifier: Apache-2.0

/** To be written. */
@NullMarked
package dev.sallyport;

import org.jspecify.annotations.NullMarked;
