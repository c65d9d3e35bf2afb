// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;

/** Says that two-factor authentication is off. Nothing else of Sallyport is there then. */
@AutoConfiguration
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnProperty(name = "sallyport.enabled", havingValue = "false")
public class SallyportDisabledAutoConfiguration {
    /** Made by Spring. */
    public SallyportDisabledAutoConfiguration() {
        LoggerFactory.getLogger(SallyportDisabledAutoConfiguration.class)
                .warn("TWO-FACTOR AUTHENTICATION IS OFF (sallyport.enabled=false): every user signs in with the"
                        + " password alone, also users who have enabled it. This is for development only");
    }
}
