// SPDX-License-Identifier: Apache-2.0

/**
 * What an operation costs, beside the other libraries and beside the JDK alone.
 *
 * <p><b>How it is measured.</b> A machine that others use changes its speed within minutes, so times of two runs say little
 * about each other. Here all contestants of a comparison take turns in one JVM, in slices of a few milliseconds and in a new
 * order each round; what counts is the ratio within a round, and its median over the rounds of several JVMs. One of them
 * stands twice in each comparison: how far its two ratios lie apart is what the numbers are worth. JMH starts the JVMs
 * and keeps the results alive ({@code Rounds}); processor time and allocated bytes are those of the thread.
 *
 * <p><b>The same work.</b> Each contestant does what its users write, with its own defaults where they do not change the
 * answer, and 64 secrets take turns, so that nobody wins by remembering the last one. Where a peer does less (it leaves
 * early, or looks at fewer codes), its name says so.
 */
@NullMarked
package dev.sallyport.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
