// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeycloakSourceTest {
    private static final KeycloakSource SOURCE = new KeycloakSource();
    private static final String SECRET = "{\\\"value\\\":\\\"12345678901234567890\\\"}";

    private static String realm(String secretData, String credentialData) {
        return "{\"realm\":\"acme\",\"users\":[{\"id\":\"u-1\",\"username\":\"alice\",\"credentials\":["
                + "{\"type\":\"otp\","
                + "\"secretData\":\"" + secretData + "\",\"credentialData\":\"" + credentialData + "\"}]}]}";
    }

    private static String totp(String more) {
        return "{\\\"subType\\\":\\\"totp\\\",\\\"digits\\\":6,\\\"counter\\\":0,\\\"period\\\":30,"
                + "\\\"algorithm\\\":\\\"HmacSHA1\\\"" + more + "}";
    }

    @Test
    void read_sample_hasTheIdsOfKeycloakAndCountsWhatStaysBehind() throws BadInput {
        Inventory inventory = SOURCE.read(Sample.keycloak().file());

        assertThat(inventory.identity().permanent()).isTrue();
        assertThat(SourceText.user(inventory, "alice").id()).isEqualTo("f7c9a1d0-1111-4222-8333-000000000001");
        assertThat(SourceText.user(inventory, "alice").leftBehind()).containsEntry("recovery codes", 11);
        assertThat(SourceText.user(inventory, "grace").leftBehind()).containsEntry("security keys and passkeys", 1);
        assertThat(SourceText.user(inventory, "dave").hadNoSecondFactor()).isTrue();
        assertThat(SourceText.user(inventory, "carol").hadNoSecondFactor()).isFalse();
        assertThat(SourceText.user(inventory, "erin").authenticators().get(0).isWeak())
                .isTrue();
    }

    @Test
    void read_fileOfUsersAlone_isReadLikeARealm() throws BadInput {
        String realm = realm(SECRET, totp(""));
        assertThat(SourceText.refusal(SOURCE, "[" + realm + "]")).isEmpty();
        assertThat(SourceText.refusal(SOURCE, realm)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\\\"secretEncoding\\\":\\\"BASE64\\\" | secretEncoding is not BASE32",
                "\\\"secretEncoding\\\":\\\"BASE32\\\" | none of A to Z and 2 to 7",
                "\\\"x\\\":1}} | it is not JSON",
            })
    void read_credentialThatCannotBeRead_isRefusedWithItsPath(String more, String reason) throws BadInput {
        assertThat(SourceText.refusal(SOURCE, realm(SECRET, totp("," + more))))
                .hasValueSatisfying(text -> assertThat(text).contains(reason));
    }

    @Test
    void read_otherFieldsThatCannotBeUsed_areRefused() throws BadInput {
        assertThat(SourceText.refusal(SOURCE, realm(SECRET, totp("").replace("HmacSHA1", "HmacMD5"))))
                .hasValue("its algorithm is none of SHA1, SHA256 and SHA512");
        assertThat(SourceText.refusal(SOURCE, realm(SECRET, totp("").replace(":6", ":9"))))
                .hasValue("its digits is not a whole number from 6 to 8");
        assertThat(SourceText.refusal(SOURCE, realm(SECRET, totp("").replace("totp", "ocra"))))
                .hasValue("its subType is neither totp nor hotp");
        assertThat(SourceText.refusal(SOURCE, realm("{\\\"value\\\":\\\"**********\\\"}", totp(""))))
                .hasValueSatisfying(text -> assertThat(text).contains("masked"));
        assertThat(SourceText.refusal(SOURCE, realm("{}", totp("")))).hasValue("it has no secret");
        assertThat(SourceText.refusal(SOURCE, realm("none", totp(""))))
                .hasValueSatisfying(text -> assertThat(text).startsWith("$.users[0].credentials[0].secretData: "));
        assertThat(SourceText.refusal(SOURCE, realm(SECRET, "{\\\"subType\\\":\\\"hotp\\\",\\\"digits\\\":6}")))
                .hasValue("it is counter-based and has no counter");
        assertThat(SourceText.refusal(SOURCE, realm(SECRET, totp("")).replace("\"otp\"", "\"totp\"")))
                .hasValueSatisfying(text -> assertThat(text).contains("before Keycloak 8"));
    }

    @Test
    void read_unknownType_isASecondFactorThatStaysBehind() throws BadInput {
        Inventory inventory = SourceText.read(SOURCE, realm(SECRET, totp("")).replace("\"otp\"", "\"sms\""));

        assertThat(SourceText.user(inventory, "alice").leftBehind()).containsEntry("credentials of an unknown type", 1);
    }

    @Test
    void read_badFile_saysWhereAndWhy() {
        assertThatThrownBy(() -> SourceText.read(SOURCE, "{\"realm\":\"acme\"}"))
                .hasMessageContaining("no \"users\": export the realm with its users");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "{\"users\":[{\"username\":\"alice\"}]}"))
                .hasMessage("$.users[0]: it has no \"id\"");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "{\"users\":[\n 12345678901234567890abc]}"))
                .hasMessageContaining("it is not JSON from line 2, column")
                .hasMessageNotContaining("abc");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "{\"users\":{}}"))
                .hasMessage("$.users: a list is expected here");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "")).hasMessageContaining("it is empty");
    }
}
