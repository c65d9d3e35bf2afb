// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/** Finds the {@code DataSource} bean that the records go to. */
final class HostDataSource {
    /** By its name, because the application may have no spring-jdbc. */
    static final String TRANSACTION_AWARE = "org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy";

    private static final String PROPERTY = "sallyport.jdbc.data-source";

    private HostDataSource() {}

    static DataSource find(ListableBeanFactory beans, @Nullable String name) {
        List<String> names = List.of(BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beans, DataSource.class));
        if (name != null) {
            if (!names.contains(name)) {
                throw new ConfigurationException(
                        "The property " + PROPERTY + " is \"" + name + "\", but no DataSource bean has this name.",
                        "The DataSource beans are " + names + ". Set the property to one of them.");
            }
            return behindProxy(beans.getBean(name, DataSource.class));
        }
        if (names.isEmpty()) {
            throw new ConfigurationException(
                    "Sallyport keeps its records in the application's database, but there is no DataSource bean.",
                    "Add spring-boot-starter-jdbc and the driver of the database, and set spring.datasource.url. Or give"
                            + " a bean of type TwoFactorStore; in tests, this can be an InMemoryTwoFactorStore.");
        }
        DataSource unique = beans.getBeanProvider(DataSource.class).getIfUnique();
        if (unique == null) {
            throw new ConfigurationException(
                    "There are several DataSource beans, " + names + ", and none of them is primary.",
                    "Set " + PROPERTY + " to the name of the one that has the table, or mark one with @Primary.");
        }
        return behindProxy(unique);
    }

    /** The store must not take part in transactions of the caller, because a failed attempt has to stay counted. */
    private static DataSource behindProxy(DataSource found) {
        for (Class<?> type = found.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals(TRANSACTION_AWARE)) {
                Object target = ReflectionUtils.invokeMethod(ClassUtils.getMethod(type, "getTargetDataSource"), found);
                return target instanceof DataSource behind ? behindProxy(behind) : found;
            }
        }
        return found;
    }
}
