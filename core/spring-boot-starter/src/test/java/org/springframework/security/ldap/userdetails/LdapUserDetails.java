// SPDX-License-Identifier: Apache-2.0
package org.springframework.security.ldap.userdetails;

import org.springframework.security.core.userdetails.UserDetails;

/** A principal whose name is what the user typed. */
public interface LdapUserDetails extends UserDetails {
    String getDn();
}
