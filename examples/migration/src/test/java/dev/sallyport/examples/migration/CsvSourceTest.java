// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static dev.sallyport.examples.migration.SourceText.RFC_BASE32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.examples.migration.Secrets.Encoding;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvSourceTest {
    private static final CsvSource SOURCE = new CsvSource(Encoding.BASE32, Map.of());

    @Test
    void read_sample_groupsByUserId() throws BadInput {
        Inventory inventory = SOURCE.read(Sample.csv().file());

        assertThat(inventory.identity().permanent()).isTrue();
        assertThat(SourceText.user(inventory, "alice@acme.example").id()).isEqualTo("1001");
        assertThat(SourceText.user(inventory, "alice@acme.example").authenticators())
                .extracting(OldAuthenticator::label)
                .containsExactly("Phone", "Tablet");
    }

    @ParameterizedTest
    @DisplayName("java-totp and GoogleAuth write Base32; a table may have other separators and column names")
    @ValueSource(
            strings = {
                "user,secret\nalice," + RFC_BASE32 + "\n",
                "\uFEFFUserName;Secret Key\r\nalice;" + RFC_BASE32 + "\r\n",
                "email\tSECRET\nalice\t\"" + RFC_BASE32 + "\"",
                "login,secret,period,type\nalice,gezd gnbv gy3t qojq gezd gnbv gy3t qojq,30,TOTP",
            })
    void read_otherSpellings_areRead(String text) throws BadInput {
        Inventory inventory = SourceText.read(SOURCE, text);

        assertThat(SourceText.user(inventory, "alice").id()).isNull();
        assertThat(inventory.identity().permanent()).isFalse();
        assertThat(SourceText.only(inventory).refusal()).isEmpty();
    }

    @Test
    void read_columnsOfOnesOwnTable_areNamedByTheOperator() throws BadInput {
        CsvSource named =
                new CsvSource(Encoding.HEX, Map.of("user_id", "owner", "secret", "otp_key", "last_step", "last_slot"));
        Inventory inventory = SourceText.read(
                named, "id,owner,otp_key,last_slot\n9,77,3132333435363738393031323334353637383930,55000000");

        assertThat(inventory.users().get(0).id()).isEqualTo("77");
        assertThat(SourceText.only(inventory).isLastStepUnknown()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"base32", "HEX", "raw", "base64"})
    void read_encodings_areNeverGuessed(String encoding) throws BadInput {
        String hex = "3132333435363738393031323334353637383930";
        boolean fits = !encoding.equals("base32");

        assertThat(SourceText.refusal(SOURCE, "user,secret,encoding\nalice," + hex + "," + encoding)
                        .isEmpty())
                .isEqualTo(fits);
    }

    @Test
    void read_lineThatCannotBeUsed_isRefused() throws BadInput {
        String head = "user,secret,type,algorithm,digits,period,counter,last_step,encoding\n";
        assertThat(SourceText.refusal(SOURCE, head + "a,,,,,,,,")).hasValue("it has no secret");
        assertThat(SourceText.refusal(SOURCE, head + "a," + RFC_BASE32 + ",sms,,,,,,"))
                .hasValue("its type is neither totp nor hotp");
        assertThat(SourceText.refusal(SOURCE, head + "a," + RFC_BASE32 + ",,MD5,,,,,"))
                .hasValue("its algorithm is none of SHA1, SHA256 and SHA512");
        assertThat(SourceText.refusal(SOURCE, head + "a," + RFC_BASE32 + ",,,six,,,,"))
                .hasValue("its digits is not a whole number from 6 to 8");
        assertThat(SourceText.refusal(SOURCE, head + "a," + RFC_BASE32 + ",,,,0.5,,,"))
                .hasValueSatisfying(text -> assertThat(text).contains("period"));
        assertThat(SourceText.refusal(SOURCE, head + "a," + RFC_BASE32 + ",,,,30,4,,"))
                .hasValue("it has a counter and a period: add a column type with totp or hotp");
        assertThat(SourceText.refusal(SOURCE, head + "a," + RFC_BASE32 + ",hotp,,,,99999999999999999999,,"))
                .hasValueSatisfying(text -> assertThat(text).contains("counter"));
        assertThat(SourceText.refusal(SOURCE, head + "a," + RFC_BASE32 + ",totp,,,,,-5,"))
                .hasValueSatisfying(text -> assertThat(text).contains("last step"));
        assertThat(SourceText.refusal(SOURCE, head + "a," + RFC_BASE32 + ",,,,,,,utf7"))
                .hasValue("a secret's encoding is base32, hex, raw or base64");
        assertThat(SourceText.refusal(SOURCE, head + "a,JBSWY3DP,,,,,,,"))
                .hasValue("a shared secret has 10 to 128 bytes, not 5");
    }

    @ParameterizedTest
    @ValueSource(strings = {RFC_BASE32, "3132333435363738393031323334353637383930", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA="})
    @DisplayName("Where the columns are swapped, the secrets are in the place of the names")
    void read_swappedColumns_areRefusedAndNotShown(String secret) {
        assertThatThrownBy(() -> SourceText.read(SOURCE, "user,secret\n" + secret + ",alice@acme.example"))
                .hasMessageEndingWith("line 2: its secret cannot be read, and its user looks like a secret:"
                        + " are the columns swapped?")
                .hasMessageNotContaining(secret);
    }

    @Test
    void read_badFile_saysTheLineAndShowsNoCell() {
        assertThatThrownBy(() -> SourceText.read(SOURCE, "user,secret\nalice," + RFC_BASE32 + "\nbob"))
                .hasMessageEndingWith("line 3: it has 1 cells, and the header has 2");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "user,secret\n\n\n," + RFC_BASE32))
                .hasMessageContaining("line ")
                .hasMessageEndingWith("it has no user")
                .hasMessageNotContaining("GEZDG");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "alice," + RFC_BASE32))
                .hasMessageEndingWith(
                        "line 1: the header names no column secret: name it, or say --column secret=NAME");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "user,secret\nalice,\"" + RFC_BASE32))
                .hasMessageEndingWith("line 2: it is not CSV");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "user,secret,User\n"))
                .hasMessageEndingWith("line 1: the header names a column twice");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "")).hasMessageEndingWith("it is empty");
        assertThatThrownBy(() -> SourceText.read(new CsvSource(Encoding.RAW, Map.of("pin", "x")), "user,secret\n"))
                .hasMessageStartingWith("--column pin: the columns are");
    }
}
