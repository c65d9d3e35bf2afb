// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.otp.KeyUri;
import java.time.Instant;

/**
 * An enrollment that waits for its first code: what the page with the QR code shows. The secret is in it, so it belongs
 * into the response and nowhere else: no log, no session, no hidden field, no image service. It is redacted in {@link
 * #toString()}. Immutable.
 */
public final class PendingEnrollment {
    private final KeyUri keyUri;
    private final String label;
    private final Instant expires;

    PendingEnrollment(KeyUri keyUri, String label, Instant expires) {
        this.keyUri = keyUri;
        this.label = label;
        this.expires = expires;
    }

    /**
     * What the QR code says.
     *
     * @return the key URI; at most 666 bytes of ASCII as text
     */
    public KeyUri keyUri() {
        return keyUri;
    }

    /**
     * The secret for those who cannot scan.
     *
     * @return Base32 in groups of four, separated by spaces
     */
    public String secretForTyping() {
        String secret = keyUri.secret().toBase32();
        StringBuilder groups = new StringBuilder(secret.length() * 5 / 4);
        for (int i = 0; i < secret.length(); i += 4) {
            groups.append(i == 0 ? "" : " ").append(secret, i, Math.min(i + 4, secret.length()));
        }
        return groups.toString();
    }

    /**
     * What the user calls the authenticator.
     *
     * @return the label of the request
     */
    public String label() {
        return label;
    }

    /**
     * The last instant at which a code can confirm it.
     *
     * @return the instant
     */
    public Instant expires() {
        return expires;
    }

    @Override
    public String toString() {
        return "PendingEnrollment[expires=" + expires + "]";
    }
}
