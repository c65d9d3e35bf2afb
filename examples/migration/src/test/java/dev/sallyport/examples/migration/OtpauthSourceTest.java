// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static dev.sallyport.examples.migration.SourceText.RFC_BASE32;
import static dev.sallyport.examples.migration.SourceText.RFC_BYTES;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class OtpauthSourceTest {
    private static final OtpauthSource SOURCE = new OtpauthSource(Optional.empty());
    private static final String ALICE = "otpauth://totp/Acme:alice?secret=" + RFC_BASE32 + "&issuer=Acme\n";

    private static byte[] account(byte[] secret, String name, int algorithm, int digits, int type) {
        return new ProtobufWriter()
                .bytes(1, secret)
                .bytes(2, name.getBytes(UTF_8))
                .bytes(3, "Acme".getBytes(UTF_8))
                .number(4, algorithm)
                .number(5, digits)
                .number(6, type)
                .toBytes();
    }

    private static String export(int size, int index, long id, byte[]... accounts) {
        ProtobufWriter payload = new ProtobufWriter();
        for (byte[] account : accounts) {
            payload.bytes(1, account);
        }
        return payload.number(2, 1)
                        .number(3, size)
                        .number(4, index)
                        .number(5, id)
                        .toMigrationUri() + "\n";
    }

    @Test
    void read_sample_hasTheAccountNames() throws BadInput {
        Inventory inventory = SOURCE.read(Sample.otpauth().file());

        assertThat(inventory.identity().permanent()).isFalse();
        assertThat(inventory.users())
                .extracting(OldUser::name)
                .containsExactly("alice@acme.example", "bob", "carol", "erin", "dave");
        assertThat(inventory.notes()).containsEntry("duplicates, counted once", 1);
    }

    @Test
    void read_exportOfAnApp_readsAlgorithmsAndDigits() throws BadInput {
        byte[] account = account(RFC_BYTES, "Acme:alice", 3, 2, 2);
        OldAuthenticator read = SourceText.only(SourceText.read(SOURCE, export(1, 0, 5, account)));

        assertThat(read.refusal()).isEmpty();
        assertThat(read.type()).isEqualTo(OldAuthenticator.Type.TOTP);
        assertThat(read.where()).isEqualTo("line 1, account 1");
    }

    @Test
    @DisplayName("Two exports of one token, the second after more codes: the higher counter counts")
    void read_tokenTwiceWithTwoCounters_takesTheHigherOne() throws BadInput {
        String early = "otpauth://hotp/Acme:alice?secret=" + RFC_BASE32 + "&issuer=Acme&counter=4\n";
        String late = early.replace("counter=4", "counter=9");
        for (String text : new String[] {early + late, late + early}) {
            OldAuthenticator read = SourceText.only(SourceText.read(SOURCE, text));
            assertThat(read.where()).isEqualTo(text.startsWith(early) ? "line 2" : "line 1");
        }
    }

    @Test
    void read_accountsOfAnExportThatCannotBeUsed_areRefused() throws BadInput {
        assertThat(SourceText.refusal(SOURCE, export(1, 0, 5, account(RFC_BYTES, "a", 4, 1, 2))))
                .hasValue("its algorithm is none of SHA1, SHA256 and SHA512");
        assertThat(SourceText.refusal(SOURCE, export(1, 0, 5, account(RFC_BYTES, "a", 1, 9, 2))))
                .hasValue("its number of digits is not known");
        assertThat(SourceText.refusal(SOURCE, export(1, 0, 5, account(RFC_BYTES, "a", 1, 1, 0))))
                .hasValue("its type is neither TOTP nor HOTP");
        assertThat(SourceText.refusal(SOURCE, export(1, 0, 5, account(new byte[5], "a", 1, 1, 2))))
                .hasValue("a shared secret has 10 to 128 bytes, not 5");
    }

    @Test
    void read_exportWithAMissingCode_isRefused() {
        byte[] account = account(RFC_BYTES, "a", 1, 1, 2);
        assertThatThrownBy(() -> SourceText.read(SOURCE, ALICE + export(3, 2, 5, account) + export(3, 0, 5, account)))
                .hasMessageEndingWith("line 2: this export has 3 codes, and 2 of them are here");
        assertThatThrownBy(() -> SourceText.read(SOURCE, export(2, 2, 5, account)))
                .hasMessageEndingWith("line 1: it has no place among the codes of its export");
    }

    @Test
    void read_exportThatIsBroken_isRefusedWithItsLine() {
        String whole = export(1, 0, 5, account(RFC_BYTES, "alice", 1, 1, 2)).strip();
        assertThatThrownBy(() -> SourceText.read(SOURCE, "\n" + whole.substring(0, whole.length() / 2)))
                .hasMessageContaining("line 2: ");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "otpauth-migration://offline?data=!!"))
                .hasMessageEndingWith("line 1: its data is not Base64");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "otpauth-migration://offline"))
                .hasMessageEndingWith("line 1: it has no data");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "otpauth-migration://offline?data=%2"))
                .hasMessageEndingWith("line 1: its data is not Base64");
    }

    @Test
    void read_keyUriThatCannotBeRead_namesItsUser() throws BadInput {
        Inventory inventory = SourceText.read(
                SOURCE, ALICE + "otpauth://totp/Acme:bob?secret=BAD1&issuer=Acme\nsteam://" + RFC_BASE32 + "\n");

        assertThat(SourceText.user(inventory, "bob").authenticators().get(0).refusal())
                .isPresent();
        assertThat(SourceText.user(inventory, "(line 3)")
                        .authenticators()
                        .get(0)
                        .refusal())
                .hasValueSatisfying(text -> assertThat(text).contains("Steam"));
    }

    @Test
    @DisplayName("A URI in which the secret is in the place of the name")
    void read_keyUriWithItsSecretInTheName_isNamedByItsLine() throws BadInput {
        String broken = "otpauth://totp/alice&secret=" + RFC_BASE32 + "?issuer=Acme";

        assertThat(SourceText.read(SOURCE, broken).users())
                .extracting(OldUser::name)
                .containsExactly("(line 1)");
    }

    @Test
    void read_hotpWithoutACounter_isRefused() throws BadInput {
        assertThat(SourceText.refusal(SOURCE, ALICE.replace("totp", "hotp")))
                .hasValueSatisfying(text -> assertThat(text).contains("counter"));
    }

    @Test
    void read_severalIssuers_asksWhose() throws BadInput {
        String text = ALICE + ALICE.replace("Acme", "Bank");

        assertThatThrownBy(() -> SourceText.read(SOURCE, text)).hasMessageContaining("--from-issuer");
        assertThat(SourceText.read(new OtpauthSource(Optional.of("Bank")), text).notes())
                .containsEntry("authenticators of other issuers, skipped", 1);
    }

    @Test
    void read_badFile_saysTheLine() {
        assertThatThrownBy(() -> SourceText.read(SOURCE, ALICE + "\n" + RFC_BASE32))
                .hasMessageEndingWith("line 3: it is no key URI, which begins with otpauth://");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "# nothing\n")).hasMessageEndingWith("it is empty");
    }
}
