// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

/** The person leaves, from whatever prompt: by Ctrl-D, which ends the input, or by the menu. */
final class Leaving extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
