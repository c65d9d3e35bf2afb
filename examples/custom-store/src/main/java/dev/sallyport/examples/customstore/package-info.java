// SPDX-License-Identifier: Apache-2.0

/** Examples of custom stores, each in one class. */
@NullMarked
package dev.sallyport.examples.customstore;

import org.jspecify.annotations.NullMarked;
