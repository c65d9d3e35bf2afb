// SPDX-License-Identifier: Apache-2.0

/**
 * A sign-in with two factors in a servlet filter and two pages. What there is to take along is {@code SignInFilter}, which
 * knows nothing but the Servlet API and {@link dev.sallyport.TwoFactor}; {@code Main} brings a server to run it in.
 */
@NullMarked
package dev.sallyport.examples.jakarta;

import org.jspecify.annotations.NullMarked;
