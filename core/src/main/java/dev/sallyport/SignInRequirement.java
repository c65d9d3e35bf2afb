// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

/** What a sign-in still needs after the password. */
public sealed interface SignInRequirement {

    /** A code, to be checked by {@link TwoFactor#verify}. */
    record CodeRequired() implements SignInRequirement {}

    /**
     * Nothing: the user has remembered this browser. It stands in for the code at sign-in only and is never a proof.
     *
     * @param browser which one it is
     */
    record RememberedBrowser(BrowserId browser) implements SignInRequirement {}

    /** Nothing: two-factor authentication is not on for this user. */
    record NotEnrolled() implements SignInRequirement {}
}
