package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.DataFile;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.datasets.OwnFiles;
import io.github.lowrank.datasets.Split;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.ClassReport;
import io.github.lowrank.experiments.report.ModelCard;
import io.github.lowrank.experiments.report.Scores;
import io.github.lowrank.experiments.run.TfIdf;
import io.github.lowrank.export.CompactFile;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Unfinished;
import io.github.lowrank.predictor.Predictor;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a classifier on your own labelled texts, compresses its embedding during training, and writes a "
          + "SavedModel with a model card.",
      "Files: .csv, .tsv, .jsonl, or fastText's '__label__x text' (any other ending)."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lowrank train --train reviews.csv --text text --label sentiment --out model",
      "  lowrank train --train a.tsv --text 2 --label 1 --max-bytes 500KB --out model",
      "  lowrank train --train reviews.csv --size 1%% --out model",
      "  lowrank train --train reviews.csv --max-bytes 100KB --out model.lrk",
      "  lowrank train --train reviews.csv --model dan --max-bytes 100KB --out fast.lrk",
      "  lowrank train --train intents.csv --head prototypes --out model",
      "  lowrank train --train tagged.csv --label tags --label-separator ';' --out model",
      "  lowrank train --train reviews.csv --tune 5m --out model",
      "  lowrank train --train mails.txt --vectors none --bits 8 --out model",
      "  echo 'what a film' | lowrank predict model"
    })
