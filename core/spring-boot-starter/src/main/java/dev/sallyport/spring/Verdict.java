// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.spring;

import dev.sallyport.Challenge;
import dev.sallyport.TrustStamp;
import dev.sallyport.UserId;
import org.jspecify.annotations.Nullable;

/** What the gate says about an Authentication. */
sealed interface Verdict {
    /**
     * The sign-in is complete.
     *
     * @param user whose stamp it is; null where nothing was judged
     * @param stamp what the sign-in rests on; null where it is exempt
     */
    record Pass(@Nullable UserId user, @Nullable TrustStamp stamp) implements Verdict {
        static final Pass EXEMPT = new Pass(null, null);
    }

    /** A code is missing. */
    record CodeDue(UserId user, Challenge challenge) implements Verdict {}

    /** The trust that the sign-in rested on has ended. */
    record Ended() implements Verdict {}

    /** Nobody can tell now. Nobody gets in, and nothing is lost. */
    record Failed(Problem problem) implements Verdict {}
}
