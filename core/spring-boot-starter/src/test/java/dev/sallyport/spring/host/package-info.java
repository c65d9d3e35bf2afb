// SPDX-License-Identifier: Apache-2.0
/** An application that has the starter, seen from outside: it uses the public API alone. */
@NullMarked
package dev.sallyport.spring.host;

import org.jspecify.annotations.NullMarked;
