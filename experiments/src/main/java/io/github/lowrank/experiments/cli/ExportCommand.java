package io.github.lowrank.experiments.cli;

import io.github.lowrank.export.FrozenGraph;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
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
      "savedmodel: only what a server needs, without the model card."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank export model --format frozen --out model.pb",
      "  lowrank export model --format savedmodel --out serving/1"
    })
final class ExportCommand implements Callable<Integer> {
  enum Format {
    SAVEDMODEL,
    FROZEN
  }

  @Spec private CommandSpec spec;
  @Mixin private TrustOption trust;

  @Parameters(paramLabel = "SAVED_MODEL", description = "Folder of a SavedModel made by Lowrank.")
  private Path model;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "savedmodel|frozen",
      description = "The form to write.")
  private Format format;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "PATH",
      description = "File (frozen) or folder (savedmodel) to write; must not exist.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    if (Files.exists(out)) {
      throw new UsageException("--out " + out + ": expected a path that does not exist yet");
    }
    if (format == Format.FROZEN) {
      FrozenGraph.write(model, out, trust.trusted());
    } else {
      TextClassifier.load(model, trust.trusted()).close();
      AtomicFiles.folder(
          out,
          part -> {
            for (String kept : List.of(SavedModels.FILE, "variables", "assets")) {
              AtomicFiles.copy(model.resolve(kept), part.resolve(kept));
            }
          });
    }
    long bytes = AtomicFiles.size(out);
    spec.commandLine().getOut().printf(Locale.ROOT, "%s: %,d bytes%n", out, bytes);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
