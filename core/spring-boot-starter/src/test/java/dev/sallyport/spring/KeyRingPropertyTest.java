// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingPropertyTest {
    private static final String KEY = Hosts.key(1);
    private static final String OTHER = Hosts.key(2);

    private static String refusal(String... entries) {
        ConfigurationException refused =
                catchThrowableOfType(ConfigurationException.class, () -> KeyRingProperty.read(List.of(entries)));
        String all = refused.problem() + " " + refused.action() + " " + refused;
        assertThat(all).contains("sallyport.encryption-keys").contains("openssl rand -base64 32");
        assertThat(refused.getCause()).isNull();
        for (String secret : List.of(KEY, OTHER, KEY.substring(0, 20), OTHER.substring(0, 20))) {
            assertThat(all).doesNotContain(secret);
        }
        return refused.problem();
    }

    @Test
    void read_firstEntry_isTheCurrentKey() {
        assertThat(KeyRingProperty.read(List.of(" 2026-11 : " + KEY + " ", "2025:" + OTHER)))
                .hasToString("KeyRing[current=2026-11, previous=[2025]]");
    }

    @Test
    void read_nameWithAColon_endsAtTheLastOne() {
        assertThat(KeyRingProperty.read(List.of("urn:acme:1:" + KEY)))
                .hasToString("KeyRing[current=urn:acme:1, previous=[]]");
    }

    @Test
    void read_noEntry_saysThatThePropertyIsMissing() {
        assertThat(refusal()).isEqualTo("The property sallyport.encryption-keys is missing.");
    }

    @Test
    void read_keyWithoutAName_saysWhichEntry() {
        assertThat(refusal("2026-11:" + KEY, OTHER)).startsWith("Entry 2 of sallyport.encryption-keys has no colon.");
    }

    @Test
    void read_emptyKey_asksForTheEnvironmentVariable() {
        assertThat(refusal("2026-11:"))
                .isEqualTo(
                        "Entry 1 of sallyport.encryption-keys, the key 2026-11, is empty. Is the environment variable"
                                + " set?");
    }

    @Test
    void read_shortKey_saysHowManyBytesThereAre() {
        assertThat(refusal("2026-11:c2hvcnQ="))
                .isEqualTo(
                        "Entry 1 of sallyport.encryption-keys, the key 2026-11, is not valid: an encryption key has 32"
                                + " bytes, not 5.");
    }

    @Test
    void read_keyThatIsNotBase64_doesNotShowIt() {
        assertThat(refusal("2026-11:" + KEY + "!")).contains("the key 2026-11,").contains("Base64 of 32 bytes");
    }

    @Test
    void read_nameAndKeyInTheWrongOrder_doesNotShowTheKey() {
        assertThat(refusal(KEY + ":2026-11")).startsWith("Entry 1").contains("does not begin with the name of a key");
    }

    @Test
    void read_keyInThePlaceOfTheName_isRefused() {
        assertThat(refusal(KEY + ":" + OTHER)).contains("does not begin with the name of a key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words", "schl\u00fcssel"})
    void read_nameThatIsNone_isRefused(String name) {
        assertThat(refusal(name + ":" + KEY)).contains("does not begin with the name of a key");
    }

    @Test
    void read_twoKeysWithOneName_saysWhich() {
        assertThat(refusal("2026-11:" + KEY, "2026-11:" + OTHER))
                .startsWith("Entry 2 of sallyport.encryption-keys, the key 2026-11, has the name of another entry.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sallyport.encryption-keys",
                "sallyport.encryption-keys[0]",
                "sallyport.encryptionKeys[1]",
                "SALLYPORT_ENCRYPTIONKEYS_0",
                "SALLYPORT_KEY"
            })
    void isKeyOf_eachSpelling_isRecognized(String name) {
        assertThat(KeyRingProperty.isKeyOf(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sallyport.issuer", "spring.datasource.key", "keys"})
    void isKeyOf_others_areNot(String name) {
        assertThat(KeyRingProperty.isKeyOf(name)).isFalse();
    }
}
