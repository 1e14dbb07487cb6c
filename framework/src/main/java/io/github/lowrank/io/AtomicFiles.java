package io.github.lowrank.io;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Files and folders that appear complete or not at all: they are written under a temporary name in
 * the same folder, flushed to disk, then moved. If anything fails, the previous content is still
 * there.
 */
public final class AtomicFiles {
  /** Suffix of the names of unfinished files and folders. */
  public static final String PART = ".part";

  private AtomicFiles() {}

  /** Writes to a path that does not exist yet. */
  public interface Writer {
    /** Writes to {@code path}. */
    void write(Path path) throws IOException;
  }

  /** An unused temporary name next to {@code target}. */
  private static Path beside(Path target) {
    Path absolute = target.toAbsolutePath();
    return absolute.resolveSibling(
        "." + absolute.getFileName() + "." + UUID.randomUUID().toString().substring(0, 8) + PART);
  }

  /** Writes or replaces {@code file}. */
  public static void write(Path file, byte[] bytes) throws IOException {
    file(file, part -> Files.write(part, bytes));
  }

  /** Writes or replaces {@code file} as UTF-8. */
  public static void write(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes or replaces {@code file} with what {@code writer} writes. */
  public static void file(Path file, Writer writer) throws IOException {
    Path part = beside(file);
    Files.createDirectories(part.getParent());
    try (Unfinished unfinished = Unfinished.of(part)) {
      writer.write(part);
      sync(part);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      sync(part.getParent());
    } catch (IOException | RuntimeException e) {
      throw full(file, e);
    }
  }

  /** Writes or replaces the folder {@code folder} with what {@code writer} puts into it. */
  public static void folder(Path folder, Writer writer) throws IOException {
    Path part = beside(folder);
    Files.createDirectories(part.getParent());
    try (Unfinished unfinished = Unfinished.of(part)) {
      Files.createDirectory(part);
      writer.write(part);
      move(part, folder);
    } catch (IOException | RuntimeException e) {
      throw full(folder, e);
    }
  }

  /**
   * Names file and disk if {@code failure} says that the disk is full, which neither Java nor
   * TensorFlow does; else {@code failure} itself.
   */
  private static IOException full(Path target, Exception failure) throws IOException {
    String message = String.valueOf(failure.getMessage());
    for (String reason :
        List.of("No space left on device", "Disk quota exceeded", "File too large")) {
      if (message.contains(reason) && !message.startsWith(target + ":")) {
        Path folder = target.toAbsolutePath().getParent();
        String disk = "";
        try {
          FileStore store = Files.getFileStore(folder);
          disk = " (disk %s, %,d bytes free)".formatted(store.name(), store.getUsableSpace());
        } catch (IOException e) {
          failure.addSuppressed(e);
        }
        return new IOException(target + ": " + reason + disk, failure);
      }
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    throw (IOException) failure;
  }

  /** Moves the folder {@code from} to {@code to}, replacing what was there. */
  public static void move(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        sync(file);
      }
    }
    Files.createDirectories(to.toAbsolutePath().getParent());
    if (Files.exists(to)) {
      // A folder cannot be replaced in one call: the old one is moved aside first, so that a crash
      // loses neither.
      Path old = beside(to);
      Files.move(to, old, StandardCopyOption.ATOMIC_MOVE);
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      delete(old);
    } else {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }
    sync(to.toAbsolutePath().getParent());
  }

  private static void sync(Path path) throws IOException {
    boolean directory = Files.isDirectory(path);
    try (FileChannel channel =
        FileChannel.open(path, directory ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
      channel.force(true);
    } catch (IOException e) {
      if (!directory) { // some systems cannot open folders
        throw e;
      }
    }
  }

  /** Copies a file, or a folder with its contents; {@code to} must not exist. */
  public static void copy(Path from, Path to) throws IOException {
    for (Path file : files(from)) {
      Path target = to.resolve(from.toRealPath().relativize(file).toString());
      Files.createDirectories(target.toAbsolutePath().getParent());
      Files.copy(file, target);
    }
  }

  /** Deletes a file, or a folder with its contents, if it exists. Does not follow links. */
  public static void delete(Path path) throws IOException {
    if (!Files.exists(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * The files in a folder, ordered by name, or the file itself; by real paths, for {@code path} may
   * be a link to a folder.
   */
  public static List<Path> files(Path path) throws IOException {
    try (Stream<Path> files = Files.walk(path.toRealPath())) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** Size in bytes of a file, or of all files in a folder. */
  public static long size(Path path) throws IOException {
    long size = 0;
    for (Path file : files(path)) {
      size += Files.size(file);
    }
    return size;
  }

  /** SHA-256 of a file, or of the names and bytes of all files in a folder, in hexadecimal. */
  public static String checksum(Path path) throws IOException {
    MessageDigest digest = sha256();
    Path root = path.toRealPath();
    for (Path file : files(root)) {
      if (!file.equals(root)) {
        digest.update(root.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Long.toString(Files.size(file)).getBytes(StandardCharsets.UTF_8));
      }
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** SHA-256 of {@code bytes}, in hexadecimal. */
  public static String checksum(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
