package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.UnknownLabels;
import io.github.lowrank.experiments.report.Scores;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.predictor.Predictor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
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

  @Mixin private TextColumns texts;

  @Option(
      names = "--strict",
      description = "Refuse labels that the model does not have, instead of counting errors.")
  private boolean strict;

  @Option(
      names = "--label-separator",
      paramLabel = "TEXT",
      defaultValue = "",
      description =
          "What separates the labels of a cell if texts have any number of them, such as ';'.")
  private String separator;

  @Override
  public Integer call() throws IOException {
    if (ModelPath.isFile(model)) {
      score(Answers.of(Predictor.load(model)));
    } else {
      try (TextClassifier classifier = TextClassifier.load(model, trust.trusted())) {
        score(Answers.of(classifier));
      }
    }
    return 0;
  }

  private void score(Answers answers) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    LabelledFile.Columns columns = texts.columns(separator);
    UnknownLabels labels = new UnknownLabels(answers.labels(), "the model's training texts");
    ConsoleListener listener = new ConsoleListener(System.err);
    LabelledFile.read(
        test,
        columns,
        (index, line, content, names) -> {
          if (!answers.multiLabel() && names.size() != 1) {
            throw new IOException(
                "%s, line %d: expected one label, as the model answers, found %d"
                    .formatted(test, line, names.size()));
          }
          labels.count(names, line);
          listener.texts("reading " + test, index + 1);
        });
    Optional<String> unknown = labels.message(test);
    if (unknown.isPresent()) {
      if (strict) {
        throw new IOException(unknown.get());
      }
      spec.commandLine().getErr().println(unknown.get() + "; they count as errors");
    }
    Scoring scoring = new Scoring(answers, "scoring " + test, listener);
    LabelledFile.read(test, columns, (index, line, content, names) -> scoring.add(content, names));
    Scores report = scoring.report();
    out.println(report.headline());
    out.println();
    out.print(report.table().text());
    scoring.rejections().ifPresent(out::println);
    out.flush();
  }
}
