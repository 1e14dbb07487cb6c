package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.LabelledFile;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;

/** Where texts and labels are in a user's files, and their encoding. */
final class TextColumns {
  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      defaultValue = "text",
      description =
          "Column of the text: a name, or a number from 1 if there is no header (default: ${DEFAULT-VALUE}).")
  String text;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      defaultValue = "label",
      description = "Column of the label (default: ${DEFAULT-VALUE}).")
  String label;

  @Option(
      names = "--charset",
      paramLabel = "NAME",
      defaultValue = "UTF-8",
      description = "Encoding of the files (default: ${DEFAULT-VALUE}).")
  private String charset;

  Charset encoding() {
    try {
      return Charset.forName(charset);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "--charset: expected the name of an encoding, found '" + charset + "'");
    }
  }

  /**
   * The columns.
   *
   * @param separator of the labels of a cell; empty: a cell is one label
   */
  LabelledFile.Columns columns(String separator) {
    return new LabelledFile.Columns(text, label, separator, encoding());
  }

  /** All records of a file. */
  List<LabelledFile.Example> read(Path file) throws IOException {
    return LabelledFile.read(file, columns(""));
  }
}
