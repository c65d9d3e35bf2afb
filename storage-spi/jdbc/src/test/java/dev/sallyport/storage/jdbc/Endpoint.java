// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.jdbc;

import com.zaxxer.hikari.HikariConfig;
import java.util.Properties;

/**
 * Where a database listens on 127.0.0.1.
 *
 * @param url the URL, with the word PORT for the port
 */
record Endpoint(String url, int port, String user, String password) {

    /** The settings of a pool that reaches the database through this port. */
    HikariConfig poolConfig(int through) {
        return poolConfig(settings(through));
    }

    Properties settings(int through) {
        Properties settings = new Properties();
        settings.setProperty("url", url.replace("PORT", Integer.toString(through)));
        settings.setProperty("user", user);
        settings.setProperty("password", password);
        return settings;
    }

    static HikariConfig poolConfig(Properties settings) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(settings.getProperty("url"));
        config.setUsername(settings.getProperty("user"));
        config.setPassword(settings.getProperty("password"));
        config.setMinimumIdle(1);
        config.setMaximumPoolSize(8);
        return config;
    }
}
