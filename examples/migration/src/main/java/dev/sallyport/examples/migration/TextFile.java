// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.migration;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads a file of text. */
final class TextFile {
    private TextFile() {}

    /** The text of a file in UTF-8, without a byte order mark. */
    static String read(Path file) throws BadInput {
        try {
            String text = Files.readString(file, UTF_8);
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (NoSuchFileException e) {
            throw BadInput.at(file.toString(), "there is no such file");
        } catch (CharacterCodingException e) {
            throw BadInput.at(file.toString(), "it is not a text in UTF-8");
        } catch (IOException e) {
            throw BadInput.at(file.toString(), "it cannot be read");
        }
    }
}
