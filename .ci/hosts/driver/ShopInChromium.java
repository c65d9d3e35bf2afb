// SPDX-License-Identifier: Apache-2.0

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells the whole story to {@code form} in Chromium, once in each language, on a window of 360 pixels: enable, sign in,
 * disable with a backup code.
 *
 * <p>Arguments: the name of the host, then the command that starts it.
 */
final class ShopInChromium {
    private static final Pattern SECRET = Pattern.compile("secret=([A-Z2-7]+)");

    private final Host host;
    private final Set<String> headings = new LinkedHashSet<>();

    private ShopInChromium(Host host) {
        this.host = host;
    }

    public static void main(String[] arguments) throws Exception {
        Host.run(arguments, host -> {
            ShopInChromium shop = new ShopInChromium(host);
            List<String> languages = List.of("en", "de", "fr", "es", "pt", "ja", "ar");
            for (String language : languages) {
                shop.tellTheStory(language);
            }
            host.seen(
                    "each page has a heading of its own in each language, and not " + shop.headings,
                    shop.headings.size() == 6 * languages.size());
            return "the whole story in Chromium in " + languages;
        });
    }

    private void tellTheStory(String language) throws Exception {
        Path profile = Files.createTempDirectory("chromium");
        try (Chromium browser = new Chromium(host.address(), language, profile)) {
            signIn(browser);
            arrives(browser, "/orders");

            // Enable
            page(browser.go("/two-factor"), language, "the settings");
            browser.click("a[href$=\"/two-factor/enable\"], form[action$=\"/two-factor/enable\"] button");
            page(browser.sees("input[name=password]"), language, "the password");
            browser.type("input[name=password]", "wonderland").click("button.primary");
            page(browser.sees("a[href^=\"otpauth:\"]"), language, "the QR code");
            Matcher secret = SECRET.matcher(browser.value("document.querySelector('a[href^=\"otpauth:\"]').href"));
            host.seen("a link for the phone itself", secret.find());
            Phone phone = new Phone(secret.group(1));
            browser.type("input[name=code]", phone.nextCode()).click("button.primary");
            List<String> backupCodes = Arrays.asList(browser.sees("ol.codes")
                    .value("Array.from(document.querySelectorAll('ol.codes code'), code => code.textContent).join(' ')")
                    .split(" "));
            host.seen("ten backup codes, and not " + backupCodes, backupCodes.size() == 10);
            page(browser, language, "the backup codes");
            browser.click("input[name=saved]").click("button.primary");
            arrives(browser, "/two-factor");

            // Sign in with a code
            signOut(browser);
            signIn(browser);
            arrives(browser, "/two-factor/code");
            page(browser, language, "the code");
            browser.type("input[name=code]", phone.nextCode()).click("button.primary");
            arrives(browser, "/orders");

            // Disable
            page(browser.go("/two-factor/disable"), language, "disable");
            browser.type("input[name=code]", backupCodes.get(4)).click("button.primary, button.danger");
            arrives(browser, "/two-factor");
            signOut(browser);
            signIn(browser);
            arrives(browser, "/orders");
        }
    }

    private void signIn(Chromium browser) throws Exception {
        browser.go("/orders")
                .type("input[name=username]", "alice@acme.example")
                .type("input[name=password]", "wonderland")
                .click("button[type=submit]");
    }

    private void signOut(Chromium browser) throws Exception {
        browser.go("/logout").click("form button");
        arrives(browser, "/login");
    }

    /** The page that a form leads to may take a moment. */
    private void arrives(Chromium browser, String path) throws Exception {
        String found = browser.value("location.pathname");
        for (int i = 0; i < 200 && !found.equals(path); i++) {
            Thread.sleep(100);
            found = browser.value("location.pathname");
        }
        host.seen("the way leads to " + path + ", and not to " + found, found.equals(path));
    }

    private void page(Chromium browser, String language, String what) throws Exception {
        String said = browser.value("document.documentElement.lang + ' ' + document.documentElement.dir");
        String expected = language + " " + (language.equals("ar") ? "rtl" : "ltr");
        host.seen(what + " is " + expected + ", and not " + said, said.equals(expected));
        String wide = browser.value("document.documentElement.scrollWidth <= window.innerWidth");
        host.seen(what + " fits into the window", wide.equals("true"));
        String heading = browser.value("document.querySelector('h1').textContent");
        headings.add(what + ": " + heading);
    }
}
