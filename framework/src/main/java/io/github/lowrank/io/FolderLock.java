package io.github.lowrank.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write into a folder, held by one process at a time. The operating system releases it
 * when the process ends, for whatever reason.
 */
public final class FolderLock implements AutoCloseable {
  /**
   * What this process holds, and since when. POSIX frees the lock of a file as soon as its process
   * closes the file, however often that was opened: what is held here must not be opened again.
   */
  private static final Map<Path, String> HELD = new ConcurrentHashMap<>();

  private final Path file;
  private final FileChannel channel;

  private FolderLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Another process is writing into the folder; the message says which one. */
  public static final class HeldException extends IOException {
    private static final long serialVersionUID = 1L;

    HeldException(Path folder, String owner) {
      super(
          "%s is being written by %s: wait until that run has ended, or name another folder"
              .formatted(folder, owner.isBlank() ? "another process" : owner));
    }
  }

  /**
   * Acquires the lock {@code file}; creates the folder that contains it if necessary.
   *
   * @param folder for messages
   * @throws HeldException if another process, or this one, holds it
   */
  public static FolderLock take(Path file, Path folder) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    Path real = parent.toRealPath().resolve(file.getFileName());
    String me =
        "process %d since %s"
            .formatted(
                ProcessHandle.current().pid(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
    String holder = HELD.putIfAbsent(real, me);
    if (holder != null) {
      throw new HeldException(folder, holder);
    }
    FileChannel channel = null;
    boolean taken = false;
    try {
      channel =
          FileChannel.open(
              real, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = channel.tryLock();
      if (lock == null) {
        throw new HeldException(folder, Files.readString(real));
      }
      channel.truncate(0).write(ByteBuffer.wrap(me.getBytes(StandardCharsets.UTF_8)), 0);
      taken = true;
      return new FolderLock(real, channel);
    } finally {
      if (!taken) {
        HELD.remove(real);
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      channel.close();
      HELD.remove(file);
    }
  }
}
