// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyRingTest {
    private static final SecretKey KEY = new SecretKeySpec(new byte[32], "HmacSHA256");

    @ParameterizedTest
    @ValueSource(strings = {"!", "~", "2026-11", "k/1:a"})
    void keyId_ofPrintableAscii_isTaken(String id) {
        assertThat(KeyRing.of(id, KEY).currentId()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a b", "\u007f", "\u00e9", "line\n"})
    void keyId_ofAnythingElse_isRefused(String id) {
        assertThatIllegalArgumentException().isThrownBy(() -> KeyRing.of(id, KEY));
    }

    @Test
    void keyId_of64Characters_isTakenAnd65AreRefused() {
        assertThat(KeyRing.of("k".repeat(64), KEY).currentId()).hasSize(64);
        assertThatIllegalArgumentException().isThrownBy(() -> KeyRing.of("k".repeat(65), KEY));
    }

    @ParameterizedTest
    @ValueSource(strings = {"current", "previous"})
    void withPrevious_idThatIsThere_isRefused(String id) {
        KeyRing ring = KeyRing.of("current", KEY).withPrevious("previous", KEY);

        assertThatIllegalArgumentException().isThrownBy(() -> ring.withPrevious(id, KEY));
    }

    @Test
    void fromBase64_withTheLineFeedOfAFile_isTheKey() {
        assertThatCode(() -> KeyRing.fromBase64("k", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"))
                .doesNotThrowAnyException();
    }
}
