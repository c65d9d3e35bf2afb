// SPDX-License-Identifier: Apache-2.0
package org.springframework.web.reactive;

/** Spring Boot takes an application for a reactive one only if a class of this name is there. */
public final class HandlerResult {}
