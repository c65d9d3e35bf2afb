// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * A table of values between commas, semicolons or tabs, whose first line names the columns. Messages name lines and
 * never cells: where somebody forgot the header, the first line has a secret.
 *
 * @param file where it was read from
 * @param columns the position of each column, by its name in lower case, without blanks and underscores
 * @param rows all lines but the first
 */
record CsvTable(Path file, Map<String, Integer> columns, List<Row> rows) {

    /**
     * A line of the table.
     *
     * @param line where it begins
     */
    record Row(long line, List<String> cells) {}

    static CsvTable read(Path file) throws BadInput {
        String text = TextFile.read(file);
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setIgnoreEmptyLines(true)
                .setDelimiter(delimiter(text))
                .get();
        List<Row> rows = new ArrayList<>();
        try (CSVParser parser = CSVParser.parse(new StringReader(text), format)) {
            long line = 1;
            for (CSVRecord one : parser) {
                rows.add(new Row(line, one.toList()));
                line = parser.getCurrentLineNumber() + 1;
            }
        } catch (IOException | UncheckedIOException | IllegalStateException e) {
            throw BadInput.at(
                    place(file, rows.isEmpty() ? 1 : rows.get(rows.size() - 1).line() + 1), "it is not CSV");
        }
        if (rows.isEmpty()) {
            throw BadInput.at(file.toString(), "it is empty");
        }
        Row header = rows.remove(0);
        for (Row row : rows) {
            if (row.cells().size() != header.cells().size()) {
                throw BadInput.at(
                        place(file, row.line()),
                        "it has " + row.cells().size() + " cells, and the header has "
                                + header.cells().size());
            }
        }
        return new CsvTable(file, columns(file, header), rows);
    }

    private static char delimiter(String text) {
        String header = text.lines().findFirst().orElse("");
        if (header.indexOf(',') >= 0) {
            return ',';
        }
        return header.indexOf(';') >= 0 ? ';' : header.indexOf('\t') >= 0 ? '\t' : ',';
    }

    private static Map<String, Integer> columns(Path file, Row header) throws BadInput {
        Map<String, Integer> columns = new HashMap<>();
        for (int i = 0; i < header.cells().size(); i++) {
            if (columns.put(key(header.cells().get(i)), i) != null) {
                throw BadInput.at(place(file, 1), "the header names a column twice");
            }
        }
        return columns;
    }

    static String key(String column) {
        return column.strip().toLowerCase(Locale.ROOT).replaceAll("[ _-]", "");
    }

    static String place(Path file, long line) {
        return file + ": line " + line;
    }

    boolean has(String column) {
        return columns.containsKey(key(column));
    }

    /** The cell, as it is; null if the table has no such column or the cell is blank. */
    @Nullable
    String cell(Row row, String column) {
        return cellOf(row, key(column));
    }

    /** The same for a name in the form of {@link #columns}, which is faster in a large table. */
    @Nullable
    String cellOf(Row row, String key) {
        Integer position = columns.get(key);
        String cell = position == null ? "" : row.cells().get(position);
        return cell.isBlank() ? null : cell;
    }

    String required(Row row, String column) throws BadInput {
        String cell = cell(row, column);
        if (cell == null) {
            throw BadInput.at(place(file, row.line()), "it has no " + column);
        }
        return cell.strip();
    }

    void requireColumns(String... names) throws BadInput {
        for (String name : names) {
            if (!has(name)) {
                throw BadInput.at(place(file, 1), "the header names no column " + name);
            }
        }
    }
}
