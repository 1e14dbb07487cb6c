package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.LabelledFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Where texts and labels are in a user's files, which are UTF-8. */
final class TextColumns {
  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      defaultValue = "text",
      description = "Column of the text (default: ${DEFAULT-VALUE}).")
  String text;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      defaultValue = "label",
      description = "Column of the label (default: ${DEFAULT-VALUE}).")
  String label;

  /**
   * The columns.
   *
   * @param separator of the labels of a cell; empty: a cell is one label
   */
  LabelledFile.Columns columns(String separator) {
    return new LabelledFile.Columns(text, label, separator, StandardCharsets.UTF_8);
  }

  /** All records of a file. */
  List<LabelledFile.Example> read(Path file) throws IOException {
    return LabelledFile.read(file, columns(""));
  }
}
