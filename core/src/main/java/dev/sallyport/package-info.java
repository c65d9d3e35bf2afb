// SPDX-License-Identifier: Apache-2.0

/**
 * Two-factor authentication for an application's own login. Applications use {@link dev.sallyport.TwoFactor}.
 * Developers who want only the algorithms of the RFCs, without storage, use {@link dev.sallyport.otp}.
 *
 * <p>One choice is behind everything: an account is one encrypted record, and every change is one compare-and-set on
 * it. Therefore the replay watermark, the failure counts, the backup codes and the browsers change together or not at
 * all. This holds on any store and for any number of nodes. No call answers before its count is committed.
 *
 * <p>The classes, by topic:
 *
 * <ul>
 *   <li>Entry points: {@code TwoFactor} for applications, {@code Operator} for support desks, {@code Reencryption} and
 *       {@code RecordCheck} for key rotation and start-up.
 *   <li>Arguments: {@code UserId}, {@code Browser}, {@code EnrollmentRequest}, {@code ExistingAuthenticator}.
 *   <li>Objects that only Sallyport can make: {@code Challenge}, {@code EnrollmentHandle}, {@code Verified}, {@code
 *       TrustStamp}, {@code BrowserToken}.
 *   <li>Results: {@code SignInRequirement}, {@code VerificationResult}, {@code EnrollmentResult}, {@code
 *       TwoFactorStatus}, {@code TwoFactorEvent}.
 *   <li>Numbers: {@code TwoFactorPolicy} has the ten numbers that an application can choose. It also has the fixed
 *       numbers and the reason for each.
 *   <li>The loop: {@code Accounts} finds a record, opens it, lets a rule decide, commits the decision and publishes the
 *       events.
 *   <li>Rules: {@code Account} and its parts {@code Authenticator}, {@code BackupCodeSet}, {@code KnownBrowser}, {@code
 *       Limits}, {@code FailureRow}, {@code FailureBudget}, {@code PendingSlot}. The enum {@code Account.Act} lists the
 *       acts that end trust.
 *   <li>Typed text: {@code TypedCode} brings input into one canonical form before anything else reads it. {@code
 *       Crockford} is the alphabet of backup and temporary codes.
 *   <li>The record: {@code AccountCodec} writes an account as bytes, {@code Sealer} encrypts them, {@code SealedTexts}
 *       does the same for challenges, handles and proofs.
 * </ul>
 */
@NullMarked
package dev.sallyport;

import org.jspecify.annotations.NullMarked;
