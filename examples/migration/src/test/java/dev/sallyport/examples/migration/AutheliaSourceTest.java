// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class AutheliaSourceTest {
    private static final AutheliaSource SOURCE = new AutheliaSource();

    private static String export(String secret, String algorithm, String digits) {
        return "totp_configurations:\n    - username: alice\n      issuer: acme\n      algorithm: " + algorithm
                + "\n      digits: " + digits + "\n      period: 30\n      secret: " + secret + "\n";
    }

    @Test
    void read_sample_hasTheLoginNames() throws BadInput {
        Inventory inventory = SOURCE.read(Sample.authelia().file());

        assertThat(inventory.identity().permanent()).isFalse();
        assertThat(inventory.users()).extracting(OldUser::name).containsExactly("alice", "bob");
        assertThat(inventory.users()).extracting(OldUser::id).containsOnlyNulls();
    }

    @Test
    void read_configurationThatCannotBeUsed_isRefused() throws BadInput {
        String secret = "R0VaREdOQlZHWTNUUU9KUUdFWkRHTkJWR1kzVFFPSlE=";
        assertThat(SourceText.refusal(SOURCE, export(secret, "SHA1", "6"))).isEmpty();
        assertThat(SourceText.refusal(SOURCE, export("GEZDGNBVGY3TQOJQ-", "SHA1", "6")))
                .hasValue("its secret is not the Base64 of a Base32 text");
        assertThat(SourceText.refusal(SOURCE, export("MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=", "SHA1", "6")))
                .hasValueSatisfying(text -> assertThat(text).contains("Base32"));
        assertThat(SourceText.refusal(SOURCE, export(secret, "SHA3", "6")))
                .hasValue("its algorithm is none of SHA1, SHA256 and SHA512");
        assertThat(SourceText.refusal(SOURCE, export(secret, "SHA1", "12")))
                .hasValueSatisfying(text -> assertThat(text).contains("digits"));
    }

    @Test
    void read_badFile_saysWhereAndWhy() {
        assertThatThrownBy(() -> SourceText.read(SOURCE, "webauthn_credentials: []"))
                .hasMessage("$: it has no \"totp_configurations\"");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "totp_configurations:\n  - secret: x\n"))
                .hasMessage("$.totp_configurations[0]: it has no \"username\"");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "totp_configurations: [R0VaREdO\n  \"x"))
                .hasMessageContaining("it is not YAML from line ")
                .hasMessageNotContaining("R0VaREdO");
    }

    @Test
    @DisplayName("Aliases that would fill the memory are refused")
    void read_bombOfAliases_isRefused() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [".formatted(i, i))
                    .append("*a%d, ".formatted(i - 1).repeat(8))
                    .append("*a%d]\n".formatted(i - 1));
        }
        bomb.append("totp_configurations: *a29\n");

        assertThatThrownBy(() -> SourceText.read(SOURCE, bomb.toString())).isInstanceOf(BadInput.class);
    }
}
