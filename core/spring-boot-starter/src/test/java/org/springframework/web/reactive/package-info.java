// SPDX-License-Identifier: Apache-2.0
/** Stands for Spring WebFlux, which is not on the class path of the tests. */
@NullMarked
package org.springframework.web.reactive;

import org.jspecify.annotations.NullMarked;
