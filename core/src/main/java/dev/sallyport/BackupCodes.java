// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Iterator;
import java.util.List;

/**
 * A new set of backup codes, each good for one sign-in without the phone. They exist in this object and nowhere else, so
 * show them now; the record keeps hashes. Redacted in {@link #toString()}. Immutable.
 */
public final class BackupCodes implements Iterable<String> {
    private final List<String> codes;
    private final Instant created;

    BackupCodes(List<String> codes, Instant created) {
        this.codes = List.copyOf(codes);
        this.created = created;
    }

    /**
     * The codes.
     *
     * @return each as {@code XXXX-XXXX-XXXX-XXXX}, 80 random bits in Crockford's Base32, in the order of the sheet
     */
    public List<String> asList() {
        return codes;
    }

    @Override
    public Iterator<String> iterator() {
        return codes.iterator();
    }

    /**
     * The sheet to download or print: heading, date in UTC, and the numbered codes.
     *
     * @param heading what tells this sheet from others, as "Acme backup codes for alice"
     * @return lines that end in a line feed
     */
    public String toText(String heading) {
        StringBuilder sheet = new StringBuilder(heading)
                .append('\n')
                .append(LocalDate.ofInstant(created, ZoneOffset.UTC))
                .append("\n\n");
        int number = 0;
        for (String code : codes) {
            number++;
            sheet.append(number < 10 ? " " : "")
                    .append(number)
                    .append(". ")
                    .append(code)
                    .append('\n');
        }
        return sheet.toString();
    }

    @Override
    public String toString() {
        return "BackupCodes[" + codes.size() + "]";
    }
}
