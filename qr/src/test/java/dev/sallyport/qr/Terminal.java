// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.qr;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Draws text as a terminal does, with its theme's colours: as much of one as lines of half blocks need. */
enum Terminal {
    DARK(0xCCCCCC, 0x000000, 0x000000, 0xFFFFFF),
    LIGHT(0x000000, 0xFFFFFF, 0x000000, 0xFFFFFF),
    SOLARIZED_DARK(0x839496, 0x002B36, 0x073642, 0xFDF6E3),
    /** Like the base16 light themes: the first colour of the palette is the background, the sixteenth its contrary. */
    LIGHT_WITH_SWAPPED_PALETTE(0x383838, 0xF8F8F8, 0xF8F8F8, 0x181818);

    /** Pixels of half a character cell, which is a square. */
    static final int HALF_CELL = 5;

    private static final int MARGIN_CELLS = 2;
    private static final Pattern PIECE = Pattern.compile("\u001B\\[([0-9;]*)m|[ ▀▄█\n]");

    private final int defaultForeground;
    private final int defaultBackground;
    private final int black;
    private final int brightWhite;

    Terminal(int defaultForeground, int defaultBackground, int black, int brightWhite) {
        this.defaultForeground = defaultForeground;
        this.defaultBackground = defaultBackground;
        this.black = black;
        this.brightWhite = brightWhite;
    }

    /** The whole screen: the text, with a margin around it in the terminal's own background. */
    Picture screen(String text) {
        List<String> lines = text.replaceAll("\u001B\\[[0-9;]*m", "").lines().toList();
        int columns = lines.stream().mapToInt(String::length).max().orElse(0) + 2 * MARGIN_CELLS;
        int width = columns * HALF_CELL;
        int height = (lines.size() + 2 * MARGIN_CELLS) * 2 * HALF_CELL;
        BufferedImage screen = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = screen.createGraphics();
        fill(canvas, defaultBackground, 0, 0, width, height);
        int foreground = defaultForeground;
        int background = defaultBackground;
        int x = MARGIN_CELLS * HALF_CELL;
        int y = MARGIN_CELLS * 2 * HALF_CELL;
        int end = 0;
        for (Matcher piece = PIECE.matcher(text); piece.find(); end = piece.end()) {
            if (piece.start() != end) {
                throw new AssertionError("this terminal does not know what stands at " + end);
            }
            String parameters = piece.group(1);
            char character = piece.group().charAt(0);
            if (parameters != null) {
                Iterator<Integer> codes = List.of(parameters.split(";")).stream()
                        .map(Integer::valueOf)
                        .iterator();
                while (codes.hasNext()) {
                    switch (codes.next()) {
                        case 0 -> {
                            foreground = defaultForeground;
                            background = defaultBackground;
                        }
                        case 30 -> foreground = black;
                        case 107 -> background = brightWhite;
                        case 38 -> foreground = indexed(codes);
                        case 48 -> background = indexed(codes);
                        default -> throw new AssertionError("this terminal does not know the colours " + parameters);
                    }
                }
            } else if (character == '\n') {
                // The rest of a line takes the colour in force: where a text forgets to reset it, it runs out.
                fill(canvas, background, x, y, width - x, 2 * HALF_CELL);
                x = MARGIN_CELLS * HALF_CELL;
                y += 2 * HALF_CELL;
            } else {
                boolean upper = character == '▀' || character == '█';
                boolean lower = character == '▄' || character == '█';
                fill(canvas, upper ? foreground : background, x, y, HALF_CELL, HALF_CELL);
                fill(canvas, lower ? foreground : background, x, y + HALF_CELL, HALF_CELL, HALF_CELL);
                x += HALF_CELL;
            }
        }
        canvas.dispose();
        return new Picture(screen);
    }

    /** The part of the screen that the text covers. */
    Picture textArea(String text) {
        BufferedImage screen = screen(text).image();
        int left = MARGIN_CELLS * HALF_CELL;
        int top = 2 * left;
        return new Picture(screen.getSubimage(left, top, screen.getWidth() - 2 * left, screen.getHeight() - 2 * top));
    }

    /** The colours of all cells around the text, those beside each of its lines included. */
    List<Integer> margins(String text) {
        BufferedImage screen = screen(text).image();
        int margin = MARGIN_CELLS * HALF_CELL;
        List<Integer> colours = new ArrayList<>();
        for (int y = HALF_CELL; y < screen.getHeight(); y += 2 * HALF_CELL) {
            for (int x = HALF_CELL / 2; x < screen.getWidth(); x += HALF_CELL) {
                boolean beside = x < margin || x >= screen.getWidth() - margin;
                boolean aboveOrBelow = y < 2 * margin || y >= screen.getHeight() - 2 * margin;
                if (beside || aboveOrBelow) {
                    colours.add(screen.getRGB(x, y));
                }
            }
        }
        return colours;
    }

    int background() {
        return 0xFF000000 | defaultBackground;
    }

    /** The two corners of the 256-colour palette's cube, which is the same in every theme. */
    private static int indexed(Iterator<Integer> codes) {
        if (codes.next() != 5) {
            throw new AssertionError("this terminal has a palette only");
        }
        int index = codes.next();
        return switch (index) {
            case 16 -> 0x000000;
            case 231 -> 0xFFFFFF;
            default -> throw new AssertionError("this terminal does not know colour " + index);
        };
    }

    private static void fill(Graphics2D canvas, int colour, int x, int y, int width, int height) {
        canvas.setColor(new Color(colour));
        canvas.fillRect(x, y, width, height);
    }
}
