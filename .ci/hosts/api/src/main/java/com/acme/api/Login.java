// SPDX-License-Identifier: Apache-2.0
package com.acme.api;

import dev.sallyport.Browser;
import dev.sallyport.Challenge;
import dev.sallyport.SignInRequirement;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.UserId;
import dev.sallyport.VerificationResult;
import java.time.Instant;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwsHeader;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoder;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** The application's own sign-in, as it was, and what two-factor authentication adds to it. */
@RestController
class Login {
    private final JdbcTemplate jdbc;
    private final JwtEncoder encoder;
    private final TwoFactor twoFactor;

    Login(JdbcTemplate jdbc, JwtEncoder encoder, TwoFactor twoFactor) {
        this.jdbc = jdbc;
        this.encoder = encoder;
        this.twoFactor = twoFactor;
    }

    @PostMapping("/login/password")
    ResponseEntity<Map<String, String>> password(@RequestParam String email, @RequestParam String password) {
        var ids = jdbc.queryForList("select id from member where email = ? and password = ?", String.class, email, password);
        if (ids.isEmpty()) {
            return ResponseEntity.status(401).build();
        }
        UserId user = UserId.of(ids.get(0));
        SignInRequirement next = twoFactor.signInRequirement(user, Browser.none());
        if (next instanceof SignInRequirement.CodeRequired code) {
            return ResponseEntity.ok(Map.of("challenge", code.challenge().value()));
        }
        return ResponseEntity.ok(token(user, ((SignInRequirement.NoCodeRequired) next).stamp()));
    }

    @PostMapping("/login/code")
    ResponseEntity<Map<String, String>> code(@RequestParam String challenge, @RequestParam String code) {
        if (twoFactor.verify(Challenge.of(challenge), code) instanceof VerificationResult.Verified proof) {
            return ResponseEntity.ok(token(proof.user(), proof.stamp()));
        }
        return ResponseEntity.status(401).build();
    }

    @GetMapping("/me")
    Map<String, String> me(java.security.Principal principal) {
        return Map.of("id", principal.getName());
    }

    private Map<String, String> token(UserId user, TrustStamp stamp) {
        JwtClaimsSet claims = JwtClaimsSet.builder()
                .subject(user.value())
                .expiresAt(Instant.now().plusSeconds(900))
                .claim("two_factor", stamp.value())
                // When the password was checked: enabling asks for a sign-in that is not old.
                .claim("auth_time", Instant.now().getEpochSecond())
                .build();
        JwsHeader header = JwsHeader.with(MacAlgorithm.HS256).build();
        return Map.of("token", encoder.encode(JwtEncoderParameters.from(header, claims)).getTokenValue());
    }
}
