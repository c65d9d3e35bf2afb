// SPDX-License-Identifier: Apache-2.0

/**
 * Where one machine is not enough: several nodes over one database, used hard, killed and restarted, with a change of the
 * encryption key meanwhile; and clients who hold whatever they were told against it.
 *
 * <p>Whoever looks for code to take along: {@code Node} and {@code Desk} are an application, with its pool, its store and
 * all calls of Sallyport that it makes; {@code Operator} changes the encryption key. {@code Owner} is what users and
 * attackers do, {@code Phone} their authenticator app, and {@code Ledger} the rules, which know nothing of nodes or
 * databases. The rest starts processes and counts.
 *
 * <p><b>Time.</b> A one-time code is good once in 30 seconds, so nobody signs in a hundred times in a minute. Here each
 * account has a time of its own: a request says what time it is, and the node's {@code TwoFactor} is built with a clock
 * that says the same. That is the one seam used; store, keys, policy and limits are those of production. Each owner moves
 * the time of their own account and never back, a week between visits, so that wrong codes stay within the budget of 30
 * days. Between the nodes there is no difference of clocks, then; that much is left out.
 *
 * <p><b>What is not known.</b> A node that is killed may or may not have done what it was asked, and what it has sent to
 * the database may even be done a moment later. Such a call is unknown, and no other is: of any connection that breaks,
 * the node must have been killed. After it a client does what a person would do, and sends the same code again; it was
 * accepted either before or now, and the ledger holds the next answers to that.
 */
@NullMarked
package dev.sallyport.examples.cluster;

import org.jspecify.annotations.NullMarked;
