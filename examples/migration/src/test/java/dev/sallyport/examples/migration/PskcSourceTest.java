// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static dev.sallyport.examples.migration.SourceText.RFC_BASE32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PskcSourceTest {
    private static final Path FIGURES = Path.of("src/test/resources/dev/sallyport/examples/migration");
    private static final String SERIALS = "serial,user\n987654321,alice\n";
    private static final byte[] PRE_SHARED_KEY = HexFormat.of().parseHex("12345678901234567890123456789012");

    @TempDir
    private Path directory;

    private static PskcSource source(@Nullable String serials, @Nullable String password, byte @Nullable [] key) {
        return new PskcSource(
                Optional.ofNullable(serials).map(text -> SourceText.write(text, ".csv")),
                new PskcCipher.Unlocking(
                        Optional.ofNullable(password).map(String::toCharArray), Optional.ofNullable(key)),
                InstantSource.fixed(CommandLineRun.NOW));
    }

    private static PskcSource preShared() {
        return source(SERIALS, null, PRE_SHARED_KEY);
    }

    private static String figure(int number) throws BadInput {
        return TextFile.read(FIGURES.resolve("rfc6030-figure" + number + ".xml"));
    }

    /** The figure's token with the RFC's secret, read from a key URI. */
    private static boolean isTokenOfTheRfc(OldAuthenticator read, int digits) throws BadInput {
        String uri = "otpauth://hotp/alice?secret=" + RFC_BASE32 + "&digits=" + digits + "&counter=0";
        return read.isSameAs(SourceText.only(SourceText.read(new OtpauthSource(Optional.empty()), uri)));
    }

    @Test
    @DisplayName("RFC 6030 figure 2: a secret of 4 bytes, and no user")
    void read_figure2_belongsToNobody() throws BadInput {
        Inventory inventory = SourceText.read(source(null, null, null), figure(2));

        assertThat(inventory.users()).isEmpty();
        assertThat(inventory.notes()).containsValue(1);
    }

    @Test
    @DisplayName("RFC 6030 figure 3: the user of the key comes before that of the device")
    void read_figure3_hasTheUserOfTheKey() throws BadInput {
        Inventory inventory = SourceText.read(source(null, null, null), figure(3));

        OldUser user = SourceText.user(inventory, "UID=jsmith,DC=example-bank,DC=net");
        assertThat(isTokenOfTheRfc(user.authenticators().get(0), 8)).isTrue();
    }

    @Test
    @DisplayName("RFC 6030 figure 5: a PIN that the token checks is no second authenticator")
    void read_figure5_leavesThePinAlone() throws BadInput {
        Inventory inventory = SourceText.read(source(SERIALS, null, null), figure(5));

        assertThat(isTokenOfTheRfc(SourceText.only(inventory), 8)).isTrue();
        assertThat(inventory.notes()).containsEntry("PINs, which the tokens check themselves", 1);
    }

    @Test
    @DisplayName("RFC 6030 figure 6: a key that was agreed on")
    void read_figure6_opensWithTheKey() throws BadInput {
        assertThat(isTokenOfTheRfc(SourceText.only(SourceText.read(preShared(), figure(6))), 8))
                .isTrue();
    }

    @Test
    @DisplayName("RFC 6030 figure 7: a password. The figure has no counter, which an operator has to know")
    void read_figure7_opensWithThePassword() throws BadInput {
        PskcSource source = source(SERIALS, "qwerty", null);
        assertThat(SourceText.refusal(source, figure(7))).hasValue("it is counter-based and has no counter");

        String withCounter = figure(7)
                .replace(
                        "</pskc:Secret>",
                        "</pskc:Secret><pskc:Counter><pskc:PlainValue>0</pskc:PlainValue></pskc:Counter>");
        OldAuthenticator read = SourceText.only(SourceText.read(source, withCounter));
        assertThat(read.refusal()).isEmpty();
        assertThat(isTokenOfTheRfc(read, 8)).isTrue();
    }

    @Test
    @DisplayName("A wrong MAC with a right value: the value is not used")
    void read_wrongMac_isRefused() throws BadInput {
        String changed = figure(6).replace("Su+NvtQ", "Tu+NvtQ");

        assertThat(SourceText.refusal(preShared(), changed))
                .hasValueSatisfying(text -> assertThat(text).startsWith("its MAC is wrong"));
    }

    @Test
    @DisplayName("A changed value is refused because of its MAC, and not because of what decrypting gives")
    void read_changedValue_isRefusedBeforeItIsDecrypted() throws BadInput {
        // The last letter changes the last block, whose padding is then wrong.
        String lastBlock = figure(6).replace("wZqIUqGv", "wZqIUqGw");
        // Half a block less cannot be decrypted at all.
        String cutOff = figure(6).replace("Ml8jwZqIUqGv", "");
        for (String changed : new String[] {lastBlock, cutOff}) {
            assertThat(changed).isNotEqualTo(figure(6));
            assertThat(SourceText.refusal(preShared(), changed))
                    .hasValueSatisfying(text -> assertThat(text).startsWith("its MAC is wrong"));
        }
    }

    @Test
    void read_valueWithoutAMac_isRefused() throws BadInput {
        String bare = figure(6).replaceAll("(?s)<ValueMAC>.*</ValueMAC>", "");
        assertThat(SourceText.refusal(preShared(), bare))
                .hasValueSatisfying(text -> assertThat(text).startsWith("its value has no MAC"));

        String noMethod = figure(6).replaceAll("(?s)<MACMethod.*</MACMethod>", "");
        assertThatThrownBy(() -> SourceText.read(preShared(), noMethod))
                .hasMessageEndingWith("the values have no MAC, so a change would not be noticed");
    }

    @Test
    void read_anotherPasswordOrKey_isRefused() throws BadInput {
        String figure7 = figure(7);
        String figure6 = figure(6);
        byte[] otherKey = HexFormat.of().parseHex("00345678901234567890123456789012");
        assertThatThrownBy(() -> SourceText.read(source(SERIALS, null, otherKey), figure6))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("the password or the key is another one");
        assertThatThrownBy(() -> SourceText.read(source(SERIALS, null, null), figure6))
                .hasMessageContaining("SALLYPORT_PSKC_KEY");
        assertThatThrownBy(() -> SourceText.read(source(SERIALS, null, null), figure7))
                .hasMessageContaining("SALLYPORT_PSKC_PASSWORD");
        assertThatThrownBy(() -> SourceText.read(source(SERIALS, null, new byte[32]), figure6))
                .hasMessageContaining("its key has 32 bytes, which does not fit its cipher");
    }

    @ParameterizedTest
    @DisplayName("Numbers and algorithms of the file cannot keep the machine busy or weaken the check")
    @CsvSource(
            delimiter = '|',
            value = {
                "<IterationCount>1000 | <IterationCount>999999999 | IterationCount",
                "<KeyLength>16 | <KeyLength>5 | KeyLength",
                "#pbkdf2 | #scrypt | not derived with PBKDF2",
                "<PRF/> | <PRF Algorithm=\"x#hmac-md5\"/> | PBKDF2 has another function",
                "#hmac-sha1 | #hmac-md5 | its MAC is none of",
                "Ej7/PEpyEpw= | %%% | the salt is not Base64",
            })
    void read_containerWithOtherParameters_isRefused(String was, String becomes, String reason) throws BadInput {
        String changed = figure(7).replace(was, becomes);

        assertThatThrownBy(() -> SourceText.read(source(SERIALS, "qwerty", null), changed))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "DECIMAL | ALPHANUMERIC | its codes are not decimal digits",
                "Encoding=\"DECIMAL\" | Encoding=\"DECIMAL\" CheckDigits=\"true\" | its codes end in a check digit",
                "Length=\"8\" | Length=\"12\" | its digits is not a whole number from 6 to 8",
                "pskc:hotp | pskc:ocra | its algorithm is neither hotp nor totp",
                "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA= | MTIz%A== | its secret is not Base64",
                "PINUsageMode=\"Local\" | PINUsageMode=\"Prepend\" | its codes contain a PIN",
                "<KeyUsage>OTP | <KeyUsage>Encrypt | its policy permits no one-time codes",
                "<Policy> | <Policy><ExpiryDate>2026-11-02T08:59:59Z</ExpiryDate> | its key has expired",
                "<Policy> | <Policy><ExpiryDate>soon</ExpiryDate> | its expiry date cannot be read",
                "<Counter><PlainValue>0</PlainValue> | <Counter><EncryptedValue/> | its Counter is encrypted",
            })
    void read_tokenThatCannotBeUsed_isRefused(String was, String becomes, String reason) throws BadInput {
        String changed = figure(5).replace(was, becomes);

        assertThat(SourceText.refusal(source(SERIALS, null, null), changed))
                .hasValueSatisfying(text -> assertThat(text).startsWith(reason));
    }

    @Test
    void read_expiryDateInTheFuture_isFine() throws BadInput {
        for (String date : new String[] {"2026-11-02T10:00:01+01:00", "2026-11-02T09:00:01"}) {
            String dated = figure(5).replace("<Policy>", "<Policy><ExpiryDate>" + date + "</ExpiryDate>");
            assertThat(SourceText.refusal(source(SERIALS, null, null), dated)).isEmpty();
        }
    }

    @Test
    @DisplayName("A file for a certificate is refused with a reason")
    void read_encryptedForACertificate_isRefused() throws BadInput {
        String asymmetric = figure(6).replaceAll("<ds:KeyName>.*</ds:KeyName>", "<ds:X509Data/>");

        assertThatThrownBy(() -> SourceText.read(preShared(), asymmetric))
                .hasMessageContaining("it is encrypted for a certificate");
    }

    @Test
    @DisplayName("A user of the table whose token is not in the file is left, and is named")
    void read_tokenThatIsMissing_isNamed() throws BadInput {
        Inventory inventory = SourceText.read(source(SERIALS + "1,bob\n", null, null), figure(5));

        assertThat(SourceText.user(inventory, "bob").authenticators().get(0).refusal())
                .hasValue("this token is not in the file");
    }

    @Test
    void read_badTableOfSerialNumbers_saysTheLine() {
        assertThatThrownBy(() -> SourceText.read(source("serial,user\n1,a\n1,b\n", null, null), figure(5)))
                .hasMessageEndingWith("line 3: this serial number was there before");
        assertThatThrownBy(() -> SourceText.read(source("number,user\n1,a\n", null, null), figure(5)))
                .hasMessageEndingWith("line 1: the header names no column serial");
    }

    @Test
    @DisplayName("An entity that names another file is refused, and nothing of that file is shown")
    void read_externalEntity_isRefused() throws IOException, BadInput {
        Path secret = Files.writeString(directory.resolve("secret"), "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=");
        String attack = figure(5)
                .replaceFirst("<!--.*-->", "<!DOCTYPE x [<!ENTITY f SYSTEM \"" + secret.toUri() + "\">]>")
                .replace("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "&f;");

        assertThatThrownBy(() -> SourceText.read(source(SERIALS, null, null), attack))
                .isInstanceOf(BadInput.class)
                .hasMessageContaining("line 2: it has a document type, which is refused")
                .hasMessageNotContaining("MTIz");
    }

    @Test
    @DisplayName("Entities that would fill the memory are refused")
    void read_bombOfEntities_isRefused() throws BadInput {
        StringBuilder types = new StringBuilder("<!DOCTYPE x [<!ENTITY e0 \"x\">");
        for (int i = 1; i < 40; i++) {
            types.append(
                    "<!ENTITY e%d \"%s\">".formatted(i, "&e%d;".formatted(i - 1).repeat(10)));
        }
        String attack = figure(5).replaceFirst("<!--.*-->", types + "]>").replace("MTIzNDU2", "&e39;");

        assertThatThrownBy(() -> SourceText.read(source(SERIALS, null, null), attack))
                .isInstanceOf(BadInput.class);
    }

    @Test
    void read_badFile_saysWhereAndWhy() throws BadInput {
        String figure = figure(5);
        PskcSource source = source(SERIALS, null, null);
        assertThatThrownBy(() -> SourceText.read(source, figure.replace("Version=\"1.0\" Id", "Version=\"2.0\" Id")))
                .hasMessageEndingWith("it is no KeyContainer of RFC 6030 with the version 1.0");
        assertThatThrownBy(() -> SourceText.read(source, figure.replace("</KeyContainer>", "")))
                .hasMessageMatching(".*: line [0-9]+: it is not XML");
        assertThatThrownBy(() -> SourceText.read(source, "<a/>")).hasMessageContaining("it is no KeyContainer");
    }
}
