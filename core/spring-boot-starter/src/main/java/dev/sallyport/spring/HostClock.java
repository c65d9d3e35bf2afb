// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.time.Clock;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

/**
 * Finds the application's clock: the bean that is called {@code sallyportClock}, or else the only bean whose declared
 * type is an {@link InstantSource} and not a {@link Clock}. A {@code Clock} of the application is not used by itself,
 * because it may stand still or be shifted, and one-time codes need the real time.
 */
final class HostClock {
    private static final String NAME = "sallyportClock";

    private HostClock() {}

    static InstantSource find(ConfigurableListableBeanFactory beans) {
        if (beans.containsBean(NAME)) {
            return beans.getBean(NAME, InstantSource.class);
        }
        List<String> names = Stream.of(beans.getBeanNamesForType(InstantSource.class))
                .filter(name -> !isClock(beans, name))
                .toList();
        if (names.size() > 1) {
            throw new ConfigurationException(
                    "There are several beans of type InstantSource: " + names + ".",
                    "Call the one that Sallyport shall use " + NAME + ".");
        }
        return names.isEmpty() ? InstantSource.system() : beans.getBean(names.get(0), InstantSource.class);
    }

    /** The declared type counts: an object of {@code InstantSource.fixed} is a {@code Clock}, too. */
    private static boolean isClock(ConfigurableListableBeanFactory beans, String name) {
        Class<?> declared = beans.containsBeanDefinition(name) ? declaredType(beans, name) : null;
        Class<?> type = declared == null ? beans.getType(name) : declared;
        return type != null && Clock.class.isAssignableFrom(type);
    }

    private static @Nullable Class<?> declaredType(ConfigurableListableBeanFactory beans, String name) {
        return beans.getMergedBeanDefinition(name).getResolvableType().resolve();
    }
}
