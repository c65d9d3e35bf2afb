// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.security.web.csrf.CsrfToken;

/**
 * What a page takes from its request.
 *
 * @param issuer the application, as its users know it
 * @param texts the sentences in the language of the user
 * @param contextPath the path of the application on its server; "" for the root
 * @param base the path of Sallyport's pages in the application
 * @param userName the name of the signed-in user; "" for nobody
 * @param csrf what every POST brings along; null if the application needs no such token
 * @param backupCode whether the user wants to type a backup code
 * @param notice the good news of the request before; null for none
 * @param self the address of this very page; null after a POST
 * @param now the present instant
 */
record PageContext(
        String issuer,
        Texts.Language texts,
        String contextPath,
        String base,
        String userName,
        @Nullable CsrfToken csrf,
        boolean backupCode,
        Answer.@Nullable Notice notice,
        @Nullable String self,
        Instant now) {

    /** {@return the address of a page of Sallyport} */
    String link(String path) {
        return contextPath + base + path;
    }

    /** {@return the address of a page of the application; a whole URL stays as it is} */
    String inApplication(String path) {
        return JsonAnswers.inApplication(contextPath, path);
    }

    /** Shows no token. */
    @Override
    public String toString() {
        return "PageContext[base=" + base + "]";
    }
}
