// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The export codes of Google Authenticator. An export has several codes when it is large, in any order. It has no
 * period, because that app knows 30 seconds only. There is no published description; this follows the message
 * definitions that several open-source readers share.
 */
final class AppExports {
    private final Path file;
    private final Map<Long, Batches> exports = new TreeMap<>();

    /** The codes of one export that were seen. */
    private record Batches(int line, long size, TreeSet<Long> seen) {}

    AppExports(Path file) {
        this.file = file;
    }

    void add(int number, String line, Issuers issuers, Inventory.Builder inventory) throws BadInput {
        String where = CsvTable.place(file, number);
        Protobuf payload = new Protobuf(where, data(where, line));
        long size = 1;
        long index = 0;
        long id = 0;
        int account = 0;
        while (payload.next()) {
            switch (payload.field()) {
                case 1 -> {
                    account++;
                    readAccount(
                            "line " + number + ", account " + account,
                            new Protobuf(where, payload.bytes()),
                            issuers,
                            inventory);
                }
                case 3 -> size = payload.number();
                case 4 -> index = payload.number();
                case 5 -> id = payload.number();
                default -> {
                    // The version, or something that is not known yet.
                }
            }
        }
        if (size < 1 || index < 0 || index >= size) {
            throw BadInput.at(where, "it has no place among the codes of its export");
        }
        long codes = size;
        Batches known = exports.computeIfAbsent(id, unused -> new Batches(number, codes, new TreeSet<>()));
        if (known.size() != size) {
            throw BadInput.at(where, "it belongs to an export with another number of codes");
        }
        known.seen().add(index);
    }

    /** The users of a code that nobody scanned would stay behind without a word. */
    void requireWhole() throws BadInput {
        for (Batches export : exports.values()) {
            if (export.seen().size() < export.size()) {
                throw BadInput.at(
                        CsvTable.place(file, export.line()),
                        "this export has " + export.size() + " codes, and "
                                + export.seen().size() + " of them are here");
            }
        }
    }

    private static void readAccount(String where, Protobuf fields, Issuers issuers, Inventory.Builder inventory)
            throws BadInput {
        OldAuthenticator.Builder found = OldAuthenticator.at(where, "Authenticator app");
        String name = "";
        String issuer = "";
        long type = 0;
        long counter = 0;
        while (fields.next()) {
            switch (fields.field()) {
                case 1 -> found.secret(fields.bytes());
                case 2 -> name = new String(fields.bytes(), UTF_8);
                case 3 -> issuer = new String(fields.bytes(), UTF_8);
                case 4 -> readAlgorithm(found, fields.number());
                case 5 -> readDigits(found, fields.number());
                case 6 -> type = fields.number();
                case 7 -> counter = fields.number();
                default -> {
                    // A unique id, or something that is not known yet.
                }
            }
        }
        if (type == 1) {
            // The app adds 1 before it computes a code, so this is the counter of its last code. A counter of 0 is left
            // out of the message.
            found.counter(String.valueOf(counter + 1));
        } else if (type != 2) {
            found.refuse("its type is neither TOTP nor HOTP");
        }
        String prefix = name.substring(0, name.indexOf(':') + 1);
        if (issuer.isEmpty() && !prefix.isEmpty()) {
            issuer = prefix.substring(0, prefix.length() - 1);
        }
        if (prefix.equalsIgnoreCase(issuer + ":")) {
            name = name.substring(prefix.length());
        }
        if (issuers.accepts(issuer.strip())) {
            inventory
                    .user(null, name.isBlank() ? "(" + where + ")" : name.strip())
                    .add(found.build());
        }
    }

    private static void readAlgorithm(OldAuthenticator.Builder found, long value) {
        switch ((int) value) {
            case 0, 1 -> found.algorithm("SHA1");
            case 2 -> found.algorithm("SHA256");
            case 3 -> found.algorithm("SHA512");
            default -> found.refuse("its algorithm is none of SHA1, SHA256 and SHA512");
        }
    }

    private static void readDigits(OldAuthenticator.Builder found, long value) {
        switch ((int) value) {
            case 0, 1 -> found.digits("6");
            case 2 -> found.digits("8");
            case 3 -> found.digits("7");
            default -> found.refuse("its number of digits is not known");
        }
    }

    private static byte[] data(String where, String line) throws BadInput {
        String lower = line.toLowerCase(Locale.ROOT);
        int start = lower.indexOf("data=");
        if (start < 0) {
            throw BadInput.at(where, "it has no data");
        }
        int end = line.indexOf('&', start);
        String data = line.substring(start + "data=".length(), end < 0 ? line.length() : end);
        try {
            return Base64.getDecoder().decode(percentDecoded(data));
        } catch (IllegalArgumentException e) {
            // The cause is left out, because its message quotes the text.
            throw BadInput.at(where, "its data is not Base64");
        }
    }

    /** A plus is a letter of Base64. Programs that take it for a blank change it to one. */
    private static byte[] percentDecoded(String data) {
        ByteArrayOutputStream decoded = new ByteArrayOutputStream();
        for (int i = 0; i < data.length(); i++) {
            char c = data.charAt(i);
            if (c == '%' && i + 2 < data.length()) {
                decoded.write(Integer.parseInt(data, i + 1, i + 3, 16));
                i += 2;
            } else {
                decoded.write(c == ' ' ? '+' : c);
            }
        }
        return decoded.toByteArray();
    }
}
