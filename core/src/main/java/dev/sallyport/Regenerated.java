// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import dev.sallyport.VerificationResult.Verified;

/**
 * What {@link TwoFactor#regenerateBackupCodes} returns.
 *
 * @param codes the new codes, to be shown now
 * @param proof the proof to go on with, with the time of the one given; keep its stamp in the session
 */
public record Regenerated(BackupCodes codes, Verified proof) {}
