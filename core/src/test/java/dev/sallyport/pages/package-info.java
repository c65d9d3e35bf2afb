// SPDX-License-Identifier: Apache-2.0
/** Holds the repository's pages to what its sources say. */
@NullMarked
package dev.sallyport.pages;

import org.jspecify.annotations.NullMarked;
