// SPDX-License-Identifier: Apache-2.0

/** An example of a custom store, in one class. */
@NullMarked
package dev.sallyport.examples.customstore;

import org.jspecify.annotations.NullMarked;
