package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Table;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.foreign.ModelInspection;
import io.github.lowrank.graphdef.Safety;
import io.github.lowrank.predictor.Predictor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "inspect",
    mixinStandardHelpOptions = true,
    description = {
      "Shows the contents of any SavedModel.",
      "Prints its signatures, variables and op types,",
      "and how small each float matrix would be after removing 90 %% by factorization.",
      "Of a compact file (.lrk): its model card."
    },
    footerHeading = "%nExample:%n",
    footer = "  lowrank inspect lowrank-out/quickstart/models/baseline-seed1")
final class InspectCommand implements Callable<Integer> {
  private static final double REMOVED = 0.9;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SAVED_MODEL", description = "Folder of a SavedModel.")
  private Path model;

  @Override
  public Integer call() throws IOException {
    if (ModelPath.isCompact(model)) {
      Predictor compact = Predictor.load(model);
      spec.commandLine().getOut().println(compact.card());
      spec.commandLine().getOut().flush();
      return 0;
    }
    ModelInspection found = ModelInspection.of(model);
    PrintWriter out = spec.commandLine().getOut();
    out.printf(Locale.ROOT, "%s: %,d bytes%n", model, found.bytes());
    new TreeMap<>(found.signatures())
        .forEach(
            (name, signature) -> {
              out.println("signature " + name);
              print(out, "in", signature.getInputsMap());
              print(out, "out", signature.getOutputsMap());
            });
    Path vocabulary = model.resolve("assets").resolve(SavedModelWriter.VOCABULARY);
    if (Files.exists(vocabulary)) {
      try (Stream<String> words = Files.lines(vocabulary)) {
        out.printf(Locale.ROOT, "vocabulary: %,d words%n", words.count() - 1);
      }
    }
    Table table = new Table(List.of("variable", "type", "shape", "numbers", "after R = 0.9"));
    for (ModelInspection.VariableInfo v : found.variables()) {
      long left = v.factorised(REMOVED);
      table.line(
          List.of(
              v.name(),
              v.type().replace("DT_", "").toLowerCase(Locale.ROOT),
              v.shape().toString(),
              String.format(Locale.ROOT, "%,d", v.size()),
              left < 0 ? "" : String.format(Locale.ROOT, "%,d", left)));
    }
    out.println();
    out.print(table.text());
    out.println();
    out.println("op types: " + found.opTypes());
    out.println(
        found.unsafe().isEmpty()
            ? "ops that may reach files, network or other code: none"
            : "ops that may reach files, network or other code: "
                + Safety.describe(found.unsafe())
                + "; a model is a program: it is refused without "
                + Safety.OPTION);
    out.flush();
    return 0;
  }

  private static void print(PrintWriter out, String way, Map<String, TensorInfo> tensors) {
    new TreeMap<>(tensors)
        .forEach(
            (name, info) ->
                out.printf(
                    "  %-3s %s: %s %s%n",
                    way,
                    name,
                    info.getDtype().name().replace("DT_", "").toLowerCase(Locale.ROOT),
                    info.getTensorShape().getDimList().stream()
                        .map(TensorShapeProto.Dim::getSize)
                        .toList()));
  }
}
