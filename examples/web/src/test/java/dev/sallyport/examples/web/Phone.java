// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.otp.SharedSecret;
import dev.sallyport.otp.Totp;
import dev.sallyport.otp.TotpParameters;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;

/** An authenticator app, with a camera. */
final class Phone {
    private static final Totp TOTP = Totp.of(TotpParameters.DEFAULT);

    private final SharedSecret secret;
    private final InstantSource clock;

    private Phone(SharedSecret secret, InstantSource clock) {
        this.secret = secret;
        this.clock = clock;
    }

    /** Held before a screen. */
    static Phone scan(byte[] screenshot, InstantSource clock) {
        try {
            BufferedImage screen = ImageIO.read(new ByteArrayInputStream(screenshot));
            // As a hand does: if it does not read at once, go nearer.
            for (double zoom : new double[] {1, 2, 1.5, 3}) {
                Optional<Phone> phone = read(zoomed(screen, zoom)).map(text -> typed(KeyUri.parse(text), clock));
                if (phone.isPresent()) {
                    return phone.get();
                }
            }
            throw new AssertionError("no QR code on the screen");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static BufferedImage zoomed(BufferedImage screen, double zoom) {
        int width = (int) (screen.getWidth() * zoom);
        int height = (int) (screen.getHeight() * zoom);
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(screen, 0, 0, width, height, null);
        graphics.dispose();
        return image;
    }

    private static Optional<String> read(BufferedImage image) {
        int[] pixels = image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth());
        RGBLuminanceSource light = new RGBLuminanceSource(image.getWidth(), image.getHeight(), pixels);
        try {
            return Optional.of(new QRCodeReader()
                    .decode(new BinaryBitmap(new HybridBinarizer(light)), Map.of(DecodeHintType.TRY_HARDER, true))
                    .getText());
        } catch (ReaderException e) {
            return Optional.empty();
        }
    }

    private static Phone typed(KeyUri uri, InstantSource clock) {
        return new Phone(uri.secret(), clock);
    }

    static Phone typed(String secret, InstantSource clock) {
        return new Phone(SharedSecret.fromBase32(secret), clock);
    }

    String code() {
        return TOTP.generate(secret, clock.instant());
    }

    /** The code that it showed some time ago. */
    String codeBefore(Duration ago) {
        return TOTP.generate(secret, clock.instant().minus(ago));
    }

    /** Six digits that it shows neither now nor in the minutes around. */
    String wrong() {
        for (int digits = 0; ; digits++) {
            String candidate = "00000" + digits;
            boolean shown = false;
            for (int step = -5; step <= 5; step++) {
                shown |= candidate.equals(codeBefore(Duration.ofSeconds(30L * step)));
            }
            if (!shown) {
                return candidate;
            }
        }
    }
}
