package io.github.lowrank.experiments.cli;

import io.github.lowrank.export.CompactFile;
import io.github.lowrank.export.FrozenGraph;
import io.github.lowrank.export.OnnxFile;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a model of Lowrank in a form for another program.",
      "frozen: one file with a GraphDef, without variables, tables or assets, for TensorFlow's C API and others: "
          + "feed strings to text, fetch probabilities, label or labels.",
      "compact: one small file for lowrank predict and for Java programs with nothing but the jar lowrank-predictor.",
      "onnx: one file for ONNX Runtime in any language: feed strings to text, fetch probabilities and label.",
      "onnx-rows: the same for callers who look up the words themselves: feed row_numbers instead of text.",
      "savedmodel: only what a server needs, without the model card."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank export model --format compact --out model.lrk",
      "  lowrank export model --format compact --vocabulary 24 --out small.lrk",
      "  lowrank export model --format frozen --out model.pb",
      "  lowrank export model --format onnx --out model.onnx",
      "  lowrank export model --format savedmodel --out serving/1"
    })
final class ExportCommand implements Callable<Integer> {
  enum Format {
    SAVEDMODEL,
    FROZEN,
    COMPACT,
    ONNX,
    ONNX_ROWS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  @Spec private CommandSpec spec;
  @Mixin private TrustOption trust;

  @Parameters(paramLabel = "SAVED_MODEL", description = "Folder of a SavedModel made by Lowrank.")
  private Path model;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "savedmodel|frozen|compact|onnx|onnx-rows",
      description = "The form to write.")
  private Format format;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "PATH",
      description = "File, or folder (savedmodel), to write; must not exist.")
  private Path out;

  @Option(
      names = "--vocabulary",
      paramLabel = "exact|16|24|32",
      defaultValue = "exact",
      description = {
        "Of compact files: the words themselves, or that many bits of a hash of each, which are smaller and take an "
            + "unknown word for a known one with probability 2^-bits (default: ${DEFAULT-VALUE})."
      })
  private String vocabulary;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(out)) {
      throw new UsageException("--out " + out + ": expected a path that does not exist yet");
    }
    UsageException.checkFolderAbove(out);
    if (!vocabulary.matches("exact|16|24|32")) {
      throw new UsageException(
          "--vocabulary: expected exact, 16, 24 or 32, found '" + vocabulary + "'");
    } else if (!vocabulary.equals("exact") && format != Format.COMPACT) {
      throw new UsageException("--vocabulary is for --format compact");
    }
    ModelPath.refuseCompact(model);
    switch (format) {
      case COMPACT -> compact();
      case FROZEN -> FrozenGraph.write(model, out, trust.trusted());
      case ONNX -> OnnxFile.write(model, out, OnnxFile.Input.TEXT, trust.trusted());
      case ONNX_ROWS -> OnnxFile.write(model, out, OnnxFile.Input.ROWS, trust.trusted());
      case SAVEDMODEL -> savedModel();
    }
    long bytes = AtomicFiles.size(out);
    spec.commandLine().getOut().printf(Locale.ROOT, "%s: %,d bytes%n", out, bytes);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private void savedModel() throws IOException {
    TextClassifier.load(model, trust.trusted()).close();
    AtomicFiles.folder(
        out,
        part -> {
          for (String kept : List.of(SavedModels.FILE, "variables", "assets")) {
            AtomicFiles.copy(model.resolve(kept), part.resolve(kept));
          }
        });
  }

  private void compact() throws IOException {
    int bits = vocabulary.equals("exact") ? CompactFile.EXACT : Integer.parseInt(vocabulary);
    CompactFile.Sizes sizes = CompactFile.write(model, out, bits, trust.trusted());
    PrintWriter terminal = spec.commandLine().getOut();
    sizes
        .sections()
        .forEach(
            (section, bytes) ->
                terminal.printf(Locale.ROOT, "%-12s %,12d bytes%n", section, bytes));
    if (bits == CompactFile.EXACT) {
      terminal.printf(Locale.ROOT, "%,d words, stored as they are%n", sizes.words());
    } else {
      terminal.printf(
          Locale.ROOT,
          "%,d words as fingerprints: of unknown words, %.2g are taken for known ones%n",
          sizes.words(),
          sizes.falsePositiveRate());
    }
  }
}
