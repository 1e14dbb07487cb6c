package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.UnknownLabels;
import io.github.lowrank.experiments.report.ClassReport;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.predictor.Predictor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
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
  @Spec private CommandSpec spec;
  @Mixin private TrustOption trust;

  @Parameters(
      paramLabel = "MODEL",
      description = "Folder of a SavedModel made by Lowrank, or a compact file.")
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
    if (ModelPath.isFile(model)) {
      Predictor predictor = Predictor.load(model);
      score(predictor.labels(), texts -> texts.stream().map(t -> answer(predictor, t)).toList());
    } else {
      try (TextClassifier classifier = TextClassifier.load(model, trust.trusted())) {
        score(classifier.labels(), classifier::predict);
      }
    }
    return 0;
  }

  static TextClassifier.Prediction answer(Predictor predictor, String text) {
    Predictor.Prediction answer = predictor.predict(text);
    return new TextClassifier.Prediction(
        answer.label(), answer.probability(), answer.probabilities());
  }

  private void score(
      List<String> known, Function<List<String>, List<TextClassifier.Prediction>> classifier)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    UnknownLabels labels = new UnknownLabels(known, "the model's training texts");
    ConsoleListener listener = new ConsoleListener(System.err);
    LabelledFile.read(
        test,
        text,
        label,
        StandardCharsets.UTF_8,
        (index, line, content, name) -> {
          labels.count(name, line);
          listener.texts("reading " + test, index + 1);
        });
    Optional<String> unknown = labels.message(test);
    if (unknown.isPresent()) {
      if (strict) {
        throw new IOException(unknown.get());
      }
      spec.commandLine().getErr().println(unknown.get() + "; they count as errors");
    }
    Scoring scoring = new Scoring(known, classifier, "scoring " + test, listener);
    LabelledFile.read(
        test,
        text,
        label,
        StandardCharsets.UTF_8,
        (index, line, content, name) -> scoring.add(content, name));
    ClassReport report = scoring.report();
    out.println(report.headline());
    out.println();
    out.print(report.table().text());
    out.flush();
  }
}
