// SPDX-License-Identifier: Apache-2.0

/**
 * HOTP and TOTP as in the two RFCs, without storage. This package is for developers who need these algorithms alone. To
 * add two-factor authentication to a login, use {@code dev.sallyport.TwoFactor} instead.
 *
 * <p>The classes compute and compare codes: {@link dev.sallyport.otp.Totp} those of an authenticator app (RFC 6238),
 * {@link dev.sallyport.otp.Hotp} those of a hardware token (RFC 4226). They store nothing, so they accept a right code
 * as often as it is shown. The caller has to do the rest. Shipped products have failed at each of these points:
 *
 * <ul>
 *   <li>Store the step or counter that {@code match} returned. Pass it the next time, as {@code afterStep}, or one more
 *       than it as {@code from}. Otherwise a code is accepted twice.
 *   <li>Store it by compare-and-set, before answering. Otherwise two requests at the same time are both accepted.
 *   <li>Count and limit the attempts per user. Six digits are only a million possible guesses.
 *   <li>Encrypt the shared secrets in the database. Ask the user for a first code before relying on a new secret.
 * </ul>
 *
 * <p>No method returns whether a code is right. {@code match} returns the step or counter that the code belongs to,
 * because the caller has to store it.
 *
 * <pre>{@code
 * Totp totp = Totp.of(TotpParameters.DEFAULT);
 * OptionalLong step = totp.match(secret, typed, Instant.now(), new Window(1, 1), lastStep);
 * }</pre>
 *
 * <p>Nothing here depends on the default locale, time zone or charset.
 *
 * <h2>Key URIs</h2>
 *
 * <p>{@link dev.sallyport.otp.KeyUri} is the text inside the QR code that authenticator apps scan. It writes what
 * Google's "Key Uri Format" describes, and reads the exports of other systems. The Internet-Draft
 * draft-andesco-otpauth-uri-00 (February 2026, work in progress) describes the same format. (Its version -01 of October
 * 2026 is not compared here yet.) {@code KeyUri} agrees with it in the following points:
 *
 * <ul>
 *   <li>It writes lower-case {@code otpauth}, {@code totp} and {@code hotp}, exactly one secret in unpadded upper-case
 *       Base32, each parameter at most once, {@code counter} for HOTP alone, and {@code period} for TOTP alone.
 *   <li>It reads the scheme, the type, the names of parameters and the algorithm in upper and lower case, and a secret
 *       in lower case.
 *   <li>It splits the label at the first {@code :} or {@code %3A}. A label without one is the account name.
 *   <li>It uses the defaults SHA1, 6 digits and 30 seconds. It ignores unknown parameters, {@code period} for HOTP, and
 *       {@code counter} for TOTP.
 *   <li>It refuses a missing secret, two values for one parameter, HOTP without a counter, and algorithms and numbers
 *       of digits that it does not support.
 * </ul>
 *
 * <p>It differs from the draft in the following points:
 *
 * <ul>
 *   <li>The draft allows no colon in the account name and in the issuer of the label. {@code KeyUri} writes account
 *       names with colons, percent-encoded, and reads both, because user directories and exports contain them. It does
 *       not write an issuer with a colon unless it has read one.
 *   <li>The draft forbids consumers to refuse an issuer in the label that differs from the {@code issuer} parameter.
 *       {@code KeyUri.parse} refuses it, because some apps show the one and some the other. {@code KeyUri} always
 *       writes both, and they are equal.
 *   <li>The draft recommends a domain name as the issuer. {@code KeyUri} takes any name, because apps show it to the
 *       user.
 *   <li>The draft has 6 and 8 digits. {@code KeyUri} has 7 as well, as RFC 4226 does.
 *   <li>The draft has only exact values. {@code KeyUri.parse} reads the other forms that its documentation lists. It
 *       treats a parameter without a value as absent.
 *   <li>The draft says nothing about {@code encoder}, which other systems use for codes that are not digits. {@code
 *       KeyUri.parse} refuses it. It also refuses a fragment.
 * </ul>
 */
@NullMarked
package dev.sallyport.otp;

import org.jspecify.annotations.NullMarked;
