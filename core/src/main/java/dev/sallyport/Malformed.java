// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/**
 * The input does not look like a code. It was not compared and not counted, and the store was not read. A code has 6 to
 * 8 digits, a backup code 24 letters and digits, a temporary code 16.
 */
public record Malformed() implements VerificationResult, EnrollmentResult {}
