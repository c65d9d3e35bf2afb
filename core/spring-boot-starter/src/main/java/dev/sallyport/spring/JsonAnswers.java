// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.AuthenticatorId;
import dev.sallyport.PendingEnrollment;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.TwoFactorStatus.Door;
import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.qr.QrCode;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Answers as JSON objects. {@code META-INF/sallyport/openapi.yaml} describes each name, and the names never change. A
 * property without a value is left out. Instants are in ISO 8601, UTC.
 */
final class JsonAnswers {
    private JsonAnswers() {}

    /** {@return the object; null if the answer says no more than its problem} */
    static @Nullable Map<String, Object> of(Answer answer, String sheetHeading, String contextPath) {
        if (answer instanceof Answer.Overview overview) {
            return status(overview);
        }
        if (answer instanceof Answer.Enrolling enrolling) {
            return enrollment(enrolling.pending());
        }
        if (answer instanceof Answer.NewBackupCodes codes) {
            return members()
                    .with("backupCodes", codes.codes().asList())
                    .with("sheet", codes.codes().toText(sheetHeading))
                    .with("stamp", value(codes.stamp()))
                    .map();
        }
        if (answer instanceof Answer.CodeAccepted accepted) {
            return accepted(accepted, contextPath);
        }
        if (answer instanceof Answer.Done done) {
            return members()
                    .with("next", inApplication(contextPath, done.next()))
                    .with("stamp", value(done.stamp()))
                    .map();
        }
        return null;
    }

    /** {@return the problem detail} */
    static Map<String, Object> of(Problem problem, String sentence, @Nullable Long retryAfter) {
        Duration clockOff = problem.clockOff();
        return members()
                .with("type", problem.kind().type())
                .with("title", problem.kind().title())
                .with("status", problem.kind().status)
                .with("detail", sentence)
                .with("messageKey", problem.kind().messageKey())
                .with("retryAfter", retryAfter)
                .with("until", value(problem.until()))
                .with("clockOffSeconds", clockOff == null ? null : clockOff.toSeconds())
                .with(
                        "challenge",
                        problem.challenge() == null ? null : problem.challenge().value())
                .map();
    }

    private static Map<String, Object> status(Answer.Overview overview) {
        TwoFactorStatus status = overview.status();
        return members()
                .with("state", status.state().name())
                .with(
                        "authenticators",
                        status.authenticators().stream()
                                .map(JsonAnswers::authenticator)
                                .toList())
                .with("backupCodesLeft", status.backupCodesLeft())
                .with(
                        "browsers",
                        status.browsers().stream()
                                .map(browser -> browser(
                                        browser,
                                        overview.thisBrowser()
                                                .filter(browser.id()::equals)
                                                .isPresent()))
                                .toList())
                .with("strangers", door(status.strangers()))
                .with("known", door(status.known()))
                .map();
    }

    private static Map<String, Object> authenticator(TwoFactorStatus.Authenticator authenticator) {
        return members()
                .with("id", authenticator.id().value())
                .with("label", authenticator.label())
                .with("added", authenticator.added().toString())
                .with("lastUsed", value(authenticator.lastUsed().orElse(null)))
                .with("weakSecret", authenticator.weakSecret())
                .with("offset", authenticator.offset())
                .map();
    }

    private static Map<String, Object> browser(TwoFactorStatus.Browser browser, boolean current) {
        return members()
                .with("id", browser.id().value())
                .with("label", browser.label())
                .with("current", current)
                .with("lastUsed", browser.lastUsed().toString())
                .with("rememberedUntil", value(browser.rememberedUntil().orElse(null)))
                .with("lockedUntil", value(browser.lockedUntil().orElse(null)))
                .map();
    }

    private static Map<String, Object> door(Door door) {
        return members()
                .with("consecutiveFailures", door.consecutiveFailures())
                .with("failures", door.failures())
                .with("lock", door.lock().map(JsonAnswers::lock).orElse(null))
                .map();
    }

    private static Map<String, Object> lock(TwoFactorStatus.Lock lock) {
        return members()
                .with("reason", lock.reason().name())
                .with("until", value(lock.until().orElse(null)))
                .map();
    }

    private static Map<String, Object> enrollment(PendingEnrollment pending) {
        String keyUri = pending.keyUri().toUriString();
        return members()
                .with("keyUri", keyUri)
                .with("qrCode", QrCode.of(keyUri).toDataUri())
                .with("secretForTyping", pending.secretForTyping())
                .with("digits", pending.keyUri().digits())
                .with("label", pending.label())
                .with("expires", pending.expires().toString())
                .with("handle", pending.handle().value())
                .map();
    }

    private static Map<String, Object> accepted(Answer.CodeAccepted accepted, String contextPath) {
        Verified proof = accepted.proof();
        return members()
                .with("method", proof.method().name())
                .with("at", proof.at().toString())
                .with(
                        "authenticator",
                        proof.authenticator().map(AuthenticatorId::value).orElse(null))
                .with("backupCodesLeft", proof.backupCodesLeft())
                .with("stamp", value(proof.stamp()))
                .with("proof", accepted.sealedProof())
                .with("next", accepted.next() == null ? null : inApplication(contextPath, accepted.next()))
                .map();
    }

    /** A path of the application gets its context path; a whole URL stays as it is. */
    static String inApplication(String contextPath, String next) {
        return next.startsWith("/") ? contextPath + next : next;
    }

    private static @Nullable String value(@Nullable Instant instant) {
        return instant == null ? null : instant.toString();
    }

    private static @Nullable String value(@Nullable TrustStamp stamp) {
        return stamp == null ? null : stamp.value();
    }

    private static Members members() {
        return new Members(new LinkedHashMap<>());
    }

    private record Members(Map<String, Object> map) {
        Members with(String name, @Nullable Object value) {
            if (value != null) {
                map.put(name, value);
            }
            return this;
        }
    }
}
