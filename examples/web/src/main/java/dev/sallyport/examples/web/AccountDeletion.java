// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.stereotype.Component;

/** Deletes an account with everything that belongs to it. */
@Component
class AccountDeletion {
    private final Users users;
    private final TwoFactor twoFactor;
    private final FindByIndexNameSessionRepository<?> sessions;

    AccountDeletion(Users users, TwoFactor twoFactor, FindByIndexNameSessionRepository<?> sessions) {
        this.users = users;
        this.twoFactor = twoFactor;
        this.sessions = sessions;
    }

    void delete(String username) {
        UserId user = users.idOf(username);
        users.delete(user);
        twoFactor.operator("account deletion").deleteAccount(user);
        // A session contains a copy of its user, so it would go on without the row.
        sessions.findByPrincipalName(username).keySet().forEach(sessions::deleteById);
    }
}
