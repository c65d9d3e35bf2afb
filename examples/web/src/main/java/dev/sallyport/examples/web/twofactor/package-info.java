// SPDX-License-Identifier: Apache-2.0

/**
 * Two-factor authentication for an application on Spring Boot and Spring Security, made to be lifted out: take this package
 * and the templates, style and script of its name, implement {@link dev.sallyport.examples.web.twofactor.TwoFactorHost}, and
 * connect {@link dev.sallyport.examples.web.twofactor.SecondFactor}.
 */
@NullMarked
package dev.sallyport.examples.web.twofactor;

import org.jspecify.annotations.NullMarked;
