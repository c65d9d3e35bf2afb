// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Keeps what stores log through {@link System.Logger}: the platform asks this class for its loggers in all tests. */
public final class RecordedWarnings extends System.LoggerFinder {
    static final List<String> OF_STORES = new CopyOnWriteArrayList<>();

    /** For the platform. */
    public RecordedWarnings() {}

    @Override
    public Logger getLogger(String name, Module module) {
        return new Recorder(name);
    }

    private record Recorder(String name) implements Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(Level level) {
            return name.startsWith("dev.sallyport.storage");
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String message, @Nullable Throwable thrown) {
            log(level, bundle, message);
        }

        @Override
        public void log(
                Level level, @Nullable ResourceBundle bundle, @Nullable String format, Object @Nullable ... arguments) {
            if (isLoggable(level)) {
                OF_STORES.add(level + " " + format);
            }
        }
    }
}
