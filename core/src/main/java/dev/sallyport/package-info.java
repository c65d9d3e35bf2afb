// SPDX-License-Identifier: Apache-2.0

/**
 * Two-factor authentication for an application's own login. {@link dev.sallyport.TwoFactor} is the front door; {@link
 * dev.sallyport.otp} is the side door for those who want only the RFCs, without storage.
 *
 * <p>The choice behind everything: one account is one encrypted record, and every call is one compare-and-set on it.
 * Replay watermark, failure counts, backup codes and browsers change together or not at all, on any store and from any
 * number of nodes. No answer leaves before the count is committed.
 *
 * <p>The map of the house, a line a room:
 *
 * <ul>
 *   <li>Doors: {@code TwoFactor} for applications, {@code Operator} for support desks, {@code Reencryption} and {@code
 *       RecordCheck} for key rotation and start-up.
 *   <li>What a caller brings: {@code UserId}, {@code Browser}, {@code EnrollmentRequest}, {@code
 *       ExistingAuthenticator}.
 *   <li>Capabilities, which only Sallyport makes: {@code Challenge}, {@code EnrollmentHandle}, {@code Verified}, {@code
 *       TrustStamp}, {@code BrowserToken}.
 *   <li>Answers: {@code SignInRequirement}, {@code VerificationResult}, {@code EnrollmentResult}, {@code
 *       TwoFactorStatus}, {@code TwoFactorEvent}.
 *   <li>Numbers: {@code TwoFactorPolicy} has the ten that an application can choose, and the others with their reasons.
 *   <li>The loop: {@code Accounts} finds, opens, lets a rule decide, commits and publishes.
 *   <li>Rules: {@code Account} and its parts {@code Authenticator}, {@code BackupCodeSet}, {@code KnownBrowser}, {@code
 *       Limits}, {@code FailureRow}, {@code FailureBudget}, {@code PendingSlot}. The enum {@code Account.Act} says
 *       which acts end what.
 *   <li>Typed text: {@code TypedCode} makes one canonical form before anything looks at it; {@code Crockford} is the
 *       alphabet of backup codes.
 *   <li>The record: {@code AccountCodec} writes an account as bytes, {@code Sealer} encrypts them, {@code SealedTexts}
 *       does the same for challenges, handles and proofs.
 * </ul>
 */
@NullMarked
package dev.sallyport;

import org.jspecify.annotations.NullMarked;
