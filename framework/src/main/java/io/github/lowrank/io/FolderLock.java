package io.github.lowrank.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The right to write into a folder, held by one process at a time. The operating system releases it
 * when the process ends, for whatever reason.
 */
public final class FolderLock implements AutoCloseable {
  private final FileChannel channel;

  private FolderLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Another process is writing into the folder; the message says which one. */
  public static final class HeldException extends IOException {
    private static final long serialVersionUID = 1L;

    HeldException(String message) {
      super(message);
    }
  }

  /**
   * Acquires the lock {@code file}; creates the folder that contains it if necessary.
   *
   * @param folder for messages
   * @throws HeldException if another process, or this one, holds it
   */
  public static FolderLock take(Path file, Path folder) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        String owner =
            "process %d since %s"
                .formatted(
                    ProcessHandle.current().pid(), Instant.now().truncatedTo(ChronoUnit.SECONDS));
        channel.truncate(0).write(ByteBuffer.wrap(owner.getBytes(StandardCharsets.UTF_8)), 0);
        return new FolderLock(channel);
      }
    } catch (OverlappingFileLockException e) {
      // held by this process
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    String owner = Files.readString(file);
    throw new HeldException(
        "%s is being written by %s: wait until that run has ended, or name another folder"
            .formatted(folder, owner.isBlank() ? "another process" : owner));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
