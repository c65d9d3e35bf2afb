// SPDX-License-Identifier: Apache-2.0
package dev.sallyport;

import java.util.List;

/**
 * One step of a run.
 *
 * @param action what is done
 * @param user whose account it is done to, where it matters
 * @param number makes the choices of this step
 * @param trouble how the store fails
 * @param meanwhile what others do between the read and the write
 */
record ModelStep(ModelAction action, UserId user, int number, Trouble trouble, List<ModelStep> meanwhile) {
    enum Trouble {
        NONE,
        NO_READ,
        NO_WRITE,
        ANSWER_OF_WRITE_LOST
    }

    ModelStep(ModelAction action, UserId user, int number) {
        this(action, user, number, Trouble.NONE, List.of());
    }

    /** The same choices, with a store that works and without others. */
    ModelStep alone() {
        return new ModelStep(action, user, number);
    }

    /** One of these. Two questions in one step are answered independently of each other. */
    <T> T choose(String question, List<T> choice) {
        return choice.get(choose(question, choice.size()));
    }

    /** A number from 0 to {@code below} - 1. */
    int choose(String question, int below) {
        long mixed = (number * 31L + question.hashCode()) * 0x9E3779B97F4A7C15L;
        return (int) Math.floorMod(mixed >>> 20, (long) below);
    }

    boolean oneIn(int times, String question) {
        return choose(question, times) == 0;
    }

    @Override
    public String toString() {
        return action + "(" + user.value() + ", " + number + (trouble == Trouble.NONE ? "" : ", " + trouble)
                + (meanwhile.isEmpty() ? "" : ", meanwhile " + meanwhile) + ")";
    }
}
