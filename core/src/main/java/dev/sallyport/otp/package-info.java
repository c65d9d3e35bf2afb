// SPDX-License-Identifier: Apache-2.0

/** To be written. */
@NullMarked
package dev.sallyport.otp;

import org.jspecify.annotations.NullMarked;
