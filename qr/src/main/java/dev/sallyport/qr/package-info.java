// SPDX-License-Identifier: Apache-2.0

/**
 * Draws a text as a QR code, on this machine: as SVG or PNG for a page, as text for a terminal.
 *
 * <p>A key URI contains the shared secret, and so does its picture. Handing it to somebody's chart service gives the
 * secret away; {@link dev.sallyport.qr.QrCode} opens no connection, writes no file and logs nothing. It knows nothing
 * of two-factor authentication, and draws any text.
 */
@NullMarked
package dev.sallyport.qr;

import org.jspecify.annotations.NullMarked;
