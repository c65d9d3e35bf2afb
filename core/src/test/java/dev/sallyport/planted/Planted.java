// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.planted;

import dev.sallyport.TwoFactorEvent;
import dev.sallyport.TwoFactorListener;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Proxy;
import java.net.Socket;
import java.nio.channels.Selector;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.text.NumberFormat;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.Collections;
import java.util.Date;
import java.util.Formatter;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.ResourceBundle;
import java.util.Scanner;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import java.util.TimeZone;
import java.util.Timer;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.logging.Logger;
import java.util.stream.Stream;

/** What the core must not do, done on purpose: each class breaks one rule, with every method and field. Never run. */
public final class Planted {
    private Planted() {}

    @SuppressWarnings("AddressSelection")
    public static final class OtherPackages {
        Object socket() throws Exception {
            return new Socket("127.0.0.1", 1);
        }

        Object selector() throws Exception {
            return Selector.open();
        }

        Object file() throws Exception {
            return Files.readString(Path.of("secret"));
        }

        Object stream(InputStream in) throws Exception {
            return in.read();
        }

        Object proxy() {
            return Proxy.newProxyInstance(null, new Class<?>[0], (self, method, arguments) -> null);
        }

        Object methodHandle() {
            return MethodHandles.lookup();
        }

        Object log() {
            return Logger.getLogger("planted");
        }

        Object formatted(double number) {
            return NumberFormat.getInstance().format(number);
        }

        Object formatted(Instant instant) {
            return DateTimeFormatter.ISO_INSTANT.format(instant);
        }

        Object counted() {
            return new AtomicInteger();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    public static final class Threads {
        void thread() {
            new Thread(() -> {}).start();
        }

        Object timer() {
            return new Timer();
        }

        Object pool() {
            return Executors.newCachedThreadPool();
        }

        void task(Executor executor) {
            executor.execute(() -> {});
        }

        Object future() {
            return CompletableFuture.supplyAsync(() -> 1);
        }

        Object stream(List<String> items) {
            return items.parallelStream();
        }

        Object stream(Stream<String> items) {
            return items.parallel();
        }
    }

    public static final class Reflection {
        Object forName() throws Exception {
            return Class.forName("dev.sallyport.TwoFactor");
        }

        Object member() throws Exception {
            return String.class.getMethod("length");
        }

        Object fields(Object any) {
            return any.getClass().getDeclaredFields();
        }

        Object resource() {
            return Planted.class.getResource("words.txt");
        }

        Object resourceAsStream() {
            return Planted.class.getResourceAsStream("words.txt");
        }

        Object loader(ClassLoader loader) throws Exception {
            return loader.loadClass("dev.sallyport.TwoFactor");
        }

        Object service() {
            return ServiceLoader.load(Supplier.class);
        }

        Object bundle() {
            return ResourceBundle.getBundle("words");
        }

        native int jni();
    }

    @SuppressWarnings({"AnnotateFormatMethod", "DefaultLocale", "StringCaseLocaleUsage"})
    public static final class DefaultLocale {
        Object format(int number) {
            return String.format("%d", number);
        }

        Object formatOfALocale(int number) {
            return String.format(Locale.ROOT, "%d", number);
        }

        Object formatted(int number) {
            return "%d".formatted(number);
        }

        Object lower(String text) {
            return text.toLowerCase();
        }

        Object upper(Stream<String> texts) {
            return texts.map(String::toUpperCase);
        }

        Object locale() {
            return Locale.getDefault();
        }

        Object formatter() {
            return new Formatter();
        }

        Object scanner(String text) {
            return new Scanner(text);
        }
    }

    @SuppressWarnings("DefaultCharset")
    public static final class DefaultCharset {
        Object bytes(String text) {
            return text.getBytes();
        }

        Object bytes(Stream<String> texts) {
            return texts.map(String::getBytes);
        }

        Object text(byte[] bytes) {
            return new String(bytes);
        }

        Object textOfAPart(byte[] bytes) {
            return new String(bytes, 1, 2);
        }

        Object charset() {
            return Charset.defaultCharset();
        }
    }

    @SuppressWarnings({"JavaTimeDefaultTimeZone", "JavaUtilDate"})
    public static final class DefaultTimeZone {
        Object zone() {
            return ZoneId.systemDefault();
        }

        Object clock() {
            return Clock.systemDefaultZone();
        }

        Object timeZone() {
            return TimeZone.getDefault();
        }

        Object calendar() {
            return Calendar.getInstance();
        }

        Object date() {
            return new Date();
        }
    }

    @SuppressWarnings("JavaTimeDefaultTimeZone")
    public static final class SystemClock {
        Object millis() {
            return System.currentTimeMillis();
        }

        Object nanos() {
            return System.nanoTime();
        }

        Object instant() {
            return Instant.now();
        }

        Supplier<Instant> instants() {
            return Instant::now;
        }

        Object day() {
            return LocalDate.now();
        }

        Object moment() {
            return ZonedDateTime.now(ZoneOffset.UTC);
        }

        Object clock() {
            return Clock.systemUTC();
        }

        Object clockOfAZone() {
            return Clock.system(ZoneOffset.UTC);
        }

        Object ticks() {
            return Clock.tickSeconds(ZoneOffset.UTC);
        }

        Object source() {
            return InstantSource.system();
        }
    }

    public static final class WeakRandomness {
        Object random() {
            return new Random();
        }

        Object ofTheThread() {
            return ThreadLocalRandom.current().nextInt();
        }

        Object splittable() {
            return new SplittableRandom();
        }

        Object number() {
            return Math.random();
        }

        Object uuid() {
            return UUID.randomUUID();
        }

        void shuffled(List<String> items) {
            Collections.shuffle(items);
        }

        Object seeded() {
            return new SecureRandom(new byte[] {1});
        }

        void seededLater(SecureRandom random) {
            random.setSeed(1);
        }
    }

    /** As its parent is; who names {@link java.io.Serializable} reaches for another package. */
    @SuppressWarnings("serial")
    public static final class Serialized extends ArrayList<String> {}

    @SuppressWarnings({"MutablePublicArray", "NonFinalStaticField"})
    public static final class MutableStatics {
        static int count;
        static final int[] NUMBERS = {1};
        static final List<String> LIST = new ArrayList<>();
        static final Map<String, String> CACHE = new HashMap<>();
        static final StringBuilder TEXT = new StringBuilder();
        static final Changing OURS = new Changing();
    }

    static final class Changing {
        int count;
    }

    public static final class Publisher {
        void call(TwoFactorListener listener, TwoFactorEvent event) {
            listener.on(event);
        }

        void reference(TwoFactorListener listener, List<TwoFactorEvent> events) {
            events.forEach(listener::on);
        }
    }

    @SuppressWarnings("SystemExitOutsideMain")
    public static final class TheProcess {
        Object out() {
            return System.out;
        }

        void trace(Exception e) {
            e.printStackTrace();
        }

        Object property() {
            return System.getProperty("user.home");
        }

        Object variable() {
            return System.getenv("HOME");
        }

        void exit() {
            System.exit(1);
        }

        void library() {
            System.loadLibrary("planted");
        }

        void hook(Thread thread) {
            Runtime.getRuntime().addShutdownHook(thread);
        }

        Object process() {
            return new ProcessBuilder("true");
        }
    }
}
