// SPDX-License-Identifier: Apache-2.0
/**
 * Defects of shipped systems, each tried on Sallyport. The numbers in brackets are those of {@code core/ABUSE-CASES.md},
 * which describes each case. This package is not Sallyport's own, so that only the public API can be called.
 */
@NullMarked
package dev.sallyport.abuse;

import org.jspecify.annotations.NullMarked;
