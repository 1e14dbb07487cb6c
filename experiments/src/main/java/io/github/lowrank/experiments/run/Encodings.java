package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataFile;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.io.ArrayFile;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.text.SentenceEncoder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Vectors of texts by a sentence encoder, and what is learned from them. They take milliseconds a
 * text, so they are kept in a folder, under the checksum of model and texts: the property {@value
 * #FOLDER}, else {@code LOWRANK_CACHE}, else {@code ~/.lowrank/cache}.
 */
final class Encodings {
  private static final String FOLDER = "lowrank.cache";

  private Encodings() {}

  /**
   * The vectors of {@code texts}.
   *
   * @param model with the files of a sentence encoder
   * @param what is done, for the listener
   * @return {@code [texts, n]}, of length 1
   */
  static Matrix of(
      VectorSource model, List<String> texts, String what, DataRoot root, RunListener listener)
      throws IOException {
    return kept(
        key(model, List.of(texts)),
        listener,
        () -> {
          try (InputStream onnx = root.open(model.files().get(0));
              InputStream tokenizer = root.open(model.files().get(1));
              SentenceEncoder encoder = SentenceEncoder.load(model.name(), onnx, tokenizer)) {
            return encoder.encode(texts, done -> listener.texts(what, done));
          }
        });
  }

  /** What takes long. */
  interface Computation {
    Matrix vectors() throws IOException;
  }

  /** The vectors under {@code key} in the folder; if there are none, they are computed and kept. */
  static Matrix kept(String key, RunListener listener, Computation computation) throws IOException {
    Path file = folder().resolve(key);
    if (Files.exists(file)) {
      try {
        return ArrayFile.read(file).get(0, Matrix.class);
      } catch (IOException e) {
        listener.warn(e.getMessage() + "; computing it again");
      }
    }
    Matrix vectors = computation.vectors();
    Files.createDirectories(file.getParent());
    ArrayFile.write(file, vectors);
    return vectors;
  }

  private static Path folder() {
    String named = System.getProperty(FOLDER, System.getenv("LOWRANK_CACHE"));
    return named == null || named.isEmpty()
        ? Path.of(System.getProperty("user.home"), ".lowrank", "cache")
        : Path.of(named);
  }

  /** Checksum of a model and of lists of texts. */
  static String key(VectorSource model, List<List<String>> lists) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      for (DataFile file : model.files()) {
        digest.update(file.sha256().getBytes(StandardCharsets.UTF_8));
      }
      for (int i = 0; i < lists.size(); i++) {
        if (i > 0) {
          digest.update(bytes(lists.get(i - 1).size())); // where one list ends
        }
        for (String text : lists.get(i)) {
          byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
          digest.update(bytes(bytes.length));
          digest.update(bytes);
        }
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private static byte[] bytes(int number) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
  }
}
