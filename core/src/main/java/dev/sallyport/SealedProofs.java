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
    private static final int PLAINTEXT_BYTES = 3 * Long.BYTES + 2 + Long.BYTES;
    private static final byte BY_ONE_TIME_CODE = 1;
    private static final byte BY_BACKUP_CODE = 2;

    private final Sealer sealer;
    private final byte[] issuer;

    SealedProofs(Sealer sealer, String issuer) {
        this.sealer = sealer;
        this.issuer = issuer.getBytes(UTF_8);
    }

    String seal(Verified proof, Call call) {
        ByteBuffer out = ByteBuffer.allocate(PLAINTEXT_BYTES)
                .putLong(proof.recordId())
                .putLong(proof.trustEpoch())
                .putLong(proof.at().toEpochMilli())
                .put((byte) proof.backupCodesLeft());
        proof.authenticator()
                .ifPresentOrElse(
                        id -> out.put(BY_ONE_TIME_CODE).put(HexFormat.of().parseHex(id.value())),
                        () -> out.put(BY_BACKUP_CODE));
        byte[] sealed = sealer.seal(
                Sealer.Purpose.PROOF,
                proof.user().value(),
                issuer,
                out.array(),
                call.draw().take(Sealer.NONCE_BYTES));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(sealed);
    }

    /** Empty for whatever is not a proof of this user that is still in time. */
    Optional<Verified> unseal(String text, Call call) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        try {
            byte[] sealed = Base64.getUrlDecoder().decode(text);
            ByteBuffer in = ByteBuffer.wrap(
                    sealer.open(Sealer.Purpose.PROOF, call.user().value(), issuer, sealed));
            long recordId = in.getLong();
            long trustEpoch = in.getLong();
            Instant at = Instant.ofEpochMilli(in.getLong());
            int backupCodesLeft = Byte.toUnsignedInt(in.get());
            boolean byOneTimeCode = in.get() == BY_ONE_TIME_CODE;
            byte[] id = new byte[Long.BYTES];
            in.get(id);
            Verified proof = new Verified(
                    call.realm(),
                    call.user(),
                    recordId,
                    trustEpoch,
                    at,
                    byOneTimeCode ? VerificationMethod.ONE_TIME_CODE : VerificationMethod.BACKUP_CODE,
                    byOneTimeCode ? new AuthenticatorId(HexFormat.of().formatHex(id)) : null,
                    backupCodesLeft);
            Account.requireInTime(proof, call);
            return Optional.of(proof);
        } catch (IllegalArgumentException
                | UnreadableRecordException
                | BufferUnderflowException
                | StaleProofException e) {
            return Optional.empty();
        }
    }
}
