// SPDX-License-Identifier: Apache-2.0

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.stream.IntStream;

/**
 * Measures what a page of {@code form} costs with the starter, beside the same application without it.
 *
 * <p><b>How it is measured.</b> A machine that others use changes its speed within minutes, so times of two runs say
 * little about each other. All contestants take turns in slices of 250 milliseconds, in a new order each round. What
 * counts is the ratio within a round, and its median over all rounds. One thread with one connection asks for a page of
 * a few bytes, one request after the other, so nothing hides what the filters cost. Two processes of one program differ
 * by some percent, because each compiles it in its own way. So there are several sets of processes, and one contestant
 * is the application without the starter once more, in a process of its own. How far that one is from 1.00 is what the
 * other ratios are worth.
 *
 * <p>Arguments: the name of the host, the class path without the starter, the class path with it, then the main class
 * with its arguments. Ends with status 1 if a goal was missed.
 */
final class PageCost {
    private static final int SETS = 3;
    private static final int ROUNDS = 40;
    private static final long SLICE_NANOS = 250_000_000;
    private static final long WARM_UP_NANOS = 10_000_000_000L;
    private static final int WARM_UP_TURNS = 10;
    private static final int PAGES_WITHIN_THE_INTERVAL = 1_000;
    private static final Duration CHECK_INTERVAL = Duration.ofSeconds(60);

    private static final String PLAIN = "without the starter";
    private static final String WITHOUT_CODE = "with it, a user without 2FA";
    private static final String WITH_CODE = "with it, a user with 2FA";
    private static final String AGAIN = PLAIN + " (again, another process)";

    private final Map<String, Cost> costs = new LinkedHashMap<>();
    private final List<Map<String, Double>> rounds = new ArrayList<>();
    private final Random order = new Random(42);

    private PageCost() {
        List.of(PLAIN, WITHOUT_CODE, WITH_CODE, AGAIN).forEach(name -> costs.put(name, new Cost()));
    }

    public static void main(String[] arguments) throws Exception {
        String name = arguments[0];
        List<String> rest = List.of(arguments).subList(3, arguments.length);
        String[] without = command(name + ", without the starter", arguments[1], rest);
        String[] with = command(name + ", with the starter", arguments[2], rest);
        PageCost pages = new PageCost();
        for (int set = 0; set < SETS; set++) {
            Host.run(without, plain -> {
                Host.run(without, again -> {
                    Host.run(with, starter -> {
                        pages.measure(plain, again, starter);
                        return "stays within its check interval";
                    });
                    return "the same";
                });
                return "beside it";
            });
        }
        System.exit(pages.print(name) ? 0 : 1);
    }

    private static String[] command(String name, String classPath, List<String> rest) {
        List<String> command = new ArrayList<>(List.of(name, "java", "-cp", classPath));
        command.addAll(rest);
        return command.toArray(String[]::new);
    }

    /** What a contestant has cost in all slices. */
    private static final class Cost {
        private long pages;
        private Duration processorTime = Duration.ZERO;
        private final List<Double> perSecond = new ArrayList<>();
        private long readsWithinTheInterval;
        private long reads;
        private long intervals;

        double processorMicrosPerPage() {
            return processorTime.toNanos() / 1e3 / pages;
        }
    }

    // --- Signed in ---

    private void measure(Host plain, Host again, Host starter) throws Exception {
        long start = System.nanoTime();
        try (Reader first = new Reader(plain, signedIn(plain), "bob");
                Reader without = new Reader(starter, signedIn(starter), "bob");
                Reader with = new Reader(starter, signedInWithCode(starter), "alice");
                Reader last = new Reader(again, signedIn(again), "bob")) {
            Map<String, Reader> readers = new LinkedHashMap<>();
            readers.put(PLAIN, first);
            readers.put(WITHOUT_CODE, without);
            readers.put(WITH_CODE, with);
            readers.put(AGAIN, last);
            long readsWithout = readsWithinTheInterval(WITHOUT_CODE, without, start);
            long readsWith = readsWithinTheInterval(WITH_CODE, with, start);
            takeTurns(readers);
            countReads(WITHOUT_CODE, without.reads() - readsWithout, start);
            countReads(WITH_CODE, with.reads() - readsWith, start);
        }
    }

    private static Browser signedIn(Host host) throws Exception {
        Shop shop = new Shop(host);
        Browser browser = shop.browser();
        shop.signIn(browser, "bob", "builder");
        return browser;
    }

