// SPDX-License-Identifier: Apache-2.0
/**
 * Two-factor authentication for a Spring Boot application (3.5, 4.0, 4.1) that signs its users in with Spring Security.
 */
@NullMarked
package dev.sallyport.spring;

import org.jspecify.annotations.NullMarked;
