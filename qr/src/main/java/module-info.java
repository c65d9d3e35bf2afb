// SPDX-License-Identifier: Apache-2.0

/** Draws a text as a QR code, without java.desktop. */
// ZXing has no module descriptor, only an Automatic-Module-Name, and keeps that name stable.
@SuppressWarnings("requires-automatic")
module dev.sallyport.qr {
    requires static transitive org.jspecify;
    requires com.google.zxing;

    exports dev.sallyport.qr;
}
