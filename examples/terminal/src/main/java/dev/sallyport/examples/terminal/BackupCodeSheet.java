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

/** The backup codes, for the one time that they can be shown: they exist nowhere else. */
final class BackupCodeSheet {
    private final Terminal terminal;
    private final String sheet;

    BackupCodeSheet(Terminal terminal, String sheet) {
        this.terminal = terminal;
        this.sheet = sheet;
    }

    /** Shows the sheet, and writes it to a file if the person wants one. */
    void handOver() throws Leaving {
        terminal.say("");
        terminal.say("For the day without your phone: backup codes, each good for one sign-in.");
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
                terminal.good("Saved, for your eyes only:");
                terminal.say("    " + file);
                return;
            } catch (FileAlreadyExistsException e) {
                terminal.bad("There is such a file already, and it stays as it is.");
            } catch (IOException | InvalidPathException e) {
                terminal.bad("That cannot be written: " + e);
            }
        }
    }

    /** The home directory, because no shell puts it in here. */
    private static Path path(String typed) {
        return typed.startsWith("~/") ? Path.of(System.getProperty("user.home"), typed.substring(2)) : Path.of(typed);
    }

    /**
     * The file is its owner's alone from the first moment on, not only once it is full. Where there are no POSIX permissions
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
