// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

/** The person quits: with Ctrl-D, which ends the input, at any prompt, or with the menu. */
final class QuitException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
