// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Keeps each record as a file in one directory, for an application on one machine with any number of processes. Needs a
 * local POSIX file system, whose renames are atomic and whose locks hold; network file systems often have neither.
 *
 * <p>One writer at a time looks, decides and writes, under a lock that other processes see too. Readers take no lock: a
 * rename puts a whole file in the place of another.
 */
public final class DirectoryTwoFactorStore implements TwoFactorStore {
    /**
     * A file lock belongs to the whole process, and ends when anybody in it closes the file: its own threads must take turns
     * by other means, over all instances, and over all copies of this class. A literal is one object for all class loaders.
     */
    private static final Object ONE_WRITER = "the one writer of all DirectoryTwoFactorStores of this process";

    private final Path directory;
    private final Path lock;

    /**
     * Opens a directory that {@link #createIn} has made.
     *
     * @param directory where the records are
     */
    public DirectoryTwoFactorStore(Path directory) {
        this.directory = directory;
        this.lock = lockIn(directory);
    }

    /**
     * Makes an empty store, once in the life of an application and not at each start: on a day when the volume is not
     * mounted, a new and empty store would switch off everybody's second factor.
     *
     * @param directory where to keep the records
     * @throws IOException if it cannot be made, or holds a store
     */
    public static void createIn(Path directory) throws IOException {
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createFile(lockIn(directory));
        flush(directory);
    }

    @Override
    public Optional<StoredRecord> find(String userId) {
        Objects.requireNonNull(userId, "userId");
        try {
            return read(userId);
        } catch (IOException | RuntimeException e) {
            throw failure(e);
        }
    }

    @Override
    public boolean insert(StoredRecord record, RecordSummary summary) {
        return change(record.userId(), Optional::isEmpty, () -> write(record));
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        if (!current.userId().equals(next.userId())) {
            throw new IllegalArgumentException("a record is replaced by one of the same user");
        }
        return change(current.userId(), isStill(current), () -> write(next));
    }

    @Override
    public boolean delete(StoredRecord current) {
        return change(current.userId(), isStill(current), () -> Files.delete(file(current.userId())));
    }

    private static Predicate<Optional<StoredRecord>> isStill(StoredRecord current) {
        return stored -> stored.isPresent() && stored.get().version() == current.version();
    }

    private boolean change(String userId, Predicate<Optional<StoredRecord>> allowed, Change change) {
        synchronized (ONE_WRITER) {
            // Without CREATE: where the file is missing, this is not the store. Closing it ends the lock.
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
                channel.lock();
                if (!allowed.test(read(userId))) {
                    return false;
                }
                change.make();
                flush(directory);
                return true;
            } catch (IOException | RuntimeException e) {
                throw failure(e);
            }
        }
    }

    private Optional<StoredRecord> read(String userId) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file(userId));
        } catch (NoSuchFileException e) {
            // No file is no record only where the store is. An empty mount point has no files either.
            if (!Files.exists(lock)) {
                throw e;
            }
            return Optional.empty();
        }
        StoredRecord record = StoredRecord.fromBytes(bytes);
        if (!record.userId().equals(userId)) {
            throw new IOException("a file of the store is not the one of its name");
        }
        return Optional.of(record);
    }

    private void write(StoredRecord record) throws IOException {
        // Aside first, whole and on disk; what a crash leaves there, the next writer overwrites.
        Path aside = directory.resolve("aside");
        try (FileChannel channel = FileChannel.open(
                aside, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(record.toBytes());
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(aside, file(record.userId()), StandardCopyOption.ATOMIC_MOVE);
    }

    /** A name that is as exact as the id, on file systems that fold case or end at 255 bytes. */
    private Path file(String userId) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(userId.getBytes(UTF_8));
            return directory.resolve(HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** A name is on disk when its directory is. */
    private static void flush(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path lockIn(Path directory) {
        return directory.resolve("lock");
    }

    /** Whatever has failed: nobody knows what is on the disk now, so nobody may claim that nothing has changed. */
    private static StoreException failure(Exception cause) {
        return new StoreException("the directory of records failed", cause);
    }

    private interface Change {
        void make() throws IOException;
    }
}
