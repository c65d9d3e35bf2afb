// SPDX-License-Identifier: Apache-2.0

/**
 * Draws a text as a QR code, on this machine: as SVG or PNG for a page, as text for a terminal.
 *
 * <p>A key URI contains the shared secret, and so does its picture. Anyone who sends it to a chart service gives the
 * secret away. {@link dev.sallyport.qr.QrCode} opens no connection, writes no file and logs nothing. It draws any text.
 */
@NullMarked
package dev.sallyport.qr;

import org.jspecify.annotations.NullMarked;
