// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.Operator;
import dev.sallyport.TemporaryCode;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import java.security.Principal;
import java.time.Duration;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;

/**
 * The calls of an operator over HTTP. It is off until {@code management.endpoint.twofactor.access=unrestricted}, and
 * has to be exposed and protected like every endpoint that changes something. Each event names the operator who was
 * signed in. The user's id is in the body, because access logs contain paths.
 */
@WebEndpoint(id = "twofactor", defaultAccess = Access.NONE)
final class OperatorEndpoint {
    private static final Duration LIFETIME = Duration.ofHours(1);
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    private final ObjectProvider<TwoFactor> twoFactor;

    OperatorEndpoint(ObjectProvider<TwoFactor> twoFactor) {
        this.twoFactor = twoFactor;
    }

    /**
     * Makes one call.
     *
     * @param action {@code unlock}, {@code reset} or {@code temporary-code}
     * @param user the id of the user
     * @param reason why, for the audit log
     * @param lifetime how long a temporary code works, such as {@code 30m}; one hour if null
     */
    @WriteOperation
    WebEndpointResponse<Map<String, String>> call(
            SecurityContext securityContext,
            @Selector String action,
            String user,
            String reason,
            // Spring Boot 3.5 knows this annotation alone.
            @org.springframework.lang.Nullable Duration lifetime) {
        Principal principal = securityContext.getPrincipal();
        if (principal == null) {
            return new WebEndpointResponse<>(Map.of("problem", "An operator has to be signed in."), FORBIDDEN);
        }
        try {
            Operator operator = twoFactor.getObject().operator(principal.getName());
            UserId id = UserId.of(user);
            switch (action) {
                case "unlock" -> operator.unlock(id, reason);
                case "reset" -> operator.resetWithoutProof(id, reason);
                case "temporary-code" -> {
                    TemporaryCode code =
                            operator.issueTemporaryCode(id, lifetime == null ? LIFETIME : lifetime, reason);
                    return new WebEndpointResponse<>(Map.of(
                            "code", code.value(), "expires", code.expires().toString()));
                }
                default -> {
                    return new WebEndpointResponse<>(
                            Map.of("problem", "The actions are unlock, reset and temporary-code."), NOT_FOUND);
                }
            }
            return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new InvalidEndpointRequestException("The call was refused: " + e.getMessage(), e.getMessage(), e);
        }
    }
}
