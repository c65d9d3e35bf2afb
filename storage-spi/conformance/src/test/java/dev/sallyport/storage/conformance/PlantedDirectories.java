// SPDX-License-Identifier: Apache-2.0
package dev.sallyport.storage.conformance;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sallyport.storage.RecordSummary;
import dev.sallyport.storage.StoreException;
import dev.sallyport.storage.StoredRecord;
import dev.sallyport.storage.TwoFactorStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Stores in a directory, which several processes use. Each but the first has one defect. */
final class PlantedDirectories {
    private static final ReentrantLock ONE_WRITER_OF_THIS_JVM = new ReentrantLock();

    private PlantedDirectories() {}

    /** How a store keeps writers apart. */
    enum Locking {
        /** A lock that all processes see, and that ends with its process. */
        OF_ALL_PROCESSES {
            @Override
            boolean exclusively(Path directory, Write write) throws IOException {
                ONE_WRITER_OF_THIS_JVM.lock();
                try (FileChannel channel = FileChannel.open(
                        directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                    channel.lock();
                    return write.make();
                } finally {
                    ONE_WRITER_OF_THIS_JVM.unlock();
                }
            }
        },
        OF_ONE_JVM {
            @Override
            boolean exclusively(Path directory, Write write) throws IOException {
                ONE_WRITER_OF_THIS_JVM.lock();
                try {
                    return write.make();
                } finally {
                    ONE_WRITER_OF_THIS_JVM.unlock();
                }
            }
        },
        /** A lock that all processes see, and that everybody may break after a time. */
        LEASE {
            @Override
            boolean exclusively(Path directory, Write write) throws IOException {
                Path lease = directory.resolve("lease");
                String owner = UUID.randomUUID().toString();
                while (!isTaken(lease, owner)) {
                    LockSupport.parkNanos(200_000);
                }
                try {
                    return write.make();
                } finally {
                    if (owner.equals(ownerOf(lease))) {
                        Files.deleteIfExists(lease);
                    }
                }
            }
        },
        /** A file that its process keeps until another one wishes to write. Nobody removes it if the process is killed. */
        LEFT_BEHIND {
            @Override
            boolean exclusively(Path directory, Write write) throws IOException {
                Path lock = directory.resolve("left-behind");
                Path wish = directory.resolve("wish");
                synchronized (KEPT) {
                    if (!KEPT.get()) {
                        try {
                            Files.createFile(lock);
                        } catch (FileAlreadyExistsException e) {
                            Files.write(wish, new byte[0]);
                            return false;
                        }
                        Files.deleteIfExists(wish);
                        KEPT.set(true);
                        releaseOnWish(lock, wish);
                    }
                    return write.make();
                }
            }

            private void releaseOnWish(Path lock, Path wish) {
                Thread thread = new Thread(
                        () -> {
                            while (!isReleased(lock, wish)) {
                                LockSupport.parkNanos(1_000_000);
                            }
                        },
                        "planted-release");
                thread.setDaemon(true);
                thread.start();
            }

            private boolean isReleased(Path lock, Path wish) {
                synchronized (KEPT) {
                    try {
                        if (Files.deleteIfExists(wish)) {
                            Files.delete(lock);
                            KEPT.set(false);
                        }
                        return !KEPT.get();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
        };

        private static final AtomicBoolean KEPT = new AtomicBoolean();

        /** Longer than a write, shorter than the kit waits. */
        private static final Duration LEASE_TIME = Duration.ofMillis(300);

        abstract boolean exclusively(Path directory, Write write) throws IOException;

        private static boolean isTaken(Path lease, String owner) throws IOException {
            try {
                Files.writeString(lease, owner, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                return true;
            } catch (FileAlreadyExistsException e) {
                try {
                    long age = System.currentTimeMillis()
                            - Files.getLastModifiedTime(lease).toMillis();
                    if (age > LEASE_TIME.toMillis()) {
                        Files.deleteIfExists(lease);
                    }
                } catch (NoSuchFileException gone) {
                    // Its owner has just given it back.
                }
                return false;
            }
        }

        private static @Nullable String ownerOf(Path lease) throws IOException {
            try {
                return Files.readString(lease);
            } catch (NoSuchFileException e) {
                return null;
            }
        }
    }

    /** A write under the lock. */
    interface Write {
        boolean make() throws IOException;
    }

    /** Opens the planted store in the other process. */
    static final class Opener implements StoreOpener {
        @Override
        public TwoFactorStore open(Properties settings) {
            Path directory = Path.of(settings.getProperty("directory"));
            String planted = settings.getProperty("planted");
            return planted.equals("write-behind")
                    ? new WriteBehind(directory)
                    : new Directory(directory, Locking.valueOf(planted));
        }
    }

    /** One file for each user. A write reads, compares and then writes, under a lock. */
    static class Directory implements TwoFactorStore {
        private final Path directory;
        private final Locking locking;

        Directory(Path directory, Locking locking) {
            this.directory = directory;
            this.locking = locking;
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            try {
                return Optional.of(StoredRecord.fromBytes(Files.readAllBytes(file(userId))));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            } catch (IOException e) {
                throw new StoreException("the directory failed", e);
            }
        }

        private Path file(String userId) {
            return directory.resolve("of-" + UUID.nameUUIDFromBytes(userId.getBytes(UTF_8)));
        }

        @Override
        public boolean insert(StoredRecord record, RecordSummary summary) {
            return change(() -> find(record.userId()).isEmpty() && write(record));
        }

        @Override
        public boolean replace(StoredRecord current, StoredRecord next, RecordSummary summary) {
            return change(() -> {
                Optional<StoredRecord> stored = find(current.userId());
                if (stored.isEmpty() || stored.get().version() != current.version()) {
                    return false;
                }
                pause();
                return write(next);
            });
        }

        /** The time of a write to a disk. With a lease it is so long that a signal meets it on a busy machine too. */
        private void pause() {
            LockSupport.parkNanos(locking == Locking.LEASE ? 100_000_000 : 50_000);
        }

        boolean write(StoredRecord record) throws IOException {
            Path aside = directory.resolve("aside-" + UUID.randomUUID());
            Files.write(aside, record.toBytes());
            Files.move(aside, file(record.userId()), StandardCopyOption.ATOMIC_MOVE);
            return true;
        }

        @Override
        public void erase(String userId) {
            change(() -> Files.deleteIfExists(file(userId)));
        }

        private boolean change(Write write) {
            try {
                return locking.exclusively(directory, write);
            } catch (IOException e) {
                throw new StoreException("the directory failed", e);
            }
        }
    }

    /** Answers before it has written, and its process writes later. */
    static final class WriteBehind extends Directory {
        private static final Map<String, StoredRecord> BUFFER = new ConcurrentHashMap<>();

        WriteBehind(Path directory) {
            super(directory, Locking.OF_ALL_PROCESSES);
        }

        @Override
        public Optional<StoredRecord> find(String userId) {
            StoredRecord buffered = BUFFER.get(userId);
            return buffered != null ? Optional.of(buffered) : super.find(userId);
        }

        @Override
        boolean write(StoredRecord record) throws IOException {
            if (find(record.userId()).isEmpty()) {
                return super.write(record);
            }
            BUFFER.put(record.userId(), record);
            return true;
        }

        @Override
        public void erase(String userId) {
            super.erase(userId);
            BUFFER.remove(userId);
        }
    }
}
