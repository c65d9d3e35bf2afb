// SPDX-License-Identifier: Apache-2.0
package com.acme.shop;

import java.security.Principal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class Pages {
    /** Open to everybody; says who is signed in. */
    @GetMapping("/")
    String start(Principal principal) {
        return "Welcome, " + (principal == null ? "stranger" : principal.getName());
    }

    @GetMapping("/orders")
    String orders(Principal principal) {
        return "Orders of " + principal.getName();
    }
}
