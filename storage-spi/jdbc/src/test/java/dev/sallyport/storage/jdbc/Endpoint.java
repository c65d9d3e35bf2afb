// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import com.zaxxer.hikari.HikariConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Properties;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/**
 * Where a database server listens.
 *
 * @param drivers the directory with the jar of the driver; null if the driver is on the class path
 */
record Endpoint(
        String url, String user, String password, @Nullable Path drivers) {
    private static final Pattern HOST_AND_PORT = Pattern.compile("//([A-Za-z0-9_.-]+):([0-9]+)");

    /** On the class path. */
    Endpoint(String url, String user, String password) {
        this(url, user, password, null);
    }

    static Endpoint of(Properties settings) {
        String drivers = settings.getProperty("drivers");
        return new Endpoint(
                settings.getProperty("url"),
                settings.getProperty("user"),
                settings.getProperty("password"),
                drivers == null ? null : Path.of(drivers));
    }

    Properties settings() {
        Properties settings = new Properties();
        settings.setProperty("url", url);
        settings.setProperty("user", user);
        settings.setProperty("password", password);
        if (drivers != null) {
            settings.setProperty("drivers", drivers.toString());
        }
        return settings;
    }

    /** The server's host, if the URL names one host and its port. */
    Optional<String> host() {
        return find().map(found -> found.group(1));
    }

    int port() {
        return Integer.parseInt(find().orElseThrow().group(2));
    }

    private Optional<Matcher> find() {
        Matcher matcher = HOST_AND_PORT.matcher(url);
        return matcher.find() ? Optional.of(matcher) : Optional.empty();
    }

    /** The same database, through a proxy on this machine. */
    Endpoint through(int proxy) {
        String direct = find().orElseThrow().group();
        return new Endpoint(url.replace(direct, "//127.0.0.1:" + proxy), user, password, drivers);
    }

    /** A new connection each time. */
    DataSource dataSource() {
        return new SimpleDriverDataSource(driver(), url, user, password);
    }

    private Driver driver() {
        try {
            return drivers == null ? DriverManager.getDriver(url) : driverIn(drivers);
        } catch (SQLException e) {
            throw new IllegalStateException("no driver for the URL " + url, e);
        }
    }

    private Driver driverIn(Path directory) throws SQLException {
        try (Stream<Path> files = Files.list(directory)) {
            URL[] jars = files.map(Endpoint::toUrl).toArray(URL[]::new);
            // The class path has drivers too, in other versions. This loader does not see them.
            ClassLoader loader = new URLClassLoader(jars, ClassLoader.getPlatformClassLoader());
            for (Driver driver : ServiceLoader.load(Driver.class, loader)) {
                if (driver.acceptsURL(url)) {
                    return driver;
                }
            }
            throw new IllegalStateException("no driver in " + directory + " takes the URL " + url);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static URL toUrl(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new AssertionError("a path has a URL", e);
        }
    }

    HikariConfig poolConfig() {
        HikariConfig config = new HikariConfig();
        config.setDataSource(dataSource());
        config.setMinimumIdle(1);
        config.setMaximumPoolSize(8);
        return config;
    }
}
