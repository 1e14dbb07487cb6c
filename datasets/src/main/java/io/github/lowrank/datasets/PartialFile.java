package io.github.lowrank.datasets;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * What has come of a file: {@code NAME.part} beside it, and in {@code NAME.part.version} the
 * address and the server's name for the version, so that no other one is appended.
 */
final class PartialFile {
  private static final String PRINTABLE = "[\\x20-\\x7e]+";

  private final Path bytes;
  private final Path version;
  private long size;
  private boolean pieced;

  PartialFile(Path target) throws IOException {
    bytes = target.resolveSibling(target.getFileName() + ".part");
    version = target.resolveSibling(target.getFileName() + ".part.version");
    size = Files.exists(bytes) ? Files.size(bytes) : 0;
  }

  long size() {
    return size;
  }

  /** Whether the bytes came by more than one request. */
  boolean pieced() {
    return pieced;
  }

  String checksum() throws IOException {
    return DataRoot.digest(bytes);
  }

  /** What names the version, if {@code address} gave the bytes and gave such a name. */
  Optional<String> validator(String address) throws IOException {
    if (!Files.exists(version)) {
      return Optional.empty();
    }
    List<String> lines = Files.readString(version, StandardCharsets.ISO_8859_1).lines().toList();
    return lines.size() == 2 && lines.get(0).equals(address) && lines.get(1).matches(PRINTABLE)
        ? Optional.of(lines.get(1))
        : Optional.empty();
  }

  /** Starts anew. */
  OutputStream restart(String address, String validator) throws IOException {
    delete();
    if (validator.matches(PRINTABLE)) {
      Files.writeString(version, address + "\n" + validator + "\n");
    }
    return Files.newOutputStream(bytes);
  }

  /** Continues. */
  OutputStream append() throws IOException {
    pieced |= size > 0;
    return Files.newOutputStream(bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** Writes to {@code out}; a failure names the file, which Java does not. */
  void write(OutputStream out, byte[] buffer, int length) throws IOException {
    try {
      out.write(buffer, 0, length);
    } catch (IOException e) {
      FileStore store = Files.getFileStore(bytes);
      throw new IOException(
          "%s: %s (disk %s, %,d bytes free)"
              .formatted(bytes, e.getMessage(), store.name(), store.getUsableSpace()),
          e);
    }
    size += length;
  }

  /** Gives the file its name, once its bytes are on the disk. */
  void moveTo(Path target) throws IOException {
    try (FileChannel channel = FileChannel.open(bytes, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(bytes, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.deleteIfExists(version);
  }

  void delete() throws IOException {
    Files.deleteIfExists(bytes);
    Files.deleteIfExists(version);
    size = 0;
    pieced = false;
  }
}
