// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Objects;
import javax.imageio.ImageIO;

/** Pixels that a form of a QR code came out as. */
record Picture(BufferedImage image) {
    private static final int BLACK = 0xFF000000;
    private static final int WHITE = 0xFFFFFFFF;

    static Picture ofPng(byte[] file) throws IOException {
        return new Picture(Objects.requireNonNull(ImageIO.read(new ByteArrayInputStream(file)), "not a PNG file"));
    }

    /** What the modules are, true being dark; fails unless each consists of nothing but black or nothing but white. */
    boolean[][] modules(int pixelsPerModule) {
        boolean[][] modules = new boolean[image.getHeight() / pixelsPerModule][image.getWidth() / pixelsPerModule];
        int[] pixels = pixels();
        for (int i = 0; i < pixels.length; i++) {
            int x = i % image.getWidth();
            int y = i / image.getWidth();
            boolean[] row = modules[y / pixelsPerModule];
            if (x % pixelsPerModule == 0 && y % pixelsPerModule == 0) {
                row[x / pixelsPerModule] = pixels[i] == BLACK;
            }
            if (pixels[i] != (row[x / pixelsPerModule] ? BLACK : WHITE)) {
                throw new AssertionError("pixel " + x + ", " + y + " is 0x" + Integer.toHexString(pixels[i]));
            }
        }
        return modules;
    }

    int[] pixels() {
        int width = image.getWidth();
        int height = image.getHeight();
        return image.getRGB(0, 0, width, height, null, 0, width);
    }
}
