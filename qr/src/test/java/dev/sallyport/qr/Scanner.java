// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.NotFoundException;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.Result;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.multi.qrcode.QRCodeMultiReader;
import com.google.zxing.qrcode.QRCodeReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/** Reads pictures of QR codes, each with one code in it. */
enum Scanner {
    /** The reader of the library that also encodes them. */
    ZXING {
        @Override
        List<String> scan(List<Picture> pictures, Path folder) {
            return pictures.stream().map(Scanner::zxing).toList();
        }
    },
    /** An independent one. */
    ZBAR {
        @Override
        List<String> scan(List<Picture> pictures, Path folder) throws Exception {
            // One process for all: starting it takes longer than a scan. It prints a line per code and names no file.
            List<String> texts = zbar(pictures, folder);
            if (texts.size() == pictures.size()) {
                return texts;
            }
            for (Picture picture : pictures) {
                if (zbar(List.of(picture), folder).isEmpty()) {
                    throw new AssertionError("zbarimg finds no code in picture " + pictures.indexOf(picture));
                }
            }
            throw new AssertionError("zbarimg finds " + texts.size() + " codes in " + pictures.size() + " pictures");
        }
    };

    private static final Map<DecodeHintType, ?> TRY_HARDER = Map.of(DecodeHintType.TRY_HARDER, true);

    /** The text of each picture, in their order; fails if there is no code in one. */
    abstract List<String> scan(List<Picture> pictures, Path folder) throws Exception;

    private static String zxing(Picture picture) {
        try {
            // Not the reader for one code: it gives up where data look like a fourth corner, as in one text of fifty.
            Result[] codes = new QRCodeMultiReader().decodeMultiple(bitmap(picture), TRY_HARDER);
            if (codes.length != 1) {
                throw new AssertionError("ZXing finds " + codes.length + " codes");
            }
            return codes[0].getText();
        } catch (NotFoundException e) {
            throw new AssertionError("ZXing finds no code", e);
        }
    }

    /** What ZXing reads where nothing is to be searched: the picture is a code, from edge to edge. */
    static Result zxingWithoutSearch(Picture code) {
        try {
            return new QRCodeReader().decode(bitmap(code), Map.of(DecodeHintType.PURE_BARCODE, true));
        } catch (ReaderException e) {
            throw new AssertionError("ZXing cannot read the code", e);
        }
    }

    private static BinaryBitmap bitmap(Picture picture) {
        int width = picture.image().getWidth();
        int height = picture.image().getHeight();
        return new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(width, height, picture.pixels())));
    }

    private static List<String> zbar(List<Picture> pictures, Path folder) throws IOException, InterruptedException {
        List<String> arguments =
                new ArrayList<>(List.of("--quiet", "--raw", "--nodbus", "-Sdisable", "-Sqrcode.enable"));
        for (Picture picture : pictures) {
            Path file = Files.createTempFile(folder, "code", ".png");
            ImageIO.write(picture.image(), "png", file.toFile());
            arguments.add(file.toString());
        }
        return new String(ExternalTool.zbarimg().run(arguments), UTF_8).lines().toList();
    }
}
