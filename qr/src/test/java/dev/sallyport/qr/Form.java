// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Every form that a QR code has, and how it becomes pixels. */
enum Form {
    PNG_2,
    PNG_3,
    PNG_4,
    PNG_7,
    DATA_URI,
    SVG,
    SVG_ZOOMED,
    TEXT_ON_DARK,
    TEXT_ON_LIGHT,
    TEXT_ON_SWAPPED_PALETTE;

    /** What the form looks like; the folder is for files on the way there. */
    Picture picture(QrCode code, Path folder) throws Exception {
        return switch (this) {
            case PNG_2 -> Picture.ofPng(code.toPng(2));
            case PNG_3 -> Picture.ofPng(code.toPng(3));
            case PNG_4 -> Picture.ofPng(code.toPng(4));
            case PNG_7 -> Picture.ofPng(code.toPng(7));
            case DATA_URI -> Picture.ofPng(pngOf(code.toDataUri()));
            case SVG -> rasterised(code.toSvg(), folder);
            case SVG_ZOOMED -> rasterised(code.toSvg(), folder, "--zoom=1.37");
            case TEXT_ON_DARK -> Terminal.DARK.screen(code.toText());
            case TEXT_ON_LIGHT -> Terminal.LIGHT.screen(code.toText());
            case TEXT_ON_SWAPPED_PALETTE -> Terminal.LIGHT_WITH_SWAPPED_PALETTE.screen(code.toText());
        };
    }

    static byte[] pngOf(String dataUri) {
        String prefix = "data:image/png;base64,";
        if (!dataUri.startsWith(prefix)) {
            throw new AssertionError("not a data URI of a PNG file");
        }
        return Base64.getDecoder().decode(dataUri.substring(prefix.length()));
    }

    static Picture rasterised(String svg, Path folder, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(options));
        Path file = Files.writeString(Files.createTempFile(folder, "code", ".svg"), svg, US_ASCII);
        arguments.add(file.toString());
        return Picture.ofPng(ExternalTool.rsvgConvert().run(arguments));
    }
}
