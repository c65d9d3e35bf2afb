// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import dev.sallyport.storage.StoredRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** User ids are compared exactly. */
@Proves("user ids compared exactly")
abstract class UserIdTests extends DataTests {

    @Test
    @DisplayName("user id: another letter case MUST be another user")
    void id_ofAnotherCase_isAnother() {
        mustBeDifferentUsers(
                "ids are compared without letter case: give the column a binary collation.",
                "a|A|i|I|\u0131|k|K|ss|SS|\u00DF|\u1E9E|\u03C3|\u03C2|\u03A3|\u0436|\u0416");
    }

    @Test
    @DisplayName("user id: another blank at the end MUST be another user")
    void id_withTrailingBlank_isAnother() {
        mustBeDifferentUsers(
                "ids are padded or trimmed: CHAR columns and PAD SPACE collations (nearly all of MySQL and MariaDB)."
                        + " Use a"
                        + " NO PAD or binary one.",
                "a|a |a  |a\t|a\n|a\r\n|a\u00A0|a\u3000");
    }

    @Test
    @DisplayName("user id: another blank at the beginning MUST be another user")
    void id_withLeadingBlank_isAnother() {
        mustBeDifferentUserIds(
                "ids are trimmed.",
                Stream.of("", " ", "  ", "\t", "\n", "\u00A0", "\u3000")
                        .map(beginning -> context.id(beginning, "a"))
                        .toList());
    }

    @Test
    @DisplayName("user id: another Unicode normal form MUST be another user")
    void id_ofAnotherNormalForm_isAnother() {
        mustBeDifferentUsers(
                "ids are normalized to NFC, NFD, NFKC or NFKD, by the store, the collation or the file system.",
                "\u00E9|e\u0301|\u00C5|A\u030A|\u037E|;|\uAC00|\u1100\u1161|\uFB01|fi|\uFF21|A|\u2460|1|q\u0307\u0323|q\u0323\u0307");
    }

    @Test
    @DisplayName("user id: another accent MUST be another user")
    void id_withAnotherAccent_isAnother() {
        mustBeDifferentUsers(
                "ids are compared without accents: give the column a binary collation.",
                "e|\u00E9|\u00E8|\u00EA|o|\u00F6|\u00F8|oe|\u0153|n|\u00F1|l|\u0142|\u0438|\u0439");
    }

    @Test
    @DisplayName("user id: another character of any script MUST be another user, emoji included")
    void id_ofAnyScript_isKeptAsItIs() {
        mustBeDifferentUsers(
                "the column or the connection has a character set without these characters, and stores a '?'; or the"
                        + " collation"
                        + " gives all of them the same weight. Use UTF-8 everywhere (utf8mb4 in MySQL and MariaDB),"
                        + " and a"
                        + " binary collation.",
                "|?|??|\uFFFD|\u0416|\u05D0|\u0627|\u0905|\u6F22|\u5B57|\u3042|\u30A2|\uD83D\uDE00|\uD83D\uDE01|\uDBFF\uDFFD|\uFFFF");
    }

    @Test
    @DisplayName("user id: another invisible character MUST be another user")
    void id_withInvisibleCharacters_isAnother() {
        mustBeDifferentUsers(
                "the collation or a filter ignores control and format characters, or cuts the id there.",
                "ab|a\u0001b|a\u007Fb|a\u0085b|a\u00ADb|a\u200Bb|a\u200Db|a\u2028b|a\uFE0Fb|\uFEFFab|a\tb|a\nb|a\rb|a"
                        + "|\uD83D\uDC68\u200D\uD83D\uDC69|\uD83D\uDC68\uD83D\uDC69");
    }

    @Test
    @DisplayName("user id: characters that are special in a query or a path MUST be like any others")
    void id_withSpecialCharacters_isKeptAsItIs() {
        mustBeDifferentUsers(
                "ids become part of the text of a query, a pattern or a path. Bind them as parameters.",
                "axb|a_b|a%b|a*b|a?b|a[x]b|a.b|a'b|a''b|a\"b|a\\b|a\\\\b|a/b|a/./b|a:b|a;--|a{}b|a$b|a&b|a+b|a%20b|a"
                        + " b|a,b|null|'|..|/");
    }

    @Test
    @DisplayName("user id: another text for the same number MUST be another user")
    void id_ofTheSameNumber_isAnother() {
        mustBeDifferentUserIds(
                "ids are compared as numbers: the column or the map has a numeric type or affinity.",
                Stream.of("#", "0#", "00#", "+#", "#.0", "#e0", "#0", "#1", "0x#")
                        .map(context::number)
                        .toList());
    }

    @Test
    @DisplayName("user id: 255 characters MUST be kept whole")
    void id_of255Characters_isKeptWhole() {
        mustBeDifferentUserIds(
                "the column is too short, counts bytes (255 characters are up to 765 in UTF-8), or its index has the"
                        + " beginning of the id only.",
                Stream.of("x", "\u00E9", "\u6F22", "\uD83D\uDE00", " ")
                        .flatMap(filler -> Stream.of("a", "b", "\u6F22", " ").map(end -> context.longId(filler, end)))
                        .toList());
    }

    @Test
    @DisplayName("user id: another id with the same hash code MUST be another user")
    void id_ofTheSameHashCode_isAnother() {
        mustBeDifferentUsers(
                "the key is id.hashCode(), or another short number that several ids share. Let the key be the whole"
                        + " id, or a"
                        + " cryptographic hash of it.",
                "Aa|BB|AaAa|AaBB|BBAa|BBBB");
    }

    private void mustBeDifferentUsers(String hint, String ends) {
        mustBeDifferentUserIds(
                hint, Stream.of(ends.split("\\|", -1)).map(context::id).toList());
    }

    /** A write for one of these users leaves all others as they are. */
    private void mustBeDifferentUserIds(String hint, List<String> userIds) {
        StoreUnderTest store = context.store();
        Deque<StoredRecord> records = new ArrayDeque<>();
        for (String userId : userIds) {
            store.mustHoldNothing(userId, hint);
            StoredRecord record = context.record(userId);
            store.mustInsert(record, hint);
            records.add(record);
        }
        records.forEach(record -> store.mustHold(record, hint));
        for (String userId : userIds) {
            StoredRecord next = context.record(userId);
            store.mustReplace(records.removeFirst(), next, hint);
            records.addLast(next);
        }
        // Each record is still there after those before it were erased.
        for (StoredRecord record : records) {
            store.mustHold(record, hint);
            store.mustErase(record.userId(), hint);
            store.mustHoldNothing(record.userId(), hint);
        }
    }
}
