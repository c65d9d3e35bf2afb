// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/**
 * A path of names from a sign-in to a text, such as {@code principal.user.id}. A name is a getter, a component of a
 * record, or a key of a map. Nothing is evaluated, and the messages contain names but no values. Safe for use by many
 * threads.
 */
final class PropertyPath {
    /** Two sign-ins of one user would have different hash codes, for example. */
    private static final Set<String> OF_EVERY_OBJECT = Set.of("getClass", "hashCode", "toString", "clone");

    private final String property;
    private final List<String> names;
    /** Each request reads the id of its user, and a class is searched by reflection only once. */
    private final Map<Getter, Method> getters = new ConcurrentHashMap<>();

    private PropertyPath(String property, List<String> names) {
        this.property = property;
        this.names = names;
    }

    private record Getter(Class<?> type, String name) {}

    static PropertyPath of(String property, String path) {
        List<String> names = List.of(path.strip().split("\\.", -1));
        if (names.stream().anyMatch(name -> name.isBlank() || !name.equals(name.strip()))) {
            throw new ConfigurationException(
                    "The property " + property + " is \"" + path + "\", which is no path.",
                    "A path is names with dots between them, such as name, principal.id or principal.attributes.sub.");
        }
        return new PropertyPath(property, names);
    }

    /** {@return the last name of the path} */
    String last() {
        return names.get(names.size() - 1);
    }

    /** {@return the text at the end of the path} */
    String read(Authentication authentication) {
        Object value = authentication;
        for (int i = 0; i < names.size(); i++) {
            if (value instanceof Map<?, ?> map) {
                // The name of a claim may contain dots.
                String rest = String.join(".", names.subList(i, names.size()));
                if (map.containsKey(rest)) {
                    return text(map.get(rest));
                }
            }
            value = next(value, i);
        }
        return text(value);
    }

    private Object next(Object owner, int i) {
        String name = names.get(i);
        Object value = owner instanceof Map<?, ?> map ? entry(map, name) : get(owner, name);
        if (value == null) {
            throw new IllegalStateException(prefix() + String.join(".", names.subList(0, i + 1)) + " is null");
        }
        return value;
    }

    private @Nullable Object entry(Map<?, ?> map, String name) {
        if (!map.containsKey(name)) {
            throw missing(
                    "a map",
                    name,
                    map.keySet().stream().filter(String.class::isInstance).map(String.class::cast));
        }
        return map.get(name);
    }

    private @Nullable Object get(Object owner, String name) {
        Method getter = getter(owner.getClass(), name);
        if (getter == null) {
            throw missing("the " + owner.getClass().getName(), name, readable(owner.getClass()));
        }
        try {
            if (!Modifier.isPublic(getter.getDeclaringClass().getModifiers())) {
                getter.setAccessible(true);
            }
            return getter.invoke(owner);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(
                    prefix() + getter.getDeclaringClass().getName() + "." + getter.getName() + "() has failed",
                    e.getCause());
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new IllegalStateException(
                    prefix() + getter.getDeclaringClass().getName() + "." + getter.getName() + "() cannot be called",
                    e);
        }
    }

    private @Nullable Method getter(Class<?> type, String name) {
        Getter key = new Getter(type, name);
        Method known = getters.get(key);
        if (known != null) {
            return known;
        }
        Method found = find(type, name);
        if (found != null) {
            getters.put(key, found);
        }
        return found;
    }

    private static @Nullable Method find(Class<?> type, String name) {
        Method getter = ClassUtils.getMethodIfAvailable(type, "get" + StringUtils.capitalize(name));
        if (getter == null || !isReadable(getter)) {
            getter = ClassUtils.getMethodIfAvailable(type, name);
        }
        return getter != null && isReadable(getter) ? getter : null;
    }

    private static boolean isReadable(Method method) {
        return method.getParameterCount() == 0
                && method.getReturnType() != void.class
                && !Modifier.isStatic(method.getModifiers())
                && !OF_EVERY_OBJECT.contains(method.getName());
    }

    private static Stream<String> readable(Class<?> type) {
        List<String> names = new ArrayList<>();
        for (Method method : type.getMethods()) {
            String name = method.getName();
            if (isReadable(method) && name.length() > 3 && name.startsWith("get")) {
                names.add(StringUtils.uncapitalize(name.substring(3)));
            }
        }
        if (type.isRecord()) {
            Stream.of(type.getRecordComponents()).map(RecordComponent::getName).forEach(names::add);
        }
        return names.stream();
    }

    private IllegalStateException missing(String owner, String name, Stream<String> there) {
        String names = there.collect(Collectors.toCollection(TreeSet::new)).toString();
        return new IllegalStateException(prefix() + owner + " has no \"" + name + "\", but it has " + names
                + ". Correct the property " + property + ", or give a bean of type UserIdResolver");
    }

    private String text(@Nullable Object value) {
        if (value instanceof CharSequence
                || value instanceof Long
                || value instanceof Integer
                || value instanceof Short
                || value instanceof BigInteger
                || value instanceof UUID) {
            return value.toString();
        }
        throw new IllegalStateException(prefix() + "the value there is "
                + (value == null ? "null" : "a " + value.getClass().getName()) + ", but it must be a text, a whole"
                + " number or a UUID");
    }

    private String prefix() {
        return "the property " + property + " is " + String.join(".", names) + ", and ";
    }
}
