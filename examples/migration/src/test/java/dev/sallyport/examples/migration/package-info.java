// SPDX-License-Identifier: Apache-2.0

/** Tests of the command line on samples, on files that are broken, and on large files. */
@NullMarked
package dev.sallyport.examples.migration;

import org.jspecify.annotations.NullMarked;
