// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import dev.sallyport.examples.migration.CsvTable.Row;
import dev.sallyport.examples.migration.Inventory.Identity;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A table with a line for each authenticator, whose header names the columns: {@code user_id} or {@code user} or both,
 * {@code secret}, and as far as they are there, {@code encoding}, {@code type}, {@code algorithm}, {@code digits},
 * {@code period}, {@code counter}, {@code last_step}, {@code t0} and {@code label}. For java-totp, GoogleAuth, otplib
 * and tables of one's own.
 *
 * @param encoding how secrets are written where the table has no column for it
 * @param renamed the name of a column in the table by its name here
 */
record CsvSource(Secrets.Encoding encoding, Map<String, String> renamed) implements Source {
    static final List<String> COLUMNS = List.of(
            "user_id",
            "user",
            "secret",
            "encoding",
            "type",
            "algorithm",
            "digits",
            "period",
            "counter",
            "last_step",
            "t0",
            "label");

    /** What a report must not show as a name. */
    private static final Pattern SECRET = Pattern.compile("[A-Z2-7]{16,}=*|[0-9a-fA-F]{20,}|[0-9A-Za-z+/]{20,}={1,2}");

    /** Other names for the same columns. */
    private static final Map<String, Set<String>> ALIASES = Map.of(
            "user_id", Set.of("uid"),
            "user", Set.of("username", "login", "name", "account", "account_name", "email"),
            "secret", Set.of("secret_key", "base32", "secret_base32"),
            "period", Set.of("step", "time_step", "time_period"),
            "last_step", Set.of("last_used_step", "last_time_step"));

    @Override
    public Inventory read(Path file) throws BadInput {
        CsvTable table = CsvTable.read(file);
        Columns columns = new Columns(table);
        columns.require("secret");
        boolean ids = columns.has("user_id");
        if (!ids) {
            columns.require("user");
        }
        Inventory.Builder inventory = new Inventory.Builder();
        for (Row row : table.rows()) {
            String id = ids ? columns.required(row, "user_id") : null;
            String name = columns.has("user") || id == null ? columns.required(row, "user") : id;
            OldAuthenticator found = authenticator(columns, row);
            if (found.refusal().isPresent() && SECRET.matcher(name).matches()) {
                throw BadInput.at(
                        CsvTable.place(file, row.line()),
                        "its secret cannot be read, and its user looks like a secret: are the columns swapped?");
            }
            inventory.user(id, name).add(found);
        }
        return inventory.build(
                ids
                        ? new Identity("the column user_id", true)
                        : new Identity("the names in the column user, because there is no column user_id", false));
    }

    private OldAuthenticator authenticator(Columns columns, Row row) throws BadInput {
        OldAuthenticator.Builder found = OldAuthenticator.at(
                        "line " + row.line(), Labels.fit(columns.cell(row, "label"), "Authenticator app"))
                .algorithm(columns.cell(row, "algorithm"))
                .digits(columns.cell(row, "digits"));
        String named = columns.cell(row, "encoding");
        try {
            found.secret(named == null ? encoding : Secrets.Encoding.named(named), columns.cell(row, "secret"));
        } catch (BadInput e) {
            found.refuse(String.valueOf(e.getMessage()));
        }
        String counter = columns.cell(row, "counter");
        String type = columns.cell(row, "type");
        if (type == null) {
            type = counter == null ? "totp" : columns.cell(row, "period") == null ? "hotp" : "both";
        }
        switch (type.strip().toLowerCase(Locale.ROOT)) {
            case "totp" ->
                found.period(columns.cell(row, "period"))
                        .t0(columns.cell(row, "t0"))
                        .lastStep(columns.cell(row, "last_step"));
            case "hotp" -> found.counter(counter);
            case "both" -> found.refuse("it has a counter and a period: add a column type with totp or hotp");
            default -> found.refuse("its type is neither totp nor hotp");
        }
        return found.build();
    }

    /** Finds a column by its name here, by the name that the operator gave, or by another usual name. */
    private final class Columns {
        private final CsvTable table;
        private final Map<String, String> actual = new HashMap<>();

        Columns(CsvTable table) throws BadInput {
            this.table = table;
            for (Map.Entry<String, String> one : renamed.entrySet()) {
                if (!COLUMNS.contains(one.getKey())) {
                    throw new BadInput("--column " + one.getKey() + ": the columns are " + String.join(", ", COLUMNS));
                }
                table.requireColumns(one.getValue());
            }
            COLUMNS.forEach(column -> actual.put(column, CsvTable.key(find(column))));
        }

        private String find(String column) {
            if (renamed.containsKey(column)) {
                return Objects.requireNonNull(renamed.get(column));
            }
            if (table.has(column)) {
                return column;
            }
            return ALIASES.getOrDefault(column, Set.of()).stream()
                    .filter(table::has)
                    .sorted()
                    .findFirst()
                    .orElse(column);
        }

        private String actual(String column) {
            return Objects.requireNonNull(actual.get(column));
        }

        boolean has(String column) {
            return table.columns().containsKey(actual(column));
        }

        void require(String column) throws BadInput {
            if (!has(column)) {
                throw BadInput.at(
                        CsvTable.place(table.file(), 1),
                        "the header names no column " + column + ": name it, or say --column " + column + "=NAME");
            }
        }

        @Nullable
        String cell(Row row, String column) {
            return table.cellOf(row, actual(column));
        }

        String required(Row row, String column) throws BadInput {
            String cell = cell(row, column);
            if (cell == null) {
                throw BadInput.at(CsvTable.place(table.file(), row.line()), "it has no " + column);
            }
            return cell.strip();
        }
    }
}
