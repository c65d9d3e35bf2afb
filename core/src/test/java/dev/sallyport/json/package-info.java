// SPDX-License-Identifier: Apache-2.0
/** A reader of JSON and a check of schemas, for the test vectors and the cryptographic inventory. */
@NullMarked
package dev.sallyport.json;

import org.jspecify.annotations.NullMarked;
