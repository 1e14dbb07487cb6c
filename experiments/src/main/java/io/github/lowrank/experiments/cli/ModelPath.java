package io.github.lowrank.experiments.cli;

import io.github.lowrank.predictor.CompactFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What a user names as a model: the folder of a SavedModel, or a compact file. */
final class ModelPath {
  private ModelPath() {}

  /** Whether a model is to be read as a compact file. */
  static boolean isFile(Path model) throws IOException {
    if (!Files.exists(model)) {
      throw new IOException(
          model + " does not exist: expected the folder of a SavedModel, or a compact file");
    }
    return Files.isRegularFile(model);
  }

  /** Whether {@code model} is a compact file, by its first bytes. */
  static boolean isCompact(Path model) throws IOException {
    if (!Files.isRegularFile(model)) {
      return false;
    }
    byte[] magic = CompactFormat.magic();
    try (InputStream in = Files.newInputStream(model)) {
      return Arrays.equals(in.readNBytes(magic.length), magic);
    }
  }

  /** Refuses a compact file where only a SavedModel has what is needed. */
  static void refuseCompact(Path model) throws IOException {
    if (isCompact(model)) {
      throw new IOException(
          model
              + " is a compact file, for predict, evaluate and inspect only: expected the folder of the SavedModel it was made of");
    }
  }
}
