// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.cluster;

import java.util.Arrays;
import java.util.List;

/** What a client was told, by which node and under which current key. */
record Reply(String node, String keyId, Word word, String rest) {

    /** The first word of an answer. */
    enum Word {
        VERIFIED,
        REJECTED,
        LOCKED,
        /** Trust ended between the two calls of a sign-in. */
        SIGN_IN_AGAIN,
        NO_CODE_REQUIRED,
        CODES,
        STALE,
        /** The node could not say. */
        FAILED,
        /** The node was killed before it had answered: it may have been done, or not. */
        UNKNOWN
    }

    static Reply of(Line line, String text) {
        String[] parts = text.split(" ", 2);
        return new Reply(line.node(), line.keyId(), Word.valueOf(parts[0]), parts.length == 1 ? "" : parts[1]);
    }

    boolean is(Word... words) {
        return Arrays.asList(words).contains(word);
    }

    static List<Reply> only(List<Reply> replies, Word... words) {
        return replies.stream().filter(reply -> reply.is(words)).toList();
    }

    /** Without proofs and backup codes. */
    @Override
    public String toString() {
        return node + ": " + word + (is(Word.LOCKED, Word.FAILED) ? " " + rest : "");
    }
}
