// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.TwoFactor;
import dev.sallyport.TwoFactorPolicy;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.MessageSource;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolderStrategy;

/** Puts the gate before each sign-in of an application that has a {@link TwoFactor}. */
@AutoConfiguration(afterName = "dev.sallyport.spring.SallyportAutoConfiguration")
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass(HttpSecurity.class)
@ConditionalOnProperty(name = "sallyport.enabled", matchIfMissing = true)
@ConditionalOnBean(TwoFactor.class)
@EnableConfigurationProperties(SallyportProperties.class)
public class SecondFactorAutoConfiguration {
    /** Made by Spring. */
    public SecondFactorAutoConfiguration() {}

    @Bean
    SecondFactor sallyportSecondFactor(
            TwoFactor twoFactor,
            UserIdResolver userIds,
            SallyportProperties properties,
            ConfigurableListableBeanFactory beans) {
        return new SecondFactor(twoFactor, userIds, properties, HostClock.find(beans));
    }

    @Bean
    Paths sallyportPaths(SallyportProperties properties) {
        return new Paths(properties);
    }

    @Bean
    SignInChains sallyportSignInChains(BeanFactory beans) {
        return new SignInChains(beans);
    }

    @Bean
    AnswerWriter sallyportAnswers(
            SallyportProperties properties,
            ObjectProvider<TwoFactorPolicy> policy,
            MessageSource messages,
            ConfigurableListableBeanFactory beans) {
        return new AnswerWriter(
                properties,
                policy.getIfAvailable(TwoFactorPolicy::defaults),
                HostClock.find(beans),
                messages,
                new RequestLocale(beans));
    }

    @Bean
    TwoFactorSessions sallyportSessions(
            TwoFactor twoFactor, SecondFactor secondFactor, ObjectProvider<SecurityContextHolderStrategy> holder) {
        return new TwoFactorSessions(
                twoFactor, secondFactor, holder.getIfAvailable(SecurityContextHolder::getContextHolderStrategy));
    }
}
