// SPDX-License-Identifier: Apache-2.0
/**
 * Two-factor authentication for a Spring Boot application (3.5, 4.0, 4.1) that signs its users in with Spring Security.
 *
 * <h2>Pages</h2>
 *
 * <p>Under {@code /two-factor} there are pages for everything that a user does. {@code sallyport.style-sheet} names a
 * style sheet of the application that comes after ours; the head of our {@code style.css} documents custom properties
 * and classes. A sentence is replaced by a message of the application with the same key, in any bundle of {@code
 * spring.messages.basename}: see {@code dev/sallyport/spring/messages.properties}. The language is that of the
 * application's {@code LocaleResolver}.
 *
 * <p>{@code sallyport.code-page}, {@code settings-page}, {@code enable-page} and {@code backup-codes-page} replace a
 * page by one of the application. The address in the browser stays {@code /two-factor/...}: the request is forwarded as
 * a GET to the application's page, so a half signed-in user must be permitted to open the code page. The request
 * attribute {@code sallyport}, which most template engines show as a variable, is a map:
 *
 * <ul>
 *   <li>{@code base}: where the forms post to, such as {@code ${sallyport.base}/code} with the fields {@code code} and
 *       {@code remember}; the CSRF token belongs into each form
 *   <li>{@code issuer}, {@code rememberDays}, and {@code notice} if the user has just changed something
 *   <li>{@code problem}: what went wrong, with {@code detail} as the sentence; missing if nothing did
 *   <li>the properties that the JSON of the same answer has, such as {@code qrCode} (a data URI), {@code
 *       secretForTyping} and {@code backupCodes}
 * </ul>
 *
 * <p>The map contains secrets. It lives in the request alone, and the response is not to be stored.
 *
 * <h2>JSON</h2>
 *
 * <p>The same calls for single-page and mobile clients are under {@code /two-factor/api}. {@code
 * META-INF/sallyport/openapi.yaml} in this jar describes them. What went wrong is a problem detail (RFC 9457), whose
 * {@code type} and {@code messageKey} never change.
 */
@NullMarked
package dev.sallyport.spring;

import org.jspecify.annotations.NullMarked;
