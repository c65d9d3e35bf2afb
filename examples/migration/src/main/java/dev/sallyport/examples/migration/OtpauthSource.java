// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.examples.migration.Inventory.Identity;
import dev.sallyport.otp.KeyUri;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * A key URI on each line, or the text of an export code of Google Authenticator ({@code otpauth-migration://}). Blank
 * lines and lines that begin with {@code #} are skipped.
 *
 * @param issuer the issuer whose codes these are
 */
record OtpauthSource(Optional<String> issuer) implements Source {
    @Override
    public Inventory read(Path file) throws BadInput {
        Inventory.Builder inventory = new Inventory.Builder();
        Issuers issuers = new Issuers(issuer);
        AppExports exports = new AppExports(file);
        int number = 0;
        int read = 0;
        for (String line : TextFile.read(file).lines().map(String::strip).toList()) {
            number++;
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            read++;
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("otpauth-migration:")) {
                exports.add(number, line, issuers, inventory);
            } else if (lower.startsWith("otpauth://") || lower.startsWith("steam:")) {
                readKeyUri(number, line, issuers, inventory);
            } else {
                throw BadInput.at(CsvTable.place(file, number), "it is no key URI, which begins with otpauth://");
            }
        }
        if (read == 0) {
            throw BadInput.at(file.toString(), "it is empty");
        }
        exports.requireWhole();
        issuers.requireOne(file);
        issuers.note(inventory);
        return inventory.build(new Identity("the account names, because a key URI has no other ids", false));
    }

    private static void readKeyUri(int number, String line, Issuers issuers, Inventory.Builder inventory) {
        String where = "line " + number;
        OldAuthenticator.Builder found = OldAuthenticator.at(where, "Authenticator app");
        KeyUri keyUri;
        try {
            keyUri = KeyUri.parse(line);
        } catch (IllegalArgumentException e) {
            OldAuthenticator refused =
                    found.refuse(String.valueOf(e.getMessage())).build();
            inventory.user(null, nameIn(line, where)).add(refused);
            return;
        }
        if (!issuers.accepts(keyUri.issuer())) {
            return;
        }
        found.secret(keyUri.secret()).algorithm(keyUri.algorithm()).digits(String.valueOf(keyUri.digits()));
        keyUri.period().ifPresent(period -> found.period(String.valueOf(period.toSeconds())));
        keyUri.counter().ifPresent(counter -> found.counter(String.valueOf(counter)));
        inventory.user(null, keyUri.accountName()).add(found.build());
    }

    /** The name in a key URI that cannot be read otherwise, so that the report says whose it is. */
    private static String nameIn(String line, String otherwise) {
        int end = line.indexOf('?');
        int start = line.lastIndexOf('/', end) + 1;
        if (end < 0 || start >= end || !line.toLowerCase(Locale.ROOT).startsWith("otpauth://")) {
            return "(" + otherwise + ")";
        }
        try {
            String label = URLDecoder.decode(line.substring(start, end).replace("+", "%2B"), StandardCharsets.UTF_8);
            // A URI may be broken in such a way that its secret is here.
            boolean parameters = label.indexOf('=') >= 0 || label.indexOf('&') >= 0;
            return parameters
                    ? "(" + otherwise + ")"
                    : label.substring(label.indexOf(':') + 1).strip();
        } catch (IllegalArgumentException e) {
            return "(" + otherwise + ")";
        }
    }
}
