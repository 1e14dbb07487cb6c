package org.example;

import io.github.lowrank.datasets.DataFile;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.datasets.DatasetSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** A data set of two files, to be downloaded from where a system property says. */
public record Served() implements DatasetSource {
  /** Address of the folder that has the files. */
  public static final String ADDRESS = "test.served";

  /** The bytes of the file {@code served/N.bin}. */
  public static byte[] bytes(int n) {
    byte[] bytes = new byte[n * 1_000_000];
    new Random(n).nextBytes(bytes);
    return bytes;
  }

  /** Writes both files below {@code folder}. */
  public static void writeTo(Path folder) throws java.io.IOException {
    Files.createDirectories(folder.resolve("served"));
    for (int n = 1; n <= 2; n++) {
      Files.write(folder.resolve("served/" + n + ".bin"), bytes(n));
    }
  }

  @Override
  public String name() {
    return "served";
  }

  @Override
  public String description() {
    return "noise";
  }

  @Override
  public String licence() {
    return "CC0 1.0";
  }

  @Override
  public boolean tokenized() {
    return true;
  }

  @Override
  public List<DataFile> files() {
    return List.of(file(1), file(2));
  }

  private static DataFile file(int n) {
    String path = "served/" + n + ".bin";
    try {
      String sha256 =
          HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes(n)));
      return new DataFile(
          path,
          sha256,
          false,
          Optional.ofNullable(System.getProperty(ADDRESS)).map(a -> a + path),
          Optional.empty());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public Dataset load(DataRoot root) {
    throw new UnsupportedOperationException("noise");
  }
}
