// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static dev.sallyport.examples.migration.SourceText.RFC_BASE32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class CxfSourceTest {
    private static final CxfSource SOURCE = new CxfSource(Optional.empty());

    private static String export(String... credentials) {
        return "{\"version\":{\"major\":1,\"minor\":0},\"accounts\":[{\"id\":\"dg\",\"username\":\"owner\",\"items\":[{"
                + "\"id\":\"aQ\",\"title\":\"t\",\"credentials\":[" + String.join(",", credentials) + "]}]}]}";
    }

    private static String totp(String more) {
        return "{\"type\":\"totp\",\"secret\":\"" + RFC_BASE32 + "\",\"period\":30,\"digits\":6" + more + "}";
    }

    @Test
    void read_sample_takesTheUsersOfOneIssuer() throws BadInput {
        Inventory inventory =
                new CxfSource(Optional.of("acme")).read(Sample.cxf().file());

        assertThat(inventory.users())
                .extracting(OldUser::name)
                .containsExactly("alice@acme.example", "bob@acme.example");
        assertThat(inventory.notes())
                .containsEntry("authenticators of other issuers, skipped", 1)
                .containsEntry("authenticators with an unknown algorithm, skipped", 1)
                .containsEntry("passkeys, which stay in the vaults", 1);
    }

    @Test
    @DisplayName("alice at one issuer need not be alice at another")
    void read_severalIssuers_asksWhose() {
        assertThatThrownBy(() -> SOURCE.read(Sample.cxf().file()))
                .hasMessageContaining("accounts at 2 issuers (Acme, Elsewhere): say with --from-issuer");
    }

    @Test
    void read_credentialWithoutAUserName_belongsToTheOwnerOfTheVault() throws BadInput {
        Inventory inventory = SourceText.read(SOURCE, export(totp(",\"algorithm\":\"sha1\"")));

        assertThat(SourceText.user(inventory, "owner").authenticators()).hasSize(1);
    }

    @Test
    void read_sameCredentialInTwoItems_countsOnce() throws BadInput {
        String one = totp(",\"algorithm\":\"sha1\"");
        Inventory inventory = SourceText.read(SOURCE, export(one, one));

        assertThat(SourceText.only(inventory).refusal()).isEmpty();
        assertThat(inventory.notes()).containsEntry("duplicates, counted once", 1);
    }

    @Test
    void read_credentialThatCannotBeUsed_isRefused() throws BadInput {
        assertThat(SourceText.refusal(SOURCE, export(totp(",\"algorithm\":\"sm3\""))))
                .hasValue("its algorithm is none of SHA1, SHA256 and SHA512");
        assertThat(SourceText.refusal(
                        SOURCE, export(totp(",\"algorithm\":\"sha1\"").replace("GEZD", "0EZD"))))
                .hasValueSatisfying(text -> assertThat(text).contains("character 1"));
        assertThat(SourceText.refusal(
                        SOURCE, export(totp(",\"algorithm\":\"sha1\"").replace(":30", ":-30"))))
                .hasValueSatisfying(text -> assertThat(text).contains("period"));
    }

    @Test
    void read_badFile_saysWhereAndWhy() {
        assertThatThrownBy(() -> SourceText.read(SOURCE, "{\"version\":{\"major\":2},\"accounts\":[]}"))
                .hasMessageContaining("$.version.major: only version 1 of the format is known");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "{\"accounts\":[]}")).hasMessage("$: it has no \"version\"");
        assertThatThrownBy(() -> SourceText.read(SOURCE, export(totp(""))))
                .hasMessage("$.accounts[0].items[0].credentials[0]: it has no \"algorithm\"");
    }
}
