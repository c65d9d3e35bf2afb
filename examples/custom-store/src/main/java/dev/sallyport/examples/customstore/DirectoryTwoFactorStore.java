// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.examples.customstore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.SpoiledRecordException;
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

/**
 * Keeps each record as a file in one directory, for an application on one machine with any number of processes. It needs a
 * local POSIX file system, because it needs atomic renames and file locks. Network file systems often have neither.
 *
 * <p>One writer at a time compares and writes, under a lock that other processes see too. Readers take no lock, because a
 * rename replaces a whole file.
 */
public final class DirectoryTwoFactorStore implements TwoFactorStore {
    /**
     * A file lock belongs to the whole process, and it ends when any thread closes the file. So the threads of one process need
     * another lock, for all instances and for all copies of this class. A String literal is the same object in all class loaders.
     */
    private static final Object ONE_WRITER = "the one writer of all DirectoryTwoFactorStores of this process";

    private final Path directory;
    private final Path lock;

    /**
     * Opens a directory that {@link #createIn} has made.
     *
     * @param directory contains the records
     */
    public DirectoryTwoFactorStore(Path directory) {
        this.directory = directory;
        this.lock = lockIn(directory);
    }

    /**
     * Makes an empty store. Call this once in the life of an application, and not at each start. If a volume is not mounted at
     * some start, a new and empty store would switch two-factor authentication off for every user.
     *
     * @param directory will contain the records
     * @throws IOException if the store cannot be made, or if the directory contains a store
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
        return change(() -> Files.notExists(file(record.userId())), () -> write(record));
    }

    @Override
    public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
        if (!current.userId().equals(next.userId())) {
            throw new IllegalArgumentException("a record can only be replaced by a record of the same user");
        }
        return change(() -> isStored(current), () -> write(next));
    }

    @Override
    public void erase(String userId) {
        Objects.requireNonNull(userId, "userId");
        change(() -> true, () -> Files.deleteIfExists(file(userId)));
    }

    private boolean isStored(StoredRecord current) throws IOException {
        try {
            return read(current.userId())
                    .filter(stored -> stored.version() == current.version())
                    .isPresent();
        } catch (SpoiledRecordException e) {
            return false;
        }
    }

    private boolean change(Condition condition, Change change) {
        synchronized (ONE_WRITER) {
            // Without CREATE: if the lock file is missing, this is not the store. Closing the file ends the lock.
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE)) {
                channel.lock();
                if (!condition.holds()) {
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
            // An empty mount point has no files either. A missing file means "no record" only if the lock file exists.
            if (!Files.exists(lock)) {
                throw e;
            }
            return Optional.empty();
        }
        return Optional.of(decode(userId, bytes));
    }

    private static StoredRecord decode(String userId, byte[] bytes) {
        StoredRecord record;
        try {
            record = StoredRecord.fromBytes(bytes);
        } catch (IllegalArgumentException e) {
            throw new SpoiledRecordException("a file of the store is not a record", e);
        }
        if (!record.userId().equals(userId)) {
            throw new SpoiledRecordException("a file of the store contains the record of another user");
        }
        return record;
    }

    private void write(StoredRecord record) throws IOException {
        // First under another name, complete and on disk. If a crash leaves that file, the next writer overwrites it.
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

    /** The name is as exact as the id, also on file systems that ignore case or have names of 255 bytes only. */
    private Path file(String userId) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(userId.getBytes(UTF_8));
            return directory.resolve(HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    /** A file name is on disk only after its directory is. */
    private static void flush(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path lockIn(Path directory) {
        return directory.resolve("lock");
    }

    /** After any failure the content of the disk is unknown, so the answer must not be false. */
    private static StoreException failure(Exception cause) {
        return cause instanceof StoreException known
                ? known
                : new StoreException("the directory of records failed", cause);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private interface Change {
        void make() throws IOException;
    }
}
