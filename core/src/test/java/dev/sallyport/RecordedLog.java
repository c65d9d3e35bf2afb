// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Whatever is logged while a test listens, at any level: through SLF4J, whose provider this is in all tests, and through
 * {@link System.Logger}, whose finder is {@link OfThePlatform}.
 */
@SuppressWarnings("exports") // of tests alone
public final class RecordedLog implements SLF4JServiceProvider {
    private static final List<Line> LINES = new CopyOnWriteArrayList<>();
    private static volatile boolean listening;

    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    /** For SLF4J. */
    public RecordedLog() {}

    /** One thing that was logged: its text with all arguments, and the exception with all its causes. */
    record Line(Level level, String text) {}

    /** Runs an action, and tells what was logged meanwhile. Serves one test at a time. */
    static List<Line> of(Runnable action) {
        LINES.clear();
        listening = true;
        try {
            action.run();
            return List.copyOf(LINES);
        } finally {
            listening = false;
        }
    }

    private static void record(Level level, @Nullable String message, @Nullable Throwable thrown) {
        if (listening) {
            StringWriter text = new StringWriter().append(message);
            if (thrown != null) {
                thrown.printStackTrace(new PrintWriter(text.append('\n'), true));
            }
            LINES.add(new Line(level, text.toString()));
        }
    }

    /** What the platform asks for its loggers. */
    public static final class OfThePlatform extends System.LoggerFinder {
        /** For the platform. */
        public OfThePlatform() {}

        @Override
        public System.Logger getLogger(String name, Module module) {
            return new PlatformRecorder(name);
        }
    }

    private record PlatformRecorder(String name) implements System.Logger {
        @Override
        public String getName() {
            return name;
        }

        @Override
        public boolean isLoggable(System.Logger.Level level) {
            return true;
        }

        @Override
        public void log(
                System.Logger.Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String message,
                @Nullable Throwable thrown) {
            record(slf4j(level), message, thrown);
        }

        @Override
        public void log(
                System.Logger.Level level,
                @Nullable ResourceBundle bundle,
                @Nullable String format,
                Object @Nullable ... arguments) {
            record(slf4j(level), format + " " + Arrays.toString(arguments), null);
        }
    }

    private static Level slf4j(System.Logger.Level level) {
        return switch (level) {
            case ALL, TRACE -> Level.TRACE;
            case DEBUG -> Level.DEBUG;
            case INFO -> Level.INFO;
            case WARNING -> Level.WARN;
            case ERROR, OFF -> Level.ERROR;
        };
    }

    private static final class Recorder extends LegacyAbstractLogger {
        private static final long serialVersionUID = 1L;

        Recorder(String name) {
            this.name = name;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                @Nullable String pattern,
                Object @Nullable [] arguments,
                @Nullable Throwable thrown) {
            record(level, MessageFormatter.basicArrayFormat(pattern, arguments), thrown);
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        public boolean isTraceEnabled() {
            return true;
        }

        @Override
        public boolean isDebugEnabled() {
            return true;
        }

        @Override
        public boolean isInfoEnabled() {
            return true;
        }

        @Override
        public boolean isWarnEnabled() {
            return true;
        }

        @Override
        public boolean isErrorEnabled() {
            return true;
        }
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return Recorder::new;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0";
    }

    @Override
    public void initialize() {}
}
