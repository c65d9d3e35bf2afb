// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.VerificationResult.Verified;
import dev.sallyport.otp.SharedSecret;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** What must not be read anywhere, in every form that somebody could write it in. */
final class Secrets {
    private final Set<String> forms = new TreeSet<>();

    /** A code, token or text, with its separators and without. */
    String add(String secret) {
        forms.add(lower(secret));
        forms.add(lower(secret.replace("-", "").replace(" ", "")));
        return secret;
    }

    byte[] add(byte[] secret) {
        forms.add(HexFormat.of().formatHex(secret));
        forms.add(lower(Base64.getEncoder().withoutPadding().encodeToString(secret)));
        forms.add(lower(Base64.getUrlEncoder().withoutPadding().encodeToString(secret)));
        forms.add(Arrays.toString(secret));
        return secret;
    }

    SharedSecret add(SharedSecret secret) {
        add(secret.toBytes());
        add(secret.toBase32());
        return secret;
    }

    PendingEnrollment add(PendingEnrollment pending) {
        add(pending.keyUri().secret());
        add(pending.keyUri().toUriString());
        add(pending.secretForTyping());
        add(pending.handle().value());
        return pending;
    }

    Challenge add(Challenge challenge) {
        add(challenge.value());
        return challenge;
    }

    /** A stamp, and its epoch alone, which is as good as the stamp. */
    TrustStamp add(TrustStamp stamp) {
        add(stamp.value());
        add(stamp.value().split("\\.", -1)[1]);
        return stamp;
    }

    /** A proof's stamp and the token that came with it. */
    Verified add(Verified proof) {
        add(proof.stamp());
        proof.browserToken().ifPresent(token -> {
            add(token.value());
            add(token.setCookie());
        });
        return proof;
    }

    /** Which of them a text shows. */
    List<String> shownBy(String text) {
        String lower = lower(text);
        return forms.stream().filter(lower::contains).toList();
    }

    void assertNoneIn(String where, String text) {
        assertThat(shownBy(text)).as("%s, which is %s", where, text).isEmpty();
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
