package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.experiments.report.Table;
import io.github.lowrank.foreign.CompressionRequest;
import io.github.lowrank.foreign.ModelComparison;
import io.github.lowrank.foreign.ModelCompressor;
import io.github.lowrank.foreign.TableAdvice;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "compress",
    mixinStandardHelpOptions = true,
    description = {
      "Factorizes embedding tables of a SavedModel, anybody's: Keras, TensorFlow 1 and 2, Lowrank.",
      "Signatures, functions, assets and all else stay; without --out it only lists the tables.",
      "A model is a program: one whose ops may reach files, network or other code is refused."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank compress --model bert",
      "  lowrank compress --model bert --remove 0.9 --out small",
      "  lowrank compress --model keras --variable embedding/embeddings --remove 0.95 --bits 8 --out small",
      "  lowrank compress --model towers --min-bytes 100000 --strip --out small",
      "  lowrank compress --model mine --retrain reviews.csv --text text --inputs texts.txt --out small",
      "  lowrank compress --model mine --train labelled.csv --label sentiment --out small"
    })
final class CompressCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private TrustOption trust;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "SAVED_MODEL",
      description = "Folder of the model.")
  private Path model;

  @Option(
      names = "--variable",
      paramLabel = "NAME",
      description =
          "A table, repeated for several; auto: the largest that is looked up (default: auto).")
  private List<String> variables = List.of();

  @Option(
      names = "--min-bytes",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = ByteSize.Converter.class,
      description = "Without --variable: all tables of at least that size, such as 100KB.")
  private ByteSize minBytes;

  @Option(
      names = "--remove",
      paramLabel = "R",
      defaultValue = "0.9",
      description = {
        "Fraction of a table's numbers to remove (default: ${DEFAULT-VALUE}).",
        "0 with --bits: codes without a factorization."
      })
  private double remove;

  @Option(
      names = "--bits",
      paramLabel = "32|16|8|4|3|2|1",
      defaultValue = "32",
      description = "Bits of a stored number of the long factor (default: ${DEFAULT-VALUE}).")
  private int bits;

  @Option(
      names = "--max-bytes",
      paramLabel = "SIZE",
      defaultValue = "0",
      converter = ByteSize.Converter.class,
      description =
          "In the place of --remove: as little as leaves all files of --out that size, such as 2MB.")
  private ByteSize maxBytes;

  @Option(
      names = "--strip",
      description = "Empties what only training needs: the matrices of an optimizer.")
  private boolean strip;

  @Option(
      names = "--retrain",
      paramLabel = "FILE",
      description = {
        "Texts on which the factors learn to give the outputs of the whole table: .csv, .tsv or "
            + ".jsonl with a column --text, or one text per line. Needs no labels. For models that take texts."
      })
  private Path retrain;

  @Option(
      names = "--train",
      paramLabel = "FILE",
      description = {
        "In the place of --retrain: labelled texts (.csv, .tsv, .jsonl, or fastText's format) on which the factors "
            + "learn to give the labels in the column --label: class numbers from 0, or names whose "
            + "alphabetical order is that of the model's classes."
      })
  private Path train;

  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      defaultValue = "text",
      description =
          "Column of the texts of --retrain, --train and --inputs (default: ${DEFAULT-VALUE}).")
  private String text;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      defaultValue = "label",
      description = "Column of the labels of --train (default: ${DEFAULT-VALUE}).")
  private String label;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "500",
      description = "Steps of --retrain or --train, of 32 texts (default: ${DEFAULT-VALUE}).")
  private long steps;

  @Option(
      names = "--inputs",
      paramLabel = "FILE",
      description = "Texts on which the outputs before and after are compared (default: random).")
  private Path inputs;

  @Option(names = "--out", paramLabel = "DIR", description = "Folder that must not exist.")
  private Path out;

  private CompressionRequest request() throws IOException {
    if (!(remove > 0 && remove < 1) && !(remove == 0 && bits < Float.SIZE)) {
      throw new UsageException(
          "--remove: expected a number in (0, 1), found %s%s"
              .formatted(remove, remove == 0 ? " (0 needs --bits below 32)" : ""));
    }
    if (!List.of(32, 16, 8, 4, 3, 2, 1).contains(bits)) {
      throw new UsageException("--bits: expected 32, 16, 8, 4, 3, 2 or 1, found " + bits);
    }
    if (steps < 1) {
      throw new UsageException("--steps: expected a number of at least 1, found " + steps);
    }
    boolean given = spec.commandLine().getParseResult().hasMatchedOption("--remove");
    if (maxBytes.bytes() > 0 && given) {
      throw new UsageException("--max-bytes finds the fraction: expected no --remove beside it");
    }
    if (retrain != null && train != null) {
      throw new UsageException("--retrain and --train: expected only one of them");
    }
    if ((retrain != null || train != null) && remove == 0) {
      throw new UsageException(
          "--%s trains factors: expected --remove above 0"
              .formatted(retrain != null ? "retrain" : "train"));
    }
    if (out != null && Files.exists(out)) {
      throw new UsageException("--out " + out + ": expected a folder that does not exist yet");
    }
    CompressionRequest request =
        CompressionRequest.of(remove)
            .withBits(bits)
            .withMinBytes(minBytes.bytes())
            .withMaxBytes(maxBytes.bytes());
    List<String> named =
        variables.stream().filter(name -> !name.equals(ModelCompressor.AUTO)).toList();
    request = request.withTables(named);
    if (strip) {
      request = request.stripped();
    }
    if (trust.trusted()) {
      request = request.trusting();
    }
    if (inputs != null) {
      request = request.comparedOn(LabelledFile.texts(inputs, text));
    }
    TrainingListener listener = new ConsoleListener(System.err).training("retraining");
    if (retrain != null) {
      request =
          request.withRetraining(
              new CompressionRequest.Retraining(
                  LabelledFile.texts(retrain, text), steps, 1, listener));
    }
    if (train != null) {
      List<String> texts = new ArrayList<>();
      List<String> labels = new ArrayList<>();
      LabelledFile.read(
          train,
          new LabelledFile.Columns(text, label, StandardCharsets.UTF_8),
          (index, line, content, names) -> {
            if (names.size() != 1) {
              throw new IOException(
                  "%s, line %d: expected one label, found %d".formatted(train, line, names.size()));
            }
            texts.add(content);
            labels.add(names.get(0));
          });
      request =
          request.withRetraining(
              new CompressionRequest.Retraining(texts, labels, steps, 1, listener));
    }
    return request;
  }

  @Override
  public Integer call() throws IOException {
    PrintWriter terminal = spec.commandLine().getOut();
    CompressionRequest request = request();
    ModelPath.refuseCompact(model);
    list(terminal);
    if (out == null) {
      return 0;
    }
    for (TableAdvice advice : ModelCompressor.advice(model, request)) {
      advise(terminal, advice);
    }
    terminal.flush();
    ModelCompressor.Outcome outcome = ModelCompressor.compress(model, request, out);
    report(terminal, outcome);
    return 0;
  }

  private static void advise(PrintWriter terminal, TableAdvice advice) {
    Table table = new Table(List.of("form", "bytes", "error of the table"));
    for (List<TableAdvice.Choice> choices : List.of(advice.ranks(), advice.codes())) {
      for (TableAdvice.Choice c : choices) {
        String removed =
            c.rank() == 0
                ? "fixed point, " + c.form()
                : String.format(Locale.ROOT, "%s (R = %.2f)", c.form(), c.removed());
        table.line(
            List.of(
                removed,
                String.format(Locale.ROOT, "%,d", c.bytes()),
                String.format(Locale.ROOT, "%.4f", c.error())));
      }
    }
    terminal.println();
    terminal.println(advice.table() + ":");
    terminal.print(table.text());
    if (!advice.recommendation().isEmpty()) {
      terminal.println(advice.recommendation());
    }
  }

  private void report(PrintWriter terminal, ModelCompressor.Outcome outcome) {
    terminal.println();
    for (ModelCompressor.Compressed c : outcome.tables()) {
      long numbers = (long) c.table().rows() * c.table().columns();
      terminal.printf(
          Locale.ROOT,
          "%s: rank %d, %,d of %,d numbers (%.1f %% removed), relative error of the table %.4f,"
              + " %,d of %,d bytes%n",
          c.table().name(),
          c.rank(),
          c.parameters(),
          numbers,
          100 - 100.0 * c.parameters() / numbers,
          c.relativeError(),
          c.bytes(),
          c.table().bytes());
    }
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
                  "%s, output %s, %s: largest difference %.5f, relative %.5f%s, %,d inputs,"
                      + " %.0f us a call instead of %.0f",
                  d.signature(),
                  d.output(),
                  d.random() ? "random inputs" : inputs.toString(),
                  d.largest(),
                  d.relative(),
                  Double.isNaN(d.agreement())
                      ? ""
                      : String.format(
                          Locale.ROOT, ", same most likely class %.1f %%", 100 * d.agreement()),
                  d.inputs(),
                  d.microsAfter(),
                  d.microsBefore())
              : "%s: outputs could not be compared: %s".formatted(d.signature(), d.note()));
    }
    if (inputs != null && outcome.differences().stream().allMatch(d -> d.random())) {
      terminal.printf(
          "%s was not used: no signature of the model takes texts, and nothing else%n", inputs);
    }
    outcome.notes().forEach(terminal::println);
    terminal.flush();
  }

  private void list(PrintWriter terminal) throws IOException {
    Table table = new Table(List.of("table", "rows", "columns", "bytes", "lookups", "parts", ""));
    int others = 0;
    for (ModelCompressor.Table t : ModelCompressor.tables(model, strip)) {
      if (t.lookups() == 0) {
        others++;
      } else {
        table.line(
            List.of(
                t.name(),
                Integer.toString(t.rows()),
                Integer.toString(t.columns()),
                String.format(Locale.ROOT, "%,d", t.bytes()),
                Integer.toString(t.lookups()),
                Integer.toString(t.parts()),
                t.obstacle()));
      }
    }
    terminal.print(table.text());
    terminal.printf("%d other float matrices are not looked up%n", others);
    terminal.flush();
  }
}
