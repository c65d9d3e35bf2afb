// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.otp.KeyUri;
import java.time.Instant;

/**
 * An enrollment that waits for its first code: what the page with the QR code shows. It contains the secret, so it
 * belongs in the response and nowhere else: no log, no session, no hidden field, no image service. Only the handle
 * belongs in the session. Redacted in {@link #toString()}. Immutable.
 */
public final class PendingEnrollment {
    private final UserId user;
    private final KeyUri keyUri;
    private final String label;
    private final Instant expires;
    private final EnrollmentHandle handle;

    PendingEnrollment(UserId user, KeyUri keyUri, String label, Instant expires, EnrollmentHandle handle) {
        this.user = user;
        this.keyUri = keyUri;
        this.label = label;
        this.expires = expires;
        this.handle = handle;
    }

    /**
     * {@return whose enrollment it is} An application that takes the handle from a client compares this with the user
     * who is signed in, before it shows anything.
     */
    public UserId user() {
        return user;
    }

    /** {@return the content of the QR code: a key URI whose text has at most 666 ASCII characters} */
    public KeyUri keyUri() {
        return keyUri;
    }

    /** {@return the secret for people who cannot scan: Base32 in groups of four, separated by spaces} */
    public String secretForTyping() {
        String secret = keyUri.secret().toBase32();
        StringBuilder groups = new StringBuilder(secret.length() * 5 / 4);
        for (int i = 0; i < secret.length(); i += 4) {
            groups.append(i == 0 ? "" : " ").append(secret, i, Math.min(i + 4, secret.length()));
        }
        return groups.toString();
    }

    /** {@return what the user calls the authenticator} */
    public String label() {
        return label;
    }

    /** {@return the last instant at which a code can confirm it} */
    public Instant expires() {
        return expires;
    }

    /** {@return the handle that confirms it; it belongs in this user's session} */
    public EnrollmentHandle handle() {
        return handle;
    }

    @Override
    public String toString() {
        return "PendingEnrollment[expires=" + expires + "]";
    }
}
