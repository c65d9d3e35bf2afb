// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.Optional;

/** What a sign-in still needs after the password. */
public sealed interface SignInRequirement {

    /**
     * A code. The user is not signed in yet: keep the challenge in the session, and nothing that signs the user in.
     *
     * @param challenge what {@link TwoFactor#verify} takes with the code; good for 10 minutes
     */
    record CodeRequired(Challenge challenge) implements SignInRequirement {}

    /**
     * No code: the user has remembered this browser, or two-factor authentication is off.
     *
     * @param stamp what the session rests on; keep it in the session
     * @param browser the remembered browser; empty if two-factor authentication is off
     */
    record NoCodeRequired(TrustStamp stamp, Optional<BrowserId> browser) implements SignInRequirement {}
}
