// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.Optional;

/** What a sign-in still needs after the password. */
public sealed interface SignInRequirement {

    /**
     * The sign-in needs a code. The user is not signed in yet. Keep the challenge in the session. Do not keep anything
     * there that signs the user in.
     *
     * @param challenge what {@link TwoFactor#verify} takes with the code; good for 10 minutes
     */
    record CodeRequired(Challenge challenge) implements SignInRequirement {}

    /**
     * The sign-in needs no code, because the user has remembered this browser or two-factor authentication is off.
     *
     * @param stamp what the session rests on; keep it in the session
     * @param browser the remembered browser; empty if two-factor authentication is off
     */
    record NoCodeRequired(TrustStamp stamp, Optional<BrowserId> browser) implements SignInRequirement {}
}
