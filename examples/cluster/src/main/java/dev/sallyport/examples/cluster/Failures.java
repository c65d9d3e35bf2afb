// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * How many failures in a row an account has, as far as its owner can know: at least those that were answered, at most those
 * besides whose node was killed before it had answered.
 */
final class Failures {
    private final int free;
    private final Duration wait;
    private int least;
    private int most;

    /**
     * Nothing has failed yet.
     *
     * @param free how many failures there are before attempts have to wait
     * @param wait for how long, after the last of those
     */
    Failures(int free, Duration wait) {
        this.free = free;
        this.wait = wait;
    }

    int least() {
        return least;
    }

    int most() {
        return most;
    }

    boolean areSpent() {
        return least == free;
    }

    /** Ends the row; perhaps some came after. */
    void clear(int perhaps) {
        least = 0;
        most = Math.min(free, perhaps);
    }

    /** Attempts that had to fail, made at one instant; gives what is wrong with their answers. */
    List<String> charge(Instant now, List<Reply> replies) {
        List<String> wrong = new ArrayList<>();
        int answered = Reply.only(replies, Reply.Word.REJECTED).size();
        int unknown = Reply.only(replies, Reply.Word.UNKNOWN, Reply.Word.FAILED).size();
        List<Reply> locked = Reply.only(replies, Reply.Word.LOCKED);
        if (least + answered > free) {
            wrong.add((least + answered) + " failures were answered, and " + free + " are free");
        }
        if (!locked.isEmpty() && most + answered + unknown < free) {
            wrong.add("locked after " + (most + answered + unknown) + " failures at most, and " + free + " are free");
        }
        for (Reply reply : locked) {
            if (!reply.rest().equals(now.plus(wait).toString())) {
                wrong.add("locked until " + reply.rest() + " instead of " + now.plus(wait));
            }
        }
        least = locked.isEmpty() ? Math.min(free, least + answered) : free;
        most = locked.isEmpty() ? Math.min(free, most + answered + unknown) : free;
        return wrong;
    }
}
