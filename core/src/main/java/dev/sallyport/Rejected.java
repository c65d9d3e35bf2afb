// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * The code is wrong, or was used already. Tell the user the same for both: the reason is for the {@link
 * TwoFactorListener}.
 */
public record Rejected() implements VerificationResult, EnrollmentResult {}
