// SPDX-License-Identifier: Apache-2.0

/** An application with users, passwords and pages. The starter adds the second factor. */
@NullMarked
package dev.sallyport.examples.web;

import org.jspecify.annotations.NullMarked;