    /** Enables 2FA, and signs in with a code in a second browser. */
    private static Browser signedInWithCode(Host host) throws Exception {
        Shop shop = new Shop(host);
        Browser first = shop.browser();
        shop.signIn(first, "alice", "wonderland");
        Answer begun = Shop.follow(first, shop.submit(first, "/two-factor/enable", "password", "wonderland"));
        Matcher secret = Shop.SECRET.matcher(begun.text());
        host.seen("the page has a secret, and the answer was " + begun, secret.find());
        Phone phone = new Phone(secret.group(1));
        shop.submit(first, "/two-factor/confirm", "/two-factor/enable", "code", phone.nextCode());
        Browser second = shop.browser();
        Answer password = shop.signIn(second, "alice", "wonderland");
        boolean asked = password.location().equals("/two-factor/code");
        host.seen("a code is asked for, and the answer was " + password, asked);
        Answer code = shop.submit(second, "/two-factor/code", "code", phone.nextCode());
        host.seen("the code is right, and the answer was " + code, code.location().startsWith("/orders"));
        return second;
    }

    // --- The reads of the store ---

    /** Asks for pages right after the sign-in, which was a look at the record. {@return the reads before them} */
    private long readsWithinTheInterval(String name, Reader reader, long start) throws Exception {
        long before = reader.reads();
        for (int page = 0; page < PAGES_WITHIN_THE_INTERVAL; page++) {
            reader.read();
        }
        long after = reader.reads();
        Host.check(
                PAGES_WITHIN_THE_INTERVAL + " pages take no longer than the check interval",
                System.nanoTime() - start < CHECK_INTERVAL.toNanos());
        Cost cost = costs.get(name);
        cost.readsWithinTheInterval = Math.max(cost.readsWithinTheInterval, after - before);
        return before;
    }

    private void countReads(String name, long reads, long start) {
        Cost cost = costs.get(name);
        cost.reads += reads;
        cost.intervals += (System.nanoTime() - start) / CHECK_INTERVAL.toNanos() + 1;
    }

    // --- The pages ---

    private void takeTurns(Map<String, Reader> readers) throws Exception {
        for (int turn = 0; turn < WARM_UP_TURNS; turn++) {
            for (Reader reader : readers.values()) {
                // As much for each process: one of them serves two readers.
                long readersOfProcess =
                        readers.values().stream().filter(each -> each.host == reader.host).count();
                reader.readFor(2 * WARM_UP_NANOS / WARM_UP_TURNS / readersOfProcess);
            }
        }
        List<String> turns = new ArrayList<>(readers.keySet());
        for (int round = 0; round < ROUNDS; round++) {
            Collections.shuffle(turns, order);
            Map<String, Double> perSecond = new LinkedHashMap<>();
            for (String turn : turns) {
                Reader reader = readers.get(turn);
                Duration before = reader.host.processorTime();
                long start = System.nanoTime();
                long pages = reader.readFor(SLICE_NANOS);
                double rate = pages * 1e9 / (System.nanoTime() - start);
                perSecond.put(turn, rate);
                Cost cost = costs.get(turn);
                cost.processorTime = cost.processorTime.plus(reader.host.processorTime().minus(before));
                cost.pages += pages;
                cost.perSecond.add(rate);
            }
            rounds.add(perSecond);
        }
    }

    /** Somebody who is signed in, and reads one page over and over through one connection. */
    private static final class Reader implements AutoCloseable {
        private final Host host;
        private final Browser browser;
        private final Socket socket;
        private final InputStream in;
        private final OutputStream out;
        private final byte[] request;
        private final String page;
        private final byte[] answer = new byte[8_192];

        Reader(Host host, Browser browser, String name) throws Exception {
            this.host = host;
            this.browser = browser;
            URI address = URI.create(host.address());
            socket = new Socket(address.getHost(), address.getPort());
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(60_000);
            in = socket.getInputStream();
            out = socket.getOutputStream();
            String text = "GET /orders HTTP/1.1\r\nHost: " + address.getAuthority()
                    + "\r\nUser-Agent: Firefox/143.0 Linux\r\nAccept: text/html\r\nCookie: " + browser.cookieHeader()
                    + "\r\n\r\n";
            request = text.getBytes(ISO_8859_1);
            page = "Orders of " + name + "@acme.example";
            String asBrowser = browser.get("/orders").ok("the page");
            host.seen("the page is that of " + name + ", and not " + asBrowser, asBrowser.equals(page));
        }

