// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.VerificationResult.Verified;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** Proofs as text, which only holders of the key ring can make or read: URL-safe Base64 of what {@link Sealer} gives. */
final class SealedProofs {
    private static final int MAX_LENGTH = 512;

    private final Sealer sealer;
    private final byte[] issuer;

    SealedProofs(Sealer sealer, String issuer) {
        this.sealer = sealer;
        this.issuer = issuer.getBytes(UTF_8);
    }

    String seal(Verified proof, Call call) {
        byte[] by = proof.authenticator()
                .map(id -> HexFormat.of().parseHex(id.value()))
                .orElse(new byte[0]);
        byte[] plaintext = ByteBuffer.allocate(3 * Long.BYTES + 1 + by.length)
                .putLong(proof.trust().recordId())
                .putLong(proof.trust().epoch())
                .putLong(proof.at().toEpochMilli())
                .put((byte) proof.backupCodesLeft())
                .put(by)
                .array();
        byte[] nonce = call.draw().take(Sealer.NONCE_BYTES);
        byte[] sealed = sealer.seal(Sealer.Purpose.PROOF, call.user(), issuer, plaintext, nonce);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
    }

    /** Empty for whatever is not a proof of this user that is still in time. */
    Optional<Verified> unseal(String text, Call call) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            byte[] sealed = Base64.getUrlDecoder().decode(text);
            ByteBuffer in = ByteBuffer.wrap(sealer.open(Sealer.Purpose.PROOF, call.user(), issuer, sealed));
            Trust trust = new Trust(call.realm(), in.getLong(), in.getLong());
            Instant at = Instant.ofEpochMilli(in.getLong());
            int backupCodesLeft = Byte.toUnsignedInt(in.get());
            byte[] by = new byte[in.remaining()];
            in.get(by);
            AuthenticatorId authenticator =
                    by.length == 0 ? null : new AuthenticatorId(HexFormat.of().formatHex(by));
            Verified proof = new Verified(trust, call.user(), at, authenticator, backupCodesLeft);
            Account.requireInTime(proof, call);
            return Optional.of(proof);
        } catch (IllegalArgumentException
                | BufferUnderflowException
                | StaleProofException
                | UnreadableRecordException e) {
            return Optional.empty();
        }
    }
}
