// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;

/** Refuses to start a reactive application, because nothing of this starter would stand before its sign-ins. */
@AutoConfiguration
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
@ConditionalOnProperty(name = "sallyport.enabled", matchIfMissing = true)
public class SallyportReactiveAutoConfiguration {
    /** Made by Spring. It always fails. */
    public SallyportReactiveAutoConfiguration() {
        throw new ConfigurationException(
                "This is a reactive application, and the Sallyport starter works in servlet applications only. A"
                        + " password alone would be enough here.",
                "Use a servlet application (spring.main.web-application-type=servlet), or remove the starter and call"
                        + " TwoFactor in your own sign-in. To start without two-factor authentication, set"
                        + " sallyport.enabled=false.");
    }
}
