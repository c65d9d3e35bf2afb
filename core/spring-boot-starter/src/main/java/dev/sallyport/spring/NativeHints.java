// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.ExecutableMode;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.aot.hint.TypeReference;

/**
 * What a native image has to contain. A principal of the application that {@code sallyport.user-id} leads through is
 * not known here: the application registers it, or gives a {@link UserIdResolver}.
 */
final class NativeHints implements RuntimeHintsRegistrar {
    private static final List<String> BUNDLES = List.of(Mails.BUNDLE, "dev.sallyport.spring.messages");

    /** Where a path such as {@code principal.claims.sub} may lead through. */
    private static final List<String> PRINCIPALS = List.of(
            "org.springframework.security.authentication.AbstractAuthenticationToken",
            "org.springframework.security.authentication.UsernamePasswordAuthenticationToken",
            "org.springframework.security.authentication.RememberMeAuthenticationToken",
            "org.springframework.security.core.userdetails.User",
            "org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken",
            "org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser",
            "org.springframework.security.oauth2.core.user.DefaultOAuth2User",
            "org.springframework.security.oauth2.jwt.Jwt",
            "org.springframework.security.oauth2.server.resource.authentication.JwtAuthenticationToken",
            "org.springframework.security.saml2.provider.service.authentication.DefaultSaml2AuthenticatedPrincipal",
            "org.springframework.security.saml2.provider.service.authentication.Saml2Authentication");

    /** Made by Spring. */
    NativeHints() {}

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        hints.resources()
                .registerPattern("dev/sallyport/spring/*")
                .registerPattern("dev/sallyport/storage/jdbc/schema/*.sql");
        BUNDLES.forEach(hints.resources()::registerResourceBundle);
        SignInChains.handlerFields().forEach(hints.reflection()::registerField);
        hints.reflection().registerMethod(SecondFactorConfigurer.loginPageGetter(), ExecutableMode.INVOKE);
        for (String principal : PRINCIPALS) {
            hints.reflection().registerTypeIfPresent(classLoader, principal, MemberCategory.INVOKE_PUBLIC_METHODS);
        }
        hints.reflection()
                .registerTypeIfPresent(
                        classLoader, HostDataSource.TRANSACTION_AWARE, MemberCategory.INVOKE_PUBLIC_METHODS);
        hints.reflection().registerType(TypeReference.of(UserIdResolver.class));
    }
}
