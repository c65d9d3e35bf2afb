// SPDX-License-Identifier: Apache-2.0
/** Stands for Spring Security's LDAP, which is not on the class path of the tests. */
@NullMarked
package org.springframework.security.ldap.userdetails;

import org.jspecify.annotations.NullMarked;
