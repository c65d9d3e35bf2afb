// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.util.Base64;
import java.util.stream.Stream;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.util.ClassUtils;

/** Applications for tests, on each release of Spring Boot. */
final class Hosts {
    static final String KEY = key(1);

    private Hosts() {}

    /** A key that no other text of a test contains. */
    static String key(int number) {
        byte[] bytes = new byte[32];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (number * 37 + i * 7);
        }
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** The first of these classes that this release of Spring Boot has. */
    static Class<?> present(String... names) {
        ClassLoader loader = Hosts.class.getClassLoader();
        return Stream.of(names)
                .filter(name -> ClassUtils.isPresent(name, loader))
                .findFirst()
                .map(name -> ClassUtils.resolveClassName(name, loader))
                .orElseThrow();
    }

    /** An application with the three properties and no database. */
    static WebApplicationContextRunner withoutDatabase() {
        return new WebApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        SallyportAutoConfiguration.class, SallyportDisabledAutoConfiguration.class))
                .withPropertyValues(
                        "sallyport.issuer=Acme", "sallyport.encryption-keys=2026-11:" + KEY, "sallyport.user-id=name");
    }

    /** An application with the three properties and a database in memory, which no other test sees. */
    static WebApplicationContextRunner withDatabase() {
        return withoutDatabase()
                .withConfiguration(AutoConfigurations.of(present(
                        "org.springframework.boot.autoconfigure.jdbc.DataSourceAutoConfiguration",
                        "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")))
                .withPropertyValues("spring.datasource.generate-unique-name=true");
    }
}
