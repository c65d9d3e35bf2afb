// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** Intercepts each call of the store to data source, connection and statement of a real driver. */
@FunctionalInterface
interface DriverInterceptor {

    /** Makes the real call, or does something else. */
    @Nullable
    Object on(String method, Call real) throws Throwable;

    /** The real call. */
    @FunctionalInterface
    interface Call {
        @Nullable
        Object proceed() throws Throwable;
    }

    static DataSource of(DataSource real, DriverInterceptor between) {
        return wrap(DataSource.class, real, between);
    }

    private static <T> T wrap(Class<T> type, Object real, DriverInterceptor between) {
        return type.cast(Proxy.newProxyInstance(
                DriverInterceptor.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) ->
                        wrapped(between.on(method.getName(), () -> invoke(method, real, arguments)), between)));
    }

    private static @Nullable Object invoke(Method method, Object real, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static @Nullable Object wrapped(@Nullable Object result, DriverInterceptor between) {
        for (Class<?> type : List.of(Connection.class, PreparedStatement.class, Statement.class)) {
            if (type.isInstance(result)) {
                return wrap(type, result, between);
            }
        }
        return result;
    }
}