        long reads() throws Exception {
            return Long.parseLong(browser.get("/reads").ok("the reads"));
        }

        /** {@return how many pages it has read} */
        long readFor(long nanos) throws IOException {
            long start = System.nanoTime();
            long pages = 0;
            while (System.nanoTime() - start < nanos) {
                read();
                pages++;
            }
            return pages;
        }

        void read() throws IOException {
            out.write(request);
            int length = 0;
            int end = -1;
            String text = "";
            while (end < 0 || length < end) {
                int more = in.read(answer, length, answer.length - length);
                if (more <= 0) {
                    throw new AssertionError("not as it should be: the connection has ended after " + text);
                }
                length += more;
                text = new String(answer, 0, length, ISO_8859_1);
                end = end < 0 ? end(text) : end;
            }
            if (!text.startsWith("HTTP/1.1 200") || !text.endsWith("\r\n\r\n" + page)) {
                throw new AssertionError("not as it should be: the page " + page + " is expected, and not " + text);
            }
        }

        /** {@return how long the answer will be; negative if that cannot be told yet} */
        private static int end(String text) {
            int body = text.indexOf("\r\n\r\n");
            if (body < 0) {
                return -1;
            }
            String field = "\r\nContent-Length: ";
            int at = text.indexOf(field);
            Host.check("the answer has a length", at >= 0 && at < body);
            int number = at + field.length();
            return body + 4 + Integer.parseInt(text.substring(number, text.indexOf("\r\n", number)));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    // --- The table ---

    /** {@return whether all goals were met} */
    private boolean print(String name) {
        System.out.println("\n" + LocalDate.now(ZoneOffset.UTC) + ", " + name + ", " + System.getProperty("java.vendor")
                + " JDK " + Runtime.version() + ", " + Runtime.getRuntime().availableProcessors() + " processors, "
                + rounds.size() + " rounds\n");
        System.out.println("### A page of a signed-in user\n");
        System.out.println("| | pages a second | times the time of a page without the starter | processor time of the"
                + " server per page | times that without the starter | reads of the store by "
                + PAGES_WITHIN_THE_INTERVAL + " pages within the check interval | by all pages |");
        System.out.println("|---|---:|---:|---:|---:|---:|---:|");
        costs.forEach((contestant, cost) -> System.out.println(String.format(
                Locale.ROOT,
                "| %s | %.0f | %.3f | %.1f us | %.3f | %s |",
                contestant,
                median(cost.perSecond),
                ratio(contestant),
                cost.processorMicrosPerPage(),
                cost.processorMicrosPerPage() / costs.get(PLAIN).processorMicrosPerPage(),
                cost.intervals == 0
                        ? "- | -"
                        : cost.readsWithinTheInterval + " | " + cost.reads + " in " + cost.intervals + " intervals")));
        System.out.println();
        String times = ", times the time of a page without the starter:";
        boolean met = atMost(WITHOUT_CODE + times, ratio(WITHOUT_CODE), 1.02);
        met &= atMost(WITH_CODE + times, ratio(WITH_CODE), 1.05);
        for (String contestant : List.of(WITHOUT_CODE, WITH_CODE)) {
            Cost cost = costs.get(contestant);
            met &= atMost(contestant + ", reads within the check interval:", cost.readsWithinTheInterval, 0);
            met &= atMost(contestant + ", reads by all pages:", cost.reads, cost.intervals);
        }
        return met;
    }

    /** The median over the rounds of the ratio within a round. */
    private double ratio(String contestant) {
        return median(rounds.stream()
                .map(round -> round.get(PLAIN) / round.get(contestant))
                .toList());
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        return IntStream.of((sorted.size() - 1) / 2, sorted.size() / 2)
                .mapToDouble(sorted::get)
                .average()
                .orElseThrow();
    }

    private static boolean atMost(String what, double value, double most) {
        boolean met = value <= most;
        String numbers = most == Math.rint(most) ? "%.0f (goal: at most %.0f): " : "%.3f (goal: at most %.2f): ";
        System.out.println(
                "- " + what + " " + String.format(Locale.ROOT, numbers, value, most) + (met ? "met" : "**missed**"));
        return met;
    }
}
