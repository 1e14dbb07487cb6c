package io.github.lowrank.datasets;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The folder that contains the catalogue's files, in the layout of their {@link DataFile#path}.
 * Files that Maven fetches are on the class path instead.
 *
 * @param folder if it does not exist, only bundled files are found
 */
public record DataRoot(Path folder) {
  // Every identity of a trial on a user's files asks for them.
  private static final Map<Version, String> CHECKSUMS = new ConcurrentHashMap<>();

  /** Whether {@code file} is there, with any content. */
  public boolean has(DataFile file) {
    return file.bundled()
        ? DataRoot.class.getResource("/" + file.path()) != null
        : Files.exists(folder.resolve(file.path()))
            && !Files.isDirectory(folder.resolve(file.path()));
  }

  /** Where {@code file} is or should be, for messages. */
  public String location(DataFile file) {
    return file.bundled() ? "class path:" + file.path() : folder.resolve(file.path()).toString();
  }

  private InputStream stream(DataFile file) throws IOException {
    if (!has(file)) {
      throw new DatasetException(
          file.bundled()
              ? file.path()
                  + " is not on the class path: start with ./lowrank, which lets Maven fetch it"
              : "%s does not exist. Name the folder that holds it with --data%s"
                  .formatted(
                      location(file),
                      file.address()
                          .map(a -> ", or let lowrank datasets get fetch it from " + a)
                          .orElse("")));
    }
    return file.bundled()
        ? DataRoot.class.getResourceAsStream("/" + file.path())
        : Files.newInputStream(InputFiles.readable(folder.resolve(file.path()), "a file"));
  }

  /** Compares the checksum of {@code file} with the catalogue's. */
  public void verify(DataFile file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(stream(file), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    check(file, digest);
  }

  /** SHA-256 of any file, in hexadecimal; computed again only if the file has changed. */
  public static String checksum(Path file) throws IOException {
    Path readable = InputFiles.readable(file, "a file");
    Version version =
        new Version(readable, Files.size(readable), Files.getLastModifiedTime(readable));
    String known = CHECKSUMS.get(version);
    if (known == null) {
      known = digest(readable);
      CHECKSUMS.put(version, known);
    }
    return known;
  }

  /** SHA-256 of {@code file} as it is now, in hexadecimal. */
  static String digest(Path file) throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private record Version(Path file, long size, FileTime modified) {}

  /** The bytes of {@code file}, verified. */
  public byte[] read(DataFile file) throws IOException {
    MessageDigest digest = sha256();
    byte[] bytes;
    try (InputStream in = new DigestInputStream(stream(file), digest)) {
      bytes = in.readAllBytes();
    }
    check(file, digest);
    return bytes;
  }

  /** A stream of {@code file}, verified before it is opened. */
  public InputStream open(DataFile file) throws IOException {
    verify(file);
    return new BufferedInputStream(stream(file), 1 << 16);
  }

  /** The path of a file that is not bundled (of its copy, if it is a pipe), verified. */
  public Path path(DataFile file) throws IOException {
    verify(file);
    return InputFiles.readable(folder.resolve(file.path()), "a file");
  }

  private void check(DataFile file, MessageDigest digest) throws DatasetException {
    String found = HexFormat.of().formatHex(digest.digest());
    if (!found.equals(file.sha256())) {
      throw new DatasetException(
          "%s is not the file in the catalogue (truncated or another version?): expected SHA-256 %s, found %s"
              .formatted(location(file), file.sha256(), found));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
