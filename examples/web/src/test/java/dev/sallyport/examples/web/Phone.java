// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.web;

import com.google.zxing.Binarizer;
import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.LuminanceSource;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.common.GlobalHistogramBinarizer;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import dev.sallyport.otp.KeyUri;
import dev.sallyport.testing.SteppedClock;
import dev.sallyport.testing.VirtualPhone;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;

/** A phone with a camera, whose screen somebody looks at: it shows a code again until the next time step. */
final class Phone {
    private final VirtualPhone app;
    private final SteppedClock clock;

    private Phone(VirtualPhone app, SteppedClock clock) {
        this.app = app;
        this.clock = clock;
    }

    /**
     * Held before a screen. ZXing's reader misses about one clean picture in a hundred, always the same ones: so, as a hand
     * does, it goes nearer and tries again. Empty if there is no QR code on the screen.
     */
    static Optional<Phone> scan(byte[] screenshot, SteppedClock clock) {
        try {
            BufferedImage screen = ImageIO.read(new ByteArrayInputStream(screenshot));
            for (double zoom : new double[] {1, 2, 1.5, 3, 4}) {
                int width = (int) (screen.getWidth() * zoom);
                int height = (int) (screen.getHeight() * zoom);
                BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
                image.createGraphics().drawImage(screen, 0, 0, width, height, null);
                LuminanceSource light =
                        new RGBLuminanceSource(width, height, image.getRGB(0, 0, width, height, null, 0, width));
                for (Binarizer binarizer : List.of(new HybridBinarizer(light), new GlobalHistogramBinarizer(light))) {
                    for (DecodeHintType hint : List.of(DecodeHintType.TRY_HARDER, DecodeHintType.PURE_BARCODE)) {
                        Optional<String> text = read(new BinaryBitmap(binarizer), hint);
                        if (text.isPresent()) {
                            return text.map(uri -> opened(uri, clock));
                        }
                    }
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<String> read(BinaryBitmap bitmap, DecodeHintType hint) {
        try {
            return Optional.of(
                    new QRCodeReader().decode(bitmap, Map.of(hint, true)).getText());
        } catch (ReaderException e) {
            return Optional.empty();
        }
    }

    /** Opened by a link on the phone itself. */
    static Phone opened(String link, SteppedClock clock) {
        return new Phone(VirtualPhone.scan(KeyUri.parse(link), clock), clock);
    }

    static Phone typed(String secret, SteppedClock clock) {
        return new Phone(VirtualPhone.typed(secret, clock), clock);
    }

    /** The code that it shows now, used or not. */
    String code() {
        return app.codeAt(clock.instant());
    }

    /** The code that it showed some time ago. */
    String codeBefore(Duration ago) {
        return app.codeAt(clock.instant().minus(ago));
    }

    /** Sets its clock wrong by so much, or right again. */
    void clockOff(Duration by) {
        app.clockOff(by);
    }

    /** Six digits that it shows neither now nor in the minutes around. */
    String wrong() {
        return app.wrongCode();
    }
}
