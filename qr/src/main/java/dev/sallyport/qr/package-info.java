// SPDX-License-Identifier: Apache-2.0

/** To be written. */
@NullMarked
package dev.sallyport.qr;

import org.jspecify.annotations.NullMarked;
