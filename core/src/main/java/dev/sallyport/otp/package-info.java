// SPDX-License-Identifier: Apache-2.0

/**
 * For those who want the two RFCs and nothing around them; to add two-factor authentication to a login, use
 * {@code dev.sallyport.TwoFactor} instead.
 *
 * <p>The classes here compute and compare codes: {@link dev.sallyport.otp.Totp} those of an authenticator app (RFC 6238),
 * {@link dev.sallyport.otp.Hotp} those of a hardware token (RFC 4226). They keep nothing, and so a right code is right as
 * often as it is shown. Whoever calls them has to do the rest, each of which has been got wrong in shipped products:
 *
 * <ul>
 *   <li>keep the step or counter that {@code match} returned, and pass it in the next time ({@code afterStep}, or one
 *       more as {@code from}), so that no code passes twice;
 *   <li>store it by compare-and-set before answering, so that of two requests at once only one passes;
 *   <li>limit and count the attempts per user: six digits alone are a million guesses;
 *   <li>encrypt the shared secrets at rest, and make the user type a first code before relying on a new one.
 * </ul>
 *
 * <p>There is no method that says whether a code is right. {@code match} says which step or counter it belongs to,
 * because that is what has to be remembered.
 *
 * <pre>{@code
 * Totp totp = Totp.of(TotpParameters.DEFAULT);
 * OptionalLong step = totp.match(secret, typed, Instant.now(), new Window(1, 1), lastStep);
 * }</pre>
 *
 * <p>{@link dev.sallyport.otp.KeyUri} is the text inside the QR code that authenticator apps scan, and reads the exports
 * of other systems. Nothing here depends on the default locale, time zone or charset.
 */
@NullMarked
package dev.sallyport.otp;

import org.jspecify.annotations.NullMarked;
