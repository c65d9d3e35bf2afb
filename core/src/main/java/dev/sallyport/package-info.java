// SPDX-License-Identifier: Apache-2.0

/**
 * Two-factor authentication for a Java application's own login.
 *
 * <p>There are two doors. {@link dev.sallyport.TwoFactor} is the one for applications: it keeps an encrypted record for
 * each user in a store, remembers used codes, counts failures before it answers, and gives a proof where others give a
 * boolean. {@link dev.sallyport.otp} is for those who want the two RFCs and keep the rest themselves.
 *
 * <p>Of what is public here, the application developer needs {@code TwoFactor} and the results of its calls; an operator
 * {@code TwoFactorPolicy}, {@code KeyRing} and {@code TwoFactorListener}. Reviewers find each rule in the record that it
 * is about ({@code Account}, {@code Authenticator}, {@code Limits}, {@code FailureBudget}, {@code BackupCodeSet}, {@code
 * RememberedBrowser}, {@code PendingSlot}), without a store or a clock in it; the one compare-and-set loop in {@code
 * Records}; the encryption in {@code Sealer}.
 */
@NullMarked
package dev.sallyport;

import org.jspecify.annotations.NullMarked;
