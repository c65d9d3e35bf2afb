// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTest {

    @Test
    void escape_printableAscii_isKept() {
        assertThat(Text.escape("~ a-Z_09 {\"k\": 1}")).isEqualTo("~ a-Z_09 {\"k\": 1}");
    }

    @Test
    void escape_anythingElse_isItsNumberInHexadecimal() {
        assertThat(Text.escape("a\r\nb")).isEqualTo("a\\u000d\\u000ab");
        assertThat(Text.escape("\u001b\u007f")).isEqualTo("\\u001b\\u007f");
        assertThat(Text.escape("\u00e9\u2028\ud83d\ude00")).isEqualTo("\\u00e9\\u2028\\ud83d\\ude00");
    }

    /** Otherwise a text could look like one that was escaped. */
    @Test
    void escape_aBackslash_isEscapedToo() {
        assertThat(Text.escape("\\u000a")).isEqualTo("\\u005cu000a");
    }
}
