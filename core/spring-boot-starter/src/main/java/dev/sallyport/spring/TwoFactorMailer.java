// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.UserId;
import java.util.Locale;
import org.springframework.context.i18n.LocaleContextHolder;

/**
 * Tells users about changes of their account, by mail for instance. An application that has a bean of this type gets a
 * ready text for each event that a user should know about.
 *
 * <p>Sallyport calls it on the thread of the request, after the change is committed. It must not block: put the mail
 * into a queue, or annotate the method with {@code @Async}. An exception is logged and does not change the result of
 * the request. Implementations are called by many threads.
 */
@FunctionalInterface
public interface TwoFactorMailer {
    /**
     * Sends one mail.
     *
     * @param mail to whom, and what it says
     */
    void send(TwoFactorMail mail);

    /**
     * Finds the language of a user.
     *
     * @param user the user who gets a mail
     * @return by default the language of the request. This is the operator's if an operator caused the event
     */
    default Locale localeOf(UserId user) {
        return LocaleContextHolder.getLocale();
    }
}
