// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ModelAttribute;

/** Whose initials stand at the top right. */
@ControllerAdvice
class EveryPage {
    private final Users users;

    EveryPage(Users users) {
        this.users = users;
    }

    @ModelAttribute("person")
    Users.@Nullable Person person(@Nullable Principal principal) {
        return principal == null ? null : users.person(principal.getName()).orElse(null);
    }
}
