// SPDX-License-Identifier: Apache-2.0

/** The host: users, passwords, pages. What makes it ask for a second factor is in {@code twofactor}. */
@NullMarked
package dev.sallyport.examples.web;

import org.jspecify.annotations.NullMarked;
