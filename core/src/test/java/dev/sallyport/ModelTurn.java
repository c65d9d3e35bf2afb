// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.List;

/**
 * One turn of a play.
 *
 * @param move what is done
 * @param user whose account it is done to, where it matters
 * @param number chooses a code, a proof or a time by
 * @param trouble what goes wrong with the store
 * @param meanwhile what others do between the read and the write
 */
record ModelTurn(ModelMove move, UserId user, int number, Trouble trouble, List<ModelTurn> meanwhile) {
    enum Trouble {
        NONE,
        NO_READ,
        NO_WRITE,
        ANSWER_OF_WRITE_LOST
    }

    ModelTurn(ModelMove move, UserId user, int number) {
        this(move, user, number, Trouble.NONE, List.of());
    }

    /** One of these, by the number. */
    <T> T oneOf(List<T> choice) {
        return choice.get(number % choice.size());
    }

    @Override
    public String toString() {
        return move + "(" + user.value() + ", " + number + (trouble == Trouble.NONE ? "" : ", " + trouble)
                + (meanwhile.isEmpty() ? "" : ", meanwhile " + meanwhile) + ")";
    }
}
