// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.VerificationResult.Verified;

/**
 * What {@link TwoFactor#regenerateBackupCodes} returns.
 *
 * @param codes the new codes, which must be shown now
 * @param proof a proof that replaces the given one and has the same time; keep its stamp in the session
 */
public record Regenerated(BackupCodes codes, Verified proof) {}
