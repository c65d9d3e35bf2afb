// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

/** What became of a user, or would become of a user. */
enum Outcome {
    /** Comes over with one authenticator or more. */
    COMES_OVER,
    /** Is enrolled at the target already. Nothing is changed. */
    ALREADY_THERE,
    /** Had a second factor, and has none at the target. */
    LEFT_WITHOUT_SECOND_FACTOR,
    /** Had no second factor in the source. */
    HAD_NO_SECOND_FACTOR,
    /** The target's record cannot be read. Nothing is changed. */
    UNREADABLE_RECORD
}