final class TrainCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private DataOption data;
  @Mixin private TrainOptions options;

  @Override
  public Integer call() throws IOException {
    options.check();
    DataRoot root = data.root();
    ConsoleListener listener = new ConsoleListener(System.err);
    OwnFiles files = options.files(options.maxWords);
    Dataset dataset = files.load(root, texts -> listener.texts("reading " + files.name(), texts));
    options.checkLabels(dataset.multiLabel());
    if (dataset.multiLabel()) {
      listener.log("texts have any number of labels: models are selected by F1 on dev");
    }
    if (options.strict && !dataset.unknown().isEmpty()) {
      throw new IOException(String.join("; ", dataset.unknown()));
    }
    Path out = options.out;
    Path parent = out.toAbsolutePath().getParent();
    Files.createDirectories(parent);
    Path work = Files.createTempDirectory(parent, "." + out.getFileName() + ".");
    try (Unfinished unfinished = Unfinished.of(work)) {
      TrainSearch search = new TrainSearch(options, terminal(), dataset, root, listener, work);
      TrainSearch.Trained best = search.best();
      AtomicFiles.move(complete(dataset, best, search.tried(), listener), out);
    }
    terminal().printf("%s is ready: lowrank predict %s%n", out, out);
    terminal().flush();
    return 0;
  }

  private PrintWriter terminal() {
    return spec.commandLine().getOut();
  }

  /** The same texts by tf-idf and logistic regression. */
  private static String rival(Dataset dataset, Split scored, double ours, ConsoleListener listener)
      throws IOException {
    if (dataset.train().size() > TrainOptions.MANY) {
      return "tf-idf + logistic regression: not compared, more than %,d training texts"
          .formatted(TrainOptions.MANY);
    }
    listener.log("training tf-idf + logistic regression, for comparison");
    TfIdf rival = TfIdf.train(dataset);
    double accuracy = rival.accuracy(scored);
    return String.format(
        Locale.ROOT,
        "tf-idf of words and pairs of words + logistic regression: %s%.2f %%, so %s",
        dataset.multiLabel() ? "P@1 " : "",
        100 * accuracy,
        ours > accuracy
            ? "this classifier is better"
            : ours == accuracy ? "both are equal" : "this classifier is worse");
  }

  /**
   * Scores a classifier in the form that was asked for, and adds its card.
   *
   * @return the folder or file
   */
  private Path complete(
      Dataset dataset, TrainSearch.Trained chosen, List<String> tried, ConsoleListener listener)
      throws IOException {
    Path folder = chosen.model();
    Path file = folder.resolveSibling("model.lrk");
    boolean tested = dataset.test().size() > 0;
    Split scored = tested ? dataset.test() : dataset.dev();
    Scoring scoring;
    Scores report;
    try (TextClassifier classifier = TextClassifier.load(folder)) {
      Answers answers = Answers.of(classifier);
      if (options.compact()) {
        CompactFile.write(folder, file, options.fingerprint(), false);
        answers = Answers.of(Predictor.load(file));
      }
      scoring = new Scoring(answers, "scoring " + (tested ? "test" : "dev"), listener);
      scored.read((content, number) -> scoring.add(content, names(dataset, number)));
      report = scoring.report();
    }
    String what = tested ? "test" : "dev (which also selected the model: no test file was given)";
    terminal().printf("%nOn %s: %s%n%n%s%n", what, report.headline(), report.table().text());
    scoring.rejections().ifPresent(terminal()::println);
    String rival = rival(dataset, scored, report.accuracy(), listener);
    terminal().println(rival);

    Map<String, Object> facts = facts(dataset, chosen);
    if (tested) {
      report.facts().forEach((name, value) -> facts.put("test_" + name, value));
    }
    facts.put("expected_calibration_error", Math.round(1e4 * scoring.calibrationError()) / 1e4);
    facts.put("compared_with", rival);
    if (tried.size() > 1) {
      facts.put("candidates", tried);
    }
    if (options.compact()) {
      // The file has the labels, and room for little else.
      facts.keySet().removeAll(List.of("labels", "candidates", "saved_model_bytes"));
    }
    new ModelCard(facts, what, report).write(folder);
    if (options.compact()) {
      Files.delete(file);
      CompactFile.write(folder, file, options.fingerprint(), false);
    }
    Path whole = options.compact() ? file : folder;
    if (chosen.limit().isPresent()) {
      long bytes = AtomicFiles.size(whole);
      if (bytes > chosen.limit().getAsLong()) {
        throw new IOException(
            "%s cannot be met: %,d bytes with the model card, expected at most %,d"
                .formatted(options.asked(), bytes, chosen.limit().getAsLong()));
      }
      terminal()
          .printf(
              Locale.ROOT,
              "%,d bytes, at most %,d were asked for%n",
              bytes,
              chosen.limit().getAsLong());
    }
    return whole;
  }

  /** The labels of a text by its number. */
  private static List<String> names(Dataset dataset, int number) {
    int[] classes = dataset.multiLabel() ? dataset.sets().get(number) : new int[] {number};
    return Arrays.stream(classes)
        .mapToObj(c -> c == Split.UNKNOWN ? ClassReport.UNKNOWN : dataset.labels().get(c))
        .toList();
  }

  private Map<String, Object> facts(Dataset dataset, TrainSearch.Trained chosen)
      throws IOException {
    Row result = chosen.row();
    int texts = dataset.train().size();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put(
        "made_by", "lowrank train, commit " + System.getProperty("lowrank.commit", "unknown"));
    facts.put("model", result.id().model());
    facts.put("method", result.trial().replaceAll("-seed\\d+$", ""));
    facts.put("seed", result.seed());
    facts.put("steps", result.training().steps());
    facts.put("learning_rate", result.training().learningRate());
    facts.put("ngrams", chosen.setting().ngrams());
    if (chosen.setting().ngrams() > 1) {
      facts.put("min_pairs", options.minPairs);
    }
    facts.put("labels", dataset.labels());
    Map<String, Integer> counts = new LinkedHashMap<>();
    counts.put("train", texts);
    counts.put("dev", dataset.dev().size());
    counts.put("test", dataset.test().size());
    counts.put("unlabelled", dataset.unlabelled().size());
    facts.put("texts", counts);
    facts.put("head", options.head(dataset.multiLabel()).name());
    facts.put("class_weights", options.classWeights);
    facts.put("spans", chosen.setting().spans());
    if (!dataset.unknown().isEmpty()) {
      Map<String, Integer> unknown = new LinkedHashMap<>();
      unknown.put("dev", dataset.dev().unknown());
      unknown.put("test", dataset.test().unknown());
      facts.put("texts_with_unknown_labels", unknown);
    }
    facts.put(dataset.multiLabel() ? "dev_f1" : "dev_accuracy", result.devAccuracy());
    facts.put("embedding_parameters", result.size().embeddingParameters());
    facts.put("embedding_bytes", result.embeddingBytes());
    facts.put("saved_model_bytes", result.savedModelBytes());
    facts.put("flops_per_sentence", result.size().flops());
    chosen.limit().ifPresent(bytes -> facts.put("asked_for_bytes", bytes));
    facts.put("vectors", chosen.setting().vectors().name());
    facts.put("vectors_licence", chosen.setting().vectors().licence());
    Map<String, String> hashes = new LinkedHashMap<>();
    for (DataFile file : options.files(options.maxWords).files()) {
      hashes.put(Path.of(file.path()).getFileName().toString(), file.sha256());
    }
    facts.put("sha256", hashes);
    return facts;
  }
}
