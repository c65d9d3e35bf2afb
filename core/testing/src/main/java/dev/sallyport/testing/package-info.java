// SPDX-License-Identifier: Apache-2.0

/**
 * A clock, a phone and a cookie jar for the tests of an application with Sallyport in it. They are for tests only. They
 * open no connection, wait for nothing and need no test framework.
 *
 * <p>A test gives the same clock to {@code TwoFactor} and to the phone:
 *
 * <pre>{@code
 * SteppedClock clock = new SteppedClock();
 * TwoFactor twoFactor = TwoFactor.builder()
 *         .issuer("Acme")
 *         .store(new InMemoryTwoFactorStore())
 *         .encryptionKeys(KeyRing.generate())
 *         .clock(clock)
 *         .build();
 *
 * PendingEnrollment pending = twoFactor.beginEnrollment(alice, "alice@acme.example");
 * VirtualPhone phone = VirtualPhone.scan(pending, clock);
 * twoFactor.confirmEnrollment(pending.handle(), phone.code());
 * // Later: each call of code() gives a new code.
 * twoFactor.verify(challenge, phone.code());
 * }</pre>
 *
 * <ul>
 *   <li>{@link dev.sallyport.testing.SteppedClock} stands still until the test moves it.
 *   <li>{@link dev.sallyport.testing.VirtualPhone} is an authenticator app, or a hardware token. Its clock can be
 *       wrong.
 *   <li>{@link dev.sallyport.testing.CookieJar} keeps the cookies of a browser, {@code __Host-} cookies over plain HTTP
 *       too. It works with every HTTP client.
 * </ul>
 */
@NullMarked
package dev.sallyport.testing;

import org.jspecify.annotations.NullMarked;
