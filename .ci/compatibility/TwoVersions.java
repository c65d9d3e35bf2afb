// SPDX-License-Identifier: Apache-2.0

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

/**
 * Runs two versions of the library over one table, as during a deployment or after a roll-back. For each user the steps
 * are given to the two by chance, so that each version goes on with what the other has written.
 */
public final class TwoVersions {
    private static final int USERS = 60;
    private static final String KEY = Base64.getEncoder().encodeToString(new byte[32]);
    private static final String OTHER_KEY = Base64.getEncoder().encodeToString(new byte[] {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32
    });

    private final Random random = new Random(42);
    private final List<Node> nodes;
    private Instant now = Instant.parse("2026-11-01T12:00:10Z");

    private TwoVersions(List<Node> nodes) {
        this.nodes = nodes;
    }

    /** Takes the class paths of the older and of the newer version, and "--planted-key" to give one another key. */
    public static void main(String[] arguments) throws Exception {
        boolean planted = List.of(arguments).contains("--planted-key");
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:versions;DB_CLOSE_DELAY=-1");
        new TwoVersions(List.of(
                        node(arguments[0], database, KEY), node(arguments[1], database, planted ? OTHER_KEY : KEY)))
                .run();
        System.out.println(USERS + " users went through all steps on both versions");
    }

    private static Node node(String classPath, DataSource database, String key) throws ReflectiveOperationException {
        URL[] urls = Arrays.stream(classPath.split(File.pathSeparator)).map(TwoVersions::url).toArray(URL[]::new);
        // The parent has Node and H2, and nothing of the library.
        ClassLoader loader = new URLClassLoader(urls, TwoVersions.class.getClassLoader());
        return (Node) loader.loadClass("NodeOfThisVersion")
                .getConstructor(DataSource.class, String.class, String.class)
                .newInstance(database, "1", key);
    }

    private static URL url(String path) {
        try {
            return Path.of(path).toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(path, e);
        }
    }

    private Node any() {
        Node node = nodes.get(random.nextInt(nodes.size()));
        node.at(now);
        return node;
    }

    private void later() {
        now = now.plus(Duration.ofSeconds(30));
    }

    private String challenge(String user, String cookie) {
        return must("code", any().ask(user, cookie)).get(1);
    }

    private static List<String> must(String expected, List<String> found) {
        if (!found.get(0).equals(expected)) {
            throw new IllegalStateException("expected " + expected + ", found " + found.get(0));
        }
        return found;
    }

    private static void must(boolean expected, boolean found, String what) {
        if (expected != found) {
            throw new IllegalStateException(what + " is " + found);
        }
    }

    private void run() {
        for (int i = 0; i < USERS; i++) {
            story("user-" + i);
            later();
        }
    }

    private void story(String user) {
        List<String> pending = any().begin(user);
        String phone = pending.get(1);
        List<String> enrolled = any().confirm(pending.get(0), any().codeOf(phone, now));
        String stamp = enrolled.get(0);
        List<String> backupCodes = enrolled.subList(1, enrolled.size());
        must(true, any().isCurrent(user, stamp), "the stamp of the enrollment");

        later();
        String code = any().codeOf(phone, now);
        must("Rejected", any().verify(challenge(user, ""), code.equals("000000") ? "000001" : "000000", false));
        List<String> verified = must("Verified", any().verify(challenge(user, ""), code, true));
        String cookie = verified.get(2);
        must("Rejected", any().verify(challenge(user, ""), code, false));
        must("free", any().ask(user, cookie));

        must("Verified", any().verify(challenge(user, ""), backupCodes.get(0), false));
        must("Rejected", any().verify(challenge(user, ""), backupCodes.get(0), false));
        must(false, any().isCurrent(user, verified.get(1)), "a stamp from before a backup code was used");
        must("code", any().ask(user, cookie));

        // A used backup code uses up the steps of now. A guess counts from the next one on.
        later();
        later();
        int wrong = 0;
        while (!any().verify(challenge(user, ""), "000000", false).get(0).equals("LockedOut")) {
            wrong++;
            if (wrong > 20) {
                throw new IllegalStateException("no lockout, because the versions do not count together");
            }
        }

        any().disable(challenge(user, ""), Objects.requireNonNull(backupCodes.get(1)));
        must("free", any().ask(user, ""));
    }
}
