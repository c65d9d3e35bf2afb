// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.EnrollmentRequest;
import dev.sallyport.ExistingAuthenticator;
import dev.sallyport.TrustStamp;
import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorStatus;
import dev.sallyport.UserId;
import dev.sallyport.otp.KeyUri;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.test.web.servlet.request.SecurityMockMvcRequestPostProcessors;
import org.springframework.security.test.web.support.WebTestUtils;
import org.springframework.test.web.servlet.request.RequestPostProcessor;
import org.springframework.web.context.WebApplicationContext;
import org.springframework.web.context.support.WebApplicationContextUtils;

/**
 * For tests of an application with {@code MockMvc}: makes a request one of somebody who has shown a code. It needs
 * {@code spring-security-test}, and works on mock requests only.
 *
 * <pre>{@code
 * import static dev.sallyport.spring.TwoFactorRequestPostProcessors.*;
 *
 * mvc.perform(get("/orders").with(signedInWithTwoFactor("alice"))).andExpect(status().isOk());
 * mvc.perform(get("/orders").with(oidcLogin()).with(secondFactor())).andExpect(status().isOk());
 * }</pre>
 *
 * <p>Nothing is switched off. The user has two-factor authentication in the store of the test, and the session rests on
 * a current stamp. So the gate reads the record as in production, and a test that ends the trust sees the session end.
 */
public final class TwoFactorRequestPostProcessors {
    private static final String STAMPS = TwoFactorRequestPostProcessors.class.getName();

    private TwoFactorRequestPostProcessors() {}

    /**
     * Signs a user of the application in, with a password and a code.
     *
     * @param username the name under which the only bean of type {@link UserDetailsService} finds the user
     * @return what a request is given to, as with {@code user(..)} of Spring Security
     */
    public static RequestPostProcessor signedInWithTwoFactor(String username) {
        return request -> {
            UserDetails user =
                    application(request).getBean(UserDetailsService.class).loadUserByUsername(username);
            return withSecondFactor(
                    SecurityMockMvcRequestPostProcessors.user(user).postProcessRequest(request));
        };
    }

    /**
     * Adds the second factor to a sign-in that the test has made in another way: {@code user(..)}, {@code oidcLogin()},
     * {@code authentication(..)}, {@code @WithUserDetails} or {@code @WithMockUser}. It comes after them.
     *
     * <p>If the user does not have two-factor authentication, it is enabled, with a secret that nobody knows. If the
     * user already has it, the first request of this kind ends the other sessions of the user. A test that types codes
     * uses the phone of {@code sallyport-testing} and the code page.
     *
     * @return what a request is given to. It throws {@link IllegalStateException} if nobody is signed in
     */
    public static RequestPostProcessor secondFactor() {
        return TwoFactorRequestPostProcessors::withSecondFactor;
    }

    private static MockHttpServletRequest withSecondFactor(MockHttpServletRequest request) {
        Authentication authentication = WebTestUtils.getSecurityContextRepository(request)
                .loadDeferredContext(request)
                .get()
                .getAuthentication();
        if (authentication == null || !SecondFactor.isSomebody(authentication)) {
            throw new IllegalStateException("nobody is signed in, so nobody can have a second factor: put user(..) or"
                    + " another sign-in before secondFactor()");
        }
        WebApplicationContext application = application(request);
        SecondFactor secondFactor =
                application.getBeanProvider(SecondFactor.class).getIfAvailable();
        if (secondFactor == null) {
            throw new IllegalStateException("the starter is not loaded here, so nobody needs a second factor: use"
                    + " @SpringBootTest in the place of a slice such as @WebMvcTest");
        }
        UserId user = secondFactor.userId(authentication, request);
        TrustStamp stamp = stamp(
                application.getBean(TwoFactor.class),
                user,
                secondFactor.accountName(authentication, request),
                stamps(request));
        secondFactor.accept(SessionState.create(request), user, stamp, secondFactor.now());
        // Where Spring Session has the sessions, the session of a mock request is not the application's.
        SecondFactor.carry(request, stamp);
        return request;
    }

    /** One stamp for all requests of a user. A new one would end the session of the request before. */
    private static synchronized TrustStamp stamp(
            TwoFactor twoFactor, UserId user, String accountName, Map<UserId, TrustStamp> stamps) {
        TrustStamp before = stamps.get(user);
        boolean enabled = twoFactor.status(user).state() == TwoFactorStatus.State.ENABLED;
        if (enabled && before != null && twoFactor.isCurrent(user, before)) {
            return before;
        }
        if (!enabled) {
            // With the algorithm and the digits that the application's policy wants.
            KeyUri keyUri = twoFactor.beginEnrollment(user, accountName).keyUri();
            EnrollmentRequest request = EnrollmentRequest.of(accountName).existing(ExistingAuthenticator.of(keyUri));
            twoFactor.operator("test").importWithoutConfirmation(user, List.of(request));
        }
        TrustStamp stamp = twoFactor.endTrust(user);
        stamps.put(user, stamp);
        return stamp;
    }

    @SuppressWarnings("unchecked")
    private static Map<UserId, TrustStamp> stamps(MockHttpServletRequest request) {
        // It lives as long as the application of the test does.
        if (request.getServletContext().getAttribute(STAMPS) instanceof Map<?, ?> stamps) {
            return (Map<UserId, TrustStamp>) stamps;
        }
        Map<UserId, TrustStamp> stamps = new ConcurrentHashMap<>();
        request.getServletContext().setAttribute(STAMPS, stamps);
        return stamps;
    }

    private static WebApplicationContext application(MockHttpServletRequest request) {
        return WebApplicationContextUtils.getRequiredWebApplicationContext(request.getServletContext());
    }
}
