// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web.twofactor;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.session.FindByIndexNameSessionRepository;
import org.springframework.stereotype.Component;

/**
 * A session that has shown its second factor goes on without one. So whatever ends that trust (a phone removed, a browser
 * forgotten, everything switched off or on) ends the user's other sessions as well.
 */
@Component
class OtherSessions {
    private final FindByIndexNameSessionRepository<?> sessions;

    OtherSessions(FindByIndexNameSessionRepository<?> sessions) {
        this.sessions = sessions;
    }

    /** All but the one of this request. Before its id is changed, or it would count among the others. */
    void end(HttpServletRequest request) {
        String current = request.getSession().getId();
        sessions.findByPrincipalName(request.getRemoteUser()).keySet().stream()
                .filter(id -> !id.equals(current))
                .forEach(sessions::deleteById);
    }
}
