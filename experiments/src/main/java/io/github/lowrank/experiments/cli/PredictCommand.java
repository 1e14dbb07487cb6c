package io.github.lowrank.experiments.cli;

import io.github.lowrank.export.TextClassifier;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description =
        "Reads sentences from standard input, one a line, and prints label, probability and sentence, separated by tabs.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  echo 'a small furry animal' | lowrank predict lowrank-out/quickstart/models/online-90-seed1",
      "  lowrank predict MODEL < sentences.txt > labels.tsv"
    })
final class PredictCommand implements Callable<Integer> {
  private static final int BATCH = 256;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SAVED_MODEL", description = "Folder of a SavedModel of Lowrank.")
  private Path model;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (TextClassifier classifier = TextClassifier.load(model);
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      List<String> batch = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        batch.add(line);
        // Answers at once when a person types; in batches when a file streams in.
        if (batch.size() == BATCH || !in.ready()) {
          print(classifier, batch, out);
        }
      }
      print(classifier, batch, out);
    }
    return 0;
  }

  private static void print(TextClassifier classifier, List<String> batch, PrintWriter out) {
    List<TextClassifier.Prediction> predictions = classifier.predict(batch);
    for (int i = 0; i < batch.size(); i++) {
      out.printf(
          Locale.ROOT,
          "%s\t%.4f\t%s%n",
          predictions.get(i).label(),
          predictions.get(i).probability(),
          batch.get(i));
    }
    out.flush();
    batch.clear();
  }
}
