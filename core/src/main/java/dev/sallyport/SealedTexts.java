// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.Sealer.Purpose;
import dev.sallyport.VerificationResult.Method;
import dev.sallyport.VerificationResult.Verified;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Challenges, enrollment handles and proofs as text that only holders of the current key can make or read. Each text is
 * sealed under its own key, which is derived with the 16 random bytes at its start. It is not enough that a text opens:
 * the record decides whether the trust that it rests on still holds.
 */
final class SealedTexts {
    private static final int SUBJECT_BYTES = 16;
    private static final int MAX_TEXT_LENGTH = 2048;
    private static final int MAX_PLAINTEXT_BYTES = 1400;

    /** The content of a challenge: the user whose password was checked, the trust, the time and the browser. */
    record SignIn(UserId user, TrustStamp restsOn, Instant issued, Browser browser) {}

    /** The content of a handle: the pending enrollment, and the browser that becomes known with its confirmation. */
    record Enrollment(UserId user, String pendingId, Browser browser) {}

    private final Sealer sealer;
    private final byte[] issuer;
    private final Bytes realm;
    private final SecureRandom random;

    SealedTexts(Sealer sealer, String issuer, Bytes realm, SecureRandom random) {
        this.sealer = sealer;
        this.issuer = issuer.getBytes(UTF_8);
        this.realm = realm;
        this.random = random;
    }

    String seal(SignIn signIn) {
        ByteBuffer out = ByteBuffer.allocate(MAX_PLAINTEXT_BYTES);
        put(out, signIn.user().value());
        put(out, signIn.restsOn().value());
        out.putLong(signIn.issued().toEpochMilli());
        put(out, signIn.browser());
        return seal(Purpose.CHALLENGE, out);
    }

    @Nullable
    SignIn openChallenge(String text) {
        return open(
                Purpose.CHALLENGE,
                text,
                in -> new SignIn(
                        UserId.of(getText(in)),
                        TrustStamp.of(getText(in)),
                        Instant.ofEpochMilli(in.getLong()),
                        getBrowser(in)));
    }

    String seal(Enrollment enrollment) {
        ByteBuffer out = ByteBuffer.allocate(MAX_PLAINTEXT_BYTES);
        put(out, enrollment.user().value());
        put(out, enrollment.pendingId());
        put(out, enrollment.browser());
        return seal(Purpose.ENROLLMENT, out);
    }

    @Nullable
    Enrollment openHandle(String text) {
        return open(
                Purpose.ENROLLMENT, text, in -> new Enrollment(UserId.of(getText(in)), getText(in), getBrowser(in)));
    }

    String seal(Verified proof) {
        ByteBuffer out = ByteBuffer.allocate(MAX_PLAINTEXT_BYTES);
        put(out, proof.user().value());
        out.putLong(proof.recordId()).putLong(proof.at().toEpochMilli());
        put(out, proof.method().name());
        put(out, proof.authenticator().map(AuthenticatorId::value).orElse(""));
        put(out.put((byte) proof.backupCodesLeft()), proof.stamp().value());
        return seal(Purpose.PROOF, out);
    }

    @Nullable
    Verified openProof(String text) {
        return open(Purpose.PROOF, text, in -> {
            UserId user = UserId.of(getText(in));
            long recordId = in.getLong();
            Instant at = Instant.ofEpochMilli(in.getLong());
            Method method = Method.valueOf(getText(in));
            String id = getText(in);
            AuthenticatorId authenticator = id.isEmpty() ? null : new AuthenticatorId(id);
            int codesLeft = Byte.toUnsignedInt(in.get());
            TrustStamp stamp = TrustStamp.of(getText(in));
            return new Verified(realm, recordId, user, at, method, authenticator, codesLeft, stamp, null);
        });
    }

    private String seal(Purpose purpose, ByteBuffer plaintext) {
        byte[] subject = new byte[SUBJECT_BYTES];
        random.nextBytes(subject);
        byte[] bytes = new byte[plaintext.flip().remaining()];
        plaintext.get(bytes);
        byte[] sealed = sealer.keyOf(purpose, subject).seal(issuer, bytes);
        byte[] whole = ByteBuffer.allocate(SUBJECT_BYTES + sealed.length)
                .put(subject)
                .put(sealed)
                .array();
        return Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
    }

    /** Null if the text was not sealed for this purpose under the current key. */
    private <T> @Nullable T open(Purpose purpose, String text, Function<ByteBuffer, T> reader) {
        if (text.length() > MAX_TEXT_LENGTH) {
            return null;
        }
        try {
            byte[] whole = Base64.getUrlDecoder().decode(text);
            byte[] subject = Arrays.copyOf(whole, SUBJECT_BYTES);
            byte[] sealed = Arrays.copyOfRange(whole, Math.min(SUBJECT_BYTES, whole.length), whole.length);
            return sealer.isUnderCurrentKey(sealed)
                    ? reader.apply(
                            ByteBuffer.wrap(sealer.keyOf(purpose, subject).open(issuer, sealed)))
                    : null;
        } catch (IllegalArgumentException | BufferUnderflowException | UnreadableRecordException e) {
            return null;
        }
    }

    private static void put(ByteBuffer out, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        out.putShort((short) bytes.length).put(bytes);
    }

    private static String getText(ByteBuffer in) {
        byte[] bytes = new byte[Math.min(Short.toUnsignedInt(in.getShort()), in.remaining())];
        in.get(bytes);
        return new String(bytes, UTF_8);
    }

    private static void put(ByteBuffer out, Browser browser) {
        put(out, browser.label() == null ? "" : browser.label());
        put(out, String.join(".", browser.tokens()));
    }

    private static Browser getBrowser(ByteBuffer in) {
        String label = getText(in);
        String joined = getText(in);
        List<String> tokens = joined.isEmpty() ? List.of() : List.of(joined.split("\\.", -1));
        return new Browser(tokens, label.isEmpty() ? null : label);
    }
}
