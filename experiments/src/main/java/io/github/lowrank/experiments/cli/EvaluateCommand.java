package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.experiments.report.ClassReport;
import io.github.lowrank.export.TextClassifier;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description =
        "Scores a model of Lowrank on labelled texts (UTF-8): accuracy, precision, recall and confusion.",
    footerHeading = "%nExample:%n",
    footer = "  lowrank evaluate model --test more.csv --text text --label sentiment")
final class EvaluateCommand implements Callable<Integer> {
  private static final int BATCH = 256;

  @Spec private CommandSpec spec;
  @Mixin private TrustOption trust;

  @Parameters(paramLabel = "SAVED_MODEL", description = "Folder of a SavedModel made by Lowrank.")
  private Path model;

  @Option(
      names = "--test",
      required = true,
      paramLabel = "FILE",
      description = "File of labelled texts.")
  private Path test;

  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      defaultValue = "text",
      description = "Column of the text (default: ${DEFAULT-VALUE}).")
  private String text;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      defaultValue = "label",
      description = "Column of the label (default: ${DEFAULT-VALUE}).")
  private String label;

  @Option(
      names = "--strict",
      description = "Refuse labels that the model does not have, instead of counting errors.")
  private boolean strict;

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (TextClassifier classifier = TextClassifier.load(model, trust.trusted())) {
      List<LabelledFile.Example> examples =
          LabelledFile.read(test, text, label, StandardCharsets.UTF_8);
      Optional<String> unknown =
          LabelledFile.unknown(test, examples, classifier.labels(), "the model's training texts");
      if (unknown.isPresent()) {
        if (strict) {
          throw new IOException(unknown.get());
        }
        spec.commandLine().getErr().println(unknown.get() + "; they count as errors");
      }
      ClassReport report =
          score(
              classifier,
              examples.stream().map(LabelledFile.Example::text).toList(),
              examples.stream().map(LabelledFile.Example::label).toList());
      out.println(report.headline());
      out.println();
      out.print(report.table().text());
      out.flush();
    }
    return 0;
  }

  static ClassReport score(TextClassifier classifier, List<String> texts, List<String> truth) {
    List<String> answers = new ArrayList<>();
    for (int i = 0; i < texts.size(); i += BATCH) {
      classifier
          .predict(texts.subList(i, Math.min(texts.size(), i + BATCH)))
          .forEach(p -> answers.add(p.label()));
    }
    return ClassReport.of(classifier.labels(), truth, answers);
  }
}
