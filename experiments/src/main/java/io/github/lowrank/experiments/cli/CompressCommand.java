package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.experiments.report.Table;
import io.github.lowrank.foreign.ModelComparison;
import io.github.lowrank.foreign.ModelCompressor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "compress",
    mixinStandardHelpOptions = true,
    description = {
      "Compresses an embedding table of any SavedModel (Keras, TensorFlow 1, Lowrank) by replacing it with two factors.",
      "Signatures, assets and everything else stay unchanged. Without --out it only lists the tables."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank compress --model bert",
      "  lowrank compress --model bert --remove 0.9 --out small",
      "  lowrank compress --model bert --remove 0.95 --bits 8 --out smaller",
      "  lowrank compress --model mine --retrain reviews.csv --text text --out small"
    })
final class CompressCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "SAVED_MODEL",
      description = "Folder of the SavedModel.")
  private Path model;

  @Option(
      names = "--variable",
      paramLabel = "NAME",
      defaultValue = ModelCompressor.AUTO,
      description =
          "Name of the table; auto: the largest that is looked up (default: ${DEFAULT-VALUE}).")
  private String variable;

  @Option(
      names = "--remove",
      paramLabel = "R",
      defaultValue = "0.9",
      description = "Fraction of the table's parameters to remove (default: ${DEFAULT-VALUE}).")
  private double remove;

  @Option(
      names = "--bits",
      paramLabel = "32|16|8|4",
      defaultValue = "32",
      description =
          "Bits per stored number of the long factor: 32, 16, 8 or 4 (default: ${DEFAULT-VALUE}).")
  private int bits;

  @Option(
      names = "--retrain",
      paramLabel = "FILE",
      description = {
        "Texts on which the factors are trained to reproduce the model's original outputs: .csv, .tsv or "
            + ".jsonl with a column --text, or one text per line. No labels are needed. For models that take texts."
      })
  private Path retrain;

  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      defaultValue = "text",
      description = "Column of the texts in --retrain (default: ${DEFAULT-VALUE}).")
  private String text;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "500",
      description =
          "Number of training steps for --retrain, of 32 texts each (default: ${DEFAULT-VALUE}).")
  private long steps;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the compressed model; must not exist.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    PrintWriter terminal = spec.commandLine().getOut();
    if (!(remove > 0 && remove < 1)) {
      throw new UsageException("--remove: expected a number in (0, 1), found " + remove);
    }
    if (!List.of(32, 16, 8, 4).contains(bits)) {
      throw new UsageException("--bits: expected 32, 16, 8 or 4, found " + bits);
    }
    if (steps < 1) {
      throw new UsageException("--steps: expected a number of at least 1, found " + steps);
    }
    if (out != null && Files.exists(out)) {
      throw new UsageException("--out " + out + ": expected a folder that does not exist yet");
    }
    list(terminal);
    if (out == null) {
      return 0;
    }
    ModelCompressor.Outcome outcome =
        retrain == null
            ? ModelCompressor.compress(model, variable, remove, bits, out)
            : ModelCompressor.compressAndRetrain(
                model,
                variable,
                remove,
                bits,
                LabelledFile.texts(retrain, text),
                steps,
                new ConsoleListener(System.err).training("retraining"),
                out);
    long numbers = (long) outcome.table().rows() * outcome.table().columns();
    terminal.printf(
        Locale.ROOT,
        "%n%s: rank %d, %,d of %,d numbers (%.1f %% removed), relative error of the table %.4f%n",
        outcome.table().name(),
        outcome.rank(),
        outcome.parameters(),
        numbers,
        100 - 100.0 * outcome.parameters() / numbers,
        outcome.relativeError());
    terminal.printf(
        Locale.ROOT,
        "%s: %,d bytes; %s: %,d bytes (%.1f %%)%n",
        model,
        outcome.bytesBefore(),
        out,
        outcome.bytesAfter(),
        100.0 * outcome.bytesAfter() / outcome.bytesBefore());
    for (ModelComparison.Difference d : outcome.differences()) {
      terminal.println(
          d.note().isEmpty()
              ? String.format(
                  Locale.ROOT,
                  "%s, output %s, random inputs: largest difference %.5f, relative %.5f",
                  d.signature(),
                  d.output(),
                  d.largest(),
                  d.relative())
              : "%s: outputs could not be compared: %s".formatted(d.signature(), d.note()));
    }
    terminal.flush();
    return 0;
  }

  private void list(PrintWriter terminal) throws IOException {
    Table table = new Table(List.of("table", "rows", "columns", "bytes", "lookups", ""));
    int others = 0;
    for (ModelCompressor.Table t : ModelCompressor.tables(model)) {
      if (t.lookups() == 0) {
        others++;
      } else {
        table.line(
            List.of(
                t.name(),
                Integer.toString(t.rows()),
                Integer.toString(t.columns()),
                String.format(Locale.ROOT, "%,d", 4L * t.rows() * t.columns()),
                Integer.toString(t.lookups()),
                t.obstacle()));
      }
    }
    terminal.print(table.text());
    terminal.printf("%d other float matrices are not looked up%n", others);
    terminal.flush();
  }
}
