// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Iterator;
import java.util.List;

/**
 * A new set of backup codes. Each code works once, without the phone. The codes exist only in this object, because the
 * record keeps only hashes. Show them now. Redacted in {@link #toString()}. Immutable.
 */
public final class BackupCodes implements Iterable<String> {
    private final List<String> codes;
    private final Instant created;

    BackupCodes(List<String> codes, Instant created) {
        this.codes = List.copyOf(codes);
        this.created = created;
    }

    /**
     * The codes, in the order of the sheet.
     *
     * @return each as {@code XXXX-XXXX-XXXX-XXXX-XXXX-XXXX}: 115 random bits and a check symbol, in Crockford's Base32
     */
    public List<String> asList() {
        return codes;
    }

    @Override
    public Iterator<String> iterator() {
        return codes.iterator();
    }

    /**
     * The sheet to download or print: heading, date in UTC, and the numbered codes. A user may copy a whole line: the
     * number in front of the code is ignored when it is typed.
     *
     * @param heading what distinguishes this sheet from others, such as "Acme backup codes for alice"
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
