// SPDX-License-Identifier: Apache-2.0

/** A store of one's own, in one file. */
@NullMarked
package dev.sallyport.examples.customstore;

import org.jspecify.annotations.NullMarked;
