// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.benchmarks;

import com.google.zxing.BarcodeFormat;
import com.google.zxing.EncodeHintType;
import com.google.zxing.client.j2se.MatrixToImageWriter;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.QRCodeWriter;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.encoder.Encoder;
import dev.sallyport.qr.QrCode;
import dev.samstevens.totp.qr.QrData;
import dev.samstevens.totp.qr.ZxingPngQrGenerator;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Map;

/** QR codes of a usual key URI. */
final class Pictures {
    private static final int MODULE_PIXELS = 6;
    /** What java-totp draws without being told. */
    private static final int SIDE_PIXELS = 350;

    private static final Map<EncodeHintType, Object> LEVEL_M =
            Map.of(EncodeHintType.ERROR_CORRECTION, ErrorCorrectionLevel.M);

    private final Secrets secrets = new Secrets();
    private final List<String> uris = secrets.all().stream().map(KeyUris::uri).toList();

    private Pictures() {}

    static Comparison qrCode() {
        return new Pictures().drawn();
    }

    /** Sizes of the two forms, in bytes. */
    static int pngBytes() {
        return QrCode.of(new Pictures().next()).toPng(MODULE_PIXELS).length;
    }

    static int svgBytes() {
        return QrCode.of(new Pictures().next()).toSvg().length();
    }

    private Comparison drawn() {
        ZxingPngQrGenerator javaTotp = new ZxingPngQrGenerator();
        return Comparison.of(
                "QR code of a key URI",
                List.of(
                        Contestant.of("Sallyport, PNG", () -> QrCode.of(next()).toPng(MODULE_PIXELS)),
                        Contestant.of("Sallyport, SVG", () -> QrCode.of(next()).toSvg()),
                        Contestant.of(
                                "ZXing, the matrix alone",
                                () -> Encoder.encode(next(), ErrorCorrectionLevel.M, LEVEL_M)),
                        Contestant.of("ZXing with ImageIO, PNG", () -> png(next())),
                        Contestant.of(
                                "java-totp, PNG",
                                () -> javaTotp.generate(new QrData.Builder()
                                        .label("alice@acme.example")
                                        .issuer("Acme")
                                        .secret(secrets.next().base32())
                                        .build()))),
                Goal.within("Sallyport, PNG", 1.3, "ZXing, the matrix alone"),
                Goal.within("Sallyport, SVG", 1.1, "ZXing, the matrix alone"));
    }

    private String next() {
        return uris.get(secrets.next().number());
    }

    private static byte[] png(String text) throws Exception {
        BitMatrix matrix = new QRCodeWriter().encode(text, BarcodeFormat.QR_CODE, SIDE_PIXELS, SIDE_PIXELS, LEVEL_M);
        ByteArrayOutputStream png = new ByteArrayOutputStream();
        MatrixToImageWriter.writeToStream(matrix, "PNG", png);
        return png.toByteArray();
    }
}
