// SPDX-License-Identifier: Apache-2.0

import java.time.Instant;
import java.util.List;

/** One node of an application, on one version of the library. All values are texts, which both versions know. */
public interface Node {
    /** Sets the clock. */
    void at(Instant now);

    /** Begins an enrollment. Returns the handle and the key URI. */
    List<String> begin(String user);

    /** Confirms an enrollment. Returns the stamp, and after it the backup codes. */
    List<String> confirm(String handle, String code);

    /** Asks after the password. Returns "free" and the stamp, or "code" and the challenge. */
    List<String> ask(String user, String cookieHeader);

    /** Verifies a code. Returns the kind of the result; after a right code also the stamp and the browser's cookie. */
    List<String> verify(String challenge, String code, boolean remember);

    boolean isCurrent(String user, String stamp);

    /** Signs in with a code and disables. */
    void disable(String challenge, String code);

    /** A code from a key URI. */
    String codeOf(String keyUri, Instant at);
}
