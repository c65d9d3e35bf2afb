// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.terminal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Shows the backup codes, once: they exist nowhere else. */
final class BackupCodeSheet {
    private final Terminal terminal;
    private final String sheet;

    BackupCodeSheet(Terminal terminal, String sheet) {
        this.terminal = terminal;
        this.sheet = sheet;
    }

    /** Shows the sheet, and writes it to a file if the person wants one. */
    void handOver() throws QuitException {
        terminal.say("");
        terminal.say("Backup codes, for a day without your phone. Each works once.");
        terminal.say("");
        sheet.lines().forEach(line -> terminal.say("    " + line));
        terminal.say("");
        while (true) {
            String typed = terminal.ask("Save them to a new file? Its name (Enter: no)");
            if (typed.isEmpty()) {
                return;
            }
            try {
                Path file = path(typed).toAbsolutePath().normalize();
                write(file);
                terminal.good("Saved. Only your user can read the file:");
                terminal.say("    " + file);
                return;
            } catch (FileAlreadyExistsException e) {
                terminal.bad("That file exists already. It was not changed.");
            } catch (IOException | InvalidPathException e) {
                terminal.bad("The file cannot be written: " + e);
            }
        }
    }

    /** Replaces ~, because no shell does it here. */
    private static Path path(String typed) {
        return typed.startsWith("~/") ? Path.of(System.getProperty("user.home"), typed.substring(2)) : Path.of(typed);
    }

    /**
     * Creates the file with its permissions, so that nobody else can open it before it is written. Without POSIX permissions
     * (Windows), it is as private as its directory.
     */
    private void write(Path file) throws IOException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ownerOnly = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Set<StandardOpenOption> onlyIfNew = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (Writer writer = Channels.newWriter(Files.newByteChannel(file, onlyIfNew, ownerOnly), UTF_8)) {
            writer.write(sheet);
        }
    }
}
