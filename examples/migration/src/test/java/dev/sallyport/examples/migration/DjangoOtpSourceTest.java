// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DjangoOtpSourceTest {
    private static final DjangoOtpSource SOURCE = new DjangoOtpSource();
    private static final String KEY = "3132333435363738393031323334353637383930";
    private static final String ALICE =
            "{\"model\":\"accounts.member\",\"pk\":7,\"fields\":{\"password\":\"!\",\"last_login\":null,"
                    + "\"email\":\"alice\"}}";

    private static String totp(String user, String fields) {
        return "{\"model\":\"otp_totp.totpdevice\",\"pk\":1,\"fields\":{\"user\":" + user
                + ",\"name\":\"default\",\"confirmed\":true," + fields + "}}";
    }

    private static String usual(String user) {
        return totp(user, "\"key\":\"" + KEY + "\",\"step\":30,\"t0\":0,\"digits\":6,\"drift\":0,\"last_t\":55000000");
    }

    @Test
    void read_sample_hasThePrimaryKeysAndCountsWhatStaysBehind() throws BadInput {
        Inventory inventory = SOURCE.read(Sample.djangoOtp().file());

        assertThat(inventory.identity().permanent()).isTrue();
        assertThat(SourceText.user(inventory, "alice").id()).isEqualTo("1");
        assertThat(SourceText.user(inventory, "alice").leftBehind()).containsEntry("static tokens", 2);
        assertThat(SourceText.user(inventory, "alice").authenticators().get(0).isLastStepUnknown())
                .isFalse();
        assertThat(SourceText.user(inventory, "bob").authenticators().get(0).drift())
                .isEqualTo(-3);
        assertThat(SourceText.user(inventory, "carol").hadNoSecondFactor()).isTrue();
        assertThat(SourceText.user(inventory, "dave").leftBehind()).containsEntry("static tokens", 1);
        assertThat(SourceText.user(inventory, "erin").leftBehind())
                .containsEntry("devices of the kind otp_email.emaildevice", 1);
        assertThat(inventory.notes()).containsValue(1);
    }

    @Test
    void read_dumpWithANaturalKey_looksUpThePrimaryKey() throws BadInput {
        Inventory inventory = SourceText.read(SOURCE, "[" + ALICE + "," + usual("[\"alice\"]") + "]");

        assertThat(SourceText.user(inventory, "alice").id()).isEqualTo("7");
        assertThat(SourceText.only(inventory).refusal()).isEmpty();
    }

    @Test
    void read_dumpWithANaturalKeyAndWithoutUsers_isRefused() {
        assertThatThrownBy(() -> SourceText.read(SOURCE, "[" + usual("[\"alice\"]") + "]"))
                .hasMessage(
                        "$[0].fields.user: it names its user and not the primary key: dump without --natural-foreign");
    }

    @Test
    void read_dumpWithoutUsers_namesThemByTheirKeys() throws BadInput {
        Inventory inventory = SourceText.read(SOURCE, "[" + usual("\"0d5f-uuid\"") + "]");

        assertThat(SourceText.user(inventory, "0d5f-uuid").id()).isEqualTo("0d5f-uuid");
    }

    @Test
    void read_deviceThatCannotBeUsed_isRefused() throws BadInput {
        assertThat(SourceText.refusal(SOURCE, "[" + usual("7").replace(KEY, "zz" + KEY) + "]"))
                .hasValueSatisfying(text -> assertThat(text).contains("its secret is not hexadecimal"));
        assertThat(SourceText.refusal(SOURCE, "[" + usual("7").replace("\"digits\":6", "\"digits\":10") + "]"))
                .hasValueSatisfying(text -> assertThat(text).contains("digits"));
        assertThat(SourceText.refusal(SOURCE, "[" + usual("7").replace("\"step\":30", "\"step\":0") + "]"))
                .hasValueSatisfying(text -> assertThat(text).contains("period"));
        assertThat(SourceText.refusal(SOURCE, "[" + usual("7").replace("otp_totp.totp", "otp_hotp.hotp") + "]"))
                .hasValue("it is counter-based and has no counter");
    }

    @Test
    void read_lastTOfMinusOne_isUnknown() throws BadInput {
        String text = "[" + usual("7").replace("55000000", "-1") + "]";

        assertThat(SourceText.only(SourceText.read(SOURCE, text)).isLastStepUnknown())
                .isTrue();
    }

    @Test
    void read_badFile_saysWhereAndWhy() {
        assertThatThrownBy(() -> SourceText.read(SOURCE, "[" + ALICE + "]"))
                .hasMessageContaining("it has no device of django-otp");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "{}")).hasMessage("$: a list is expected here");
        assertThatThrownBy(() -> SourceText.read(SOURCE, "[{\"pk\":1}]")).hasMessage("$[0]: it has no \"model\"");
        assertThatThrownBy(() -> SourceText.read(
                        SOURCE, "[{\"model\":\"otp_static.statictoken\",\"pk\":1,\"fields\":{\"device\":9}}]"))
                .hasMessageContaining("its device is not in the dump");
    }
}
