// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactorEvent;
import dev.sallyport.UserId;
import java.util.Locale;

/**
 * A mail for a {@link TwoFactorMailer} to send. It contains user data, but no secret, code or link.
 *
 * @param user who gets it
 * @param locale the language of the texts
 * @param subject the subject, in plain text
 * @param text the text, in plain text with line breaks
 * @param event what happened
 */
public record TwoFactorMail(UserId user, Locale locale, String subject, String text, TwoFactorEvent event) {}
