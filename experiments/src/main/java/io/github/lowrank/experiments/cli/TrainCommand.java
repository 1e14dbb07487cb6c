package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.datasets.HoldOut;
import io.github.lowrank.datasets.OwnFiles;
import io.github.lowrank.datasets.Split;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.ClassReport;
import io.github.lowrank.experiments.report.Escape;
import io.github.lowrank.experiments.run.FitToShare;
import io.github.lowrank.experiments.run.TfIdf;
import io.github.lowrank.experiments.run.TrainRun;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
      "  lowrank train --train mails.txt --vectors none --bits 8 --out model",
      "  echo 'what a film' | lowrank predict model"
    })
final class TrainCommand implements Callable<Integer> {
  enum Architecture {
    DAN,
    LSTM
  }

  /** A fraction to remove and a number of bits, the largest model first. */
  private record Rung(double removed, int bits) {
    Method method() {
      if (removed == 0) {
        return bits == 32 ? Method.baseline() : Method.fixedPointRows(bits);
      }
      return bits == 32 ? Method.online(removed) : Method.onlineFixedPoint(removed, bits);
    }
  }

  /** Bytes of a model card without its labels. */
  private static final long CARD = 4096;

  private static final List<Rung> LADDER =
      List.of(
          new Rung(0, 32),
          new Rung(0.5, 32),
          new Rung(0.8, 32),
          new Rung(0.9, 32),
          new Rung(0.8, 8),
          new Rung(0.9, 8),
          new Rung(0.9, 4),
          new Rung(0.95, 8),
          new Rung(0.98, 8),
          new Rung(0.98, 4));

  private static final String AUTO = "auto";
  private static final String NONE = "none";
  private static final String ENCODER = VectorSource.bgeSmall().name();

  /** More texts than that have no pairs by default, and no rival: both are held in memory. */
  private static final int MANY = 50_000;

  /** Texts that an encoder reads in two minutes or so; spans, which are shorter, in one. */
  private static final int MOST_TAUGHT = 30_000;

  /** More parts of a text are much the same. */
  private static final int MOST_SPANS = 5;

  @Spec private CommandSpec spec;
  @Mixin private DataOption data;

  @Option(
      names = "--train",
      required = true,
      paramLabel = "FILE",
      description = "Labelled texts for training.")
  private Path train;

  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      defaultValue = "text",
      description =
          "Column of the text: a name, or a number from 1 if there is no header (default: ${DEFAULT-VALUE}).")
  private String text;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      defaultValue = "label",
      description = "Column of the label (default: ${DEFAULT-VALUE}).")
  private String label;

  @Option(
      names = "--dev",
      paramLabel = "FILE",
      description =
          "Labelled texts for selecting rate and model (default: a share of the training texts).")
  private Path dev;

  @Option(
      names = "--dev-fraction",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description =
          "Share of the training texts to hold out if there is no --dev (default: ${DEFAULT-VALUE}).")
  private double devShare;

  @Option(
      names = "--dev-limit",
      paramLabel = "N",
      defaultValue = "20000",
      description =
          "Hold out about this many texts if the share has more (default: ${DEFAULT-VALUE}).")
  private int devLimit;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "Labelled texts to score once, at the end.")
  private Path test;

  @Option(
      names = "--strict",
      description =
          "Refuse dev and test labels that the training texts do not have, instead of counting errors.")
  private boolean strict;

  @Option(
      names = "--charset",
      paramLabel = "NAME",
      defaultValue = "UTF-8",
      description = "Encoding of the files (default: ${DEFAULT-VALUE}).")
  private String charset;

  @Option(
      names = "--vectors",
      paramLabel = "FILE|NAME",
      defaultValue = "bge-words",
      description =
          "Word vectors: a file of GloVe, word2vec (text or binary) or fastText, plain, gzip or zip "
              + "(glove.6B.zip#glove.6B.300d.txt); a name of lowrank datasets list; several joined by +; or none (default: ${DEFAULT-VALUE}).")
  private String vectors;

  @Option(
      names = "--teacher",
      paramLabel = "NAME",
      defaultValue = "auto",
      description =
          "Sentence encoder whose probabilities are learned beside the labels: bge-small, none, or auto: with at most "
              + "30,000 training texts both are tried, or bge-small if the size is chosen (default: ${DEFAULT-VALUE}).")
  private String teacher;

  @Option(
      names = "--spans",
      paramLabel = "N",
      description =
          "Spans of each training text, cut at random, that the teacher labels, too (default: 5, fewer with more than 6,000 "
              + "training texts, 30,000 in all).")
  private Integer spans;

  @Option(
      names = "--unlabelled",
      paramLabel = "FILE",
      description =
          "Texts without labels, which the teacher labels: lines of a text file, or column --text of a table.")
  private Path unlabelled;

  @Option(
      names = "--max-words",
      paramLabel = "N",
      defaultValue = "200000",
      description =
          "Largest number of different words and pairs of words, each a row of the table; if there are more, the most frequent are "
              + "used (default: ${DEFAULT-VALUE}).")
  private int maxWords;

  @Option(
      names = "--ngrams",
      paramLabel = "1|2",
      description =
          "2: pairs of neighbouring words have rows in the table, too (default: 2; 1 with --model lstm, --size, --max-bytes "
              + "or more than 50,000 training texts).")
  private Integer ngrams;

  @Option(
      names = "--min-pairs",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "With --ngrams 2: how often a pair must occur in the training texts to have a row (default: ${DEFAULT-VALUE}).")
  private int minPairs;

  @Option(
      names = "--model",
      paramLabel = "dan|lstm",
      defaultValue = "dan",
      description = "Architecture (default: ${DEFAULT-VALUE}).")
  private Architecture model;

  @Option(
      names = "--remove",
      paramLabel = "R",
      description = "Fraction of the embedding's parameters to remove; 0: none (default: 0.9).")
  private Double remove;

  @Option(
      names = "--bits",
      paramLabel = "32|16|8|4",
      description = "Bits per stored number: 32, 16, 8 or 4 (default: 32).")
  private Integer bits;

  @Option(
      names = "--max-bytes",
      paramLabel = "SIZE",
      converter = ByteSize.Converter.class,
      description =
          "Largest allowed folder, model card included, such as 500KB or 2MB; fraction and bits are chosen accordingly.")
  private ByteSize maxBytes;

  @Option(
      names = "--size",
      paramLabel = "PERCENT",
      description =
          "Largest allowed folder, words and model card included, as a share of the uncompressed model's, such as 1%%; "
              + "rank and bits of all weights are chosen accordingly.")
  private String size;

  @Option(
      names = "--max-drop",
      paramLabel = "POINTS",
      description =
          "Largest allowed loss of dev accuracy, in points; fraction and bits are chosen accordingly.")
  private Double maxDrop;

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "Words read from a text (default: 256, 64 with --model lstm).")
  private Integer length;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Training steps of 50 texts (default: 20 epochs, 400 to 20,000 steps).")
  private Long steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of all random numbers (default: ${DEFAULT-VALUE}).")
  private int seed;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for the SavedModel; must not exist.")
  private Path out;

  @Override
  public Integer call() throws Exception {
    check();
    OwnFiles files =
        new OwnFiles(
            train,
            Optional.ofNullable(dev),
            new HoldOut(devShare, devLimit),
            Optional.ofNullable(test),
            Optional.ofNullable(unlabelled),
            text,
            label,
            encoding(),
            maxWords);
    DataRoot root = data.root();
    ConsoleListener listener = new ConsoleListener(System.err);
    Dataset dataset = files.load(root, texts -> listener.texts("reading " + files.name(), texts));
    if (strict && !dataset.unknown().isEmpty()) {
      throw new IOException(String.join("; ", dataset.unknown()));
    }
    long count = dataset.train().size();
    long budget = steps != null ? steps : Math.max(400, Math.min(20_000, 20 * count / 50));
    Encoder encoder =
        model == Architecture.LSTM
            ? Lstm.ofPaper()
            // The paper's 30 and 25 units are few.
            : new Dan(List.of(dataset.labels().size() > 25 ? 128 : 64), 0.3);
    Experiment experiment =
        new Experiment(
            "train",
            "own texts",
            files,
            vectorSource(),
            encoder,
            new Softmax(),
            methods(count),
            new Plan(
                budget,
                50,
                (int) Math.max(1, budget / 40),
                Optimizer.adam(),
                Shape.named("constant"),
                Shape.named("one-cycle"),
                List.of(1e-3, 3e-3),
                length != null ? length : model == Architecture.LSTM ? 64 : 256,
                0,
                ngrams(count) > 1 ? minPairs : 0,
                spans(count)),
            1);
    PrintWriter terminal = spec.commandLine().getOut();
    List<String> candidates = new ArrayList<>();
    FitToShare fit =
        size == null
            ? null
            : new FitToShare(share(), cardBytes(dataset), m -> taughtBy(teacher(count), m));
    TrainRun.run(
        experiment,
        dataset,
        seed,
        root,
        out,
        listener,
        fit != null
            ? fit
            : (methods, bytes) -> maxBytes == null ? methods : within(dataset, methods, bytes),
        (method, row) -> {
          candidates.add(
              String.format(
                  Locale.ROOT,
                  "%s: dev %.2f %%, %,d bytes",
                  method.id(),
                  100 * row.devAccuracy(),
                  row.savedModelBytes()));
          terminal.println(candidates.get(candidates.size() - 1));
          terminal.flush();
        },
        maxDrop == null ? TrainCommand::best : this::smallestWithoutDrop,
        (row, model) -> {
          Map<String, Object> asked = new LinkedHashMap<>();
          if (fit != null) {
            asked.put("asked_for_bytes", fit.limit());
            asked.put("candidates", candidates);
          }
          report(dataset, row, model, asked, listener);
          long whole = AtomicFiles.size(model);
          if (fit != null) {
            if (whole > fit.limit()) {
              throw new IOException(
                  "--size %s cannot be met: the folder has %,d bytes with its model card, expected at most %,d"
                      .formatted(size, whole, fit.limit()));
            }
            terminal.printf(
                Locale.ROOT, "%,d bytes, at most %,d were asked for%n", whole, fit.limit());
          }
          if (maxBytes != null && whole > maxBytes.bytes()) {
            throw new IOException(
                "--max-bytes %s cannot be met: the folder has %,d bytes with its model card"
                    .formatted(maxBytes, whole));
          }
        });
    terminal.printf("%s is ready: lowrank predict %s%n", out, out);
    terminal.flush();
    return 0;
  }

  private void check() {
    if (Files.exists(out)) {
      throw new UsageException("--out " + out + ": expected a folder that does not exist yet");
    }
    UsageException.checkFolderAbove(out);
    for (Path file : new Path[] {dev, test}) {
      if (train.equals(file)) {
        throw new UsageException(
            "--%s %s is the training file: expected other texts"
                .formatted(file.equals(dev) ? "dev" : "test", file));
      }
    }
    if (dev != null && dev.equals(test)) {
      throw new UsageException("--test " + test + " is the dev file: expected other texts");
    }
    if (!(devShare > 0 && devShare < 1)) {
      throw new UsageException("--dev-fraction: expected a number in (0, 1), found " + devShare);
    }
    if (maxWords < 1) {
      throw new UsageException("--max-words: expected a number of at least 1, found " + maxWords);
    }
    if (devLimit < 1) {
      throw new UsageException("--dev-limit: expected a number of at least 1, found " + devLimit);
    }
    if (remove != null && !(remove >= 0 && remove < 1)) {
      throw new UsageException("--remove: expected a number in [0, 1), found " + remove);
    }
    if (bits != null && !List.of(32, 16, 8, 4).contains(bits)) {
      throw new UsageException("--bits: expected 32, 16, 8 or 4, found " + bits);
    }
    if (maxDrop != null && !(maxDrop >= 0)) {
      throw new UsageException("--max-drop: expected a number of at least 0, found " + maxDrop);
    }
    if (length != null && length < 1) {
      throw new UsageException("--length: expected a number of at least 1, found " + length);
    }
    if (ngrams != null && (ngrams < 1 || ngrams > 2)) {
      throw new UsageException("--ngrams: expected 1 or 2, found " + ngrams);
    }
    if (minPairs < 1) {
      throw new UsageException("--min-pairs: expected a number of at least 1, found " + minPairs);
    }
    if (ngrams != null && ngrams > 1 && model == Architecture.LSTM) {
      throw new UsageException(
          "--ngrams 2 is for --model dan: an LSTM reads words in their order, and pairs have none");
    }
    if (spans != null && (spans < 0 || spans > 100)) {
      throw new UsageException("--spans: expected a number from 0 to 100, found " + spans);
    }
    if (teacher.equals(NONE) && (unlabelled != null || spans != null && spans > 0)) {
      throw new UsageException(
          "%s needs a teacher: name one with --teacher"
              .formatted(unlabelled != null ? "--unlabelled" : "--spans"));
    }
    if (steps != null && steps < 2) {
      throw new UsageException("--steps: expected a number of at least 2, found " + steps);
    }
    if (!List.of(AUTO, NONE, ENCODER).contains(teacher)) {
      throw new UsageException(
          "--teacher: expected %s, none or auto, found '%s'".formatted(ENCODER, teacher));
    }
    if (size != null) {
      if (!size.matches("\\d{1,3}(\\.\\d+)?%") || !(share() > 0 && share() < 1)) {
        throw new UsageException(
            "--size: expected a share of the uncompressed model such as 1%, found '" + size + "'");
      }
      if (maxBytes != null || maxDrop != null || remove != null || bits != null) {
        throw new UsageException(
            "--size chooses rank and bits: give it without --max-bytes, --max-drop, --remove and --bits");
      }
    }
    if (maxBytes != null && maxDrop != null
        || (maxBytes != null || maxDrop != null) && (remove != null || bits != null)) {
      throw new UsageException(
          "--max-bytes and --max-drop choose the fraction and the bits: give only one of them, or --remove and --bits");
    }
  }

  /** Pairs make a small file large: their spelling alone takes more than a low rank does. */
  private int ngrams(long texts) {
    boolean small = size != null || maxBytes != null;
    return ngrams != null ? ngrams : model == Architecture.LSTM || small || texts > MANY ? 1 : 2;
  }

  private int spans(long texts) {
    if (spans != null) {
      return spans;
    }
    return teacher(texts).equals(NONE) ? 0 : (int) Math.min(MOST_SPANS, MOST_TAUGHT / texts);
  }

  private Charset encoding() {
    try {
      return Charset.forName(charset);
    } catch (IllegalArgumentException e) {
      throw new UsageException(
          "--charset: expected the name of an encoding, found '" + charset + "'");
    }
  }

  private VectorSource vectorSource() throws IOException {
    if (Files.exists(Path.of(vectors)) || !vectors.contains("+")) {
      return vectorSource(vectors);
    }
    List<VectorSource> parts = new ArrayList<>();
    for (String name : vectors.split("\\+", -1)) {
      if (name.equals(NONE) || name.isEmpty()) {
        throw new UsageException(
            "--vectors %s: expected vectors on both sides of +".formatted(vectors));
      }
      parts.add(vectorSource(name));
    }
    return VectorSource.joined(parts);
  }

  private static VectorSource vectorSource(String name) throws IOException {
    if (name.equals(NONE)) {
      return VectorSource.none();
    }
    for (VectorSource known : Catalogue.vectors()) {
      if (known.name().equals(name)) {
        return known;
      }
    }
    return VectorSource.own(name);
  }

  /** The teacher of a choice by size, where only one can be tried. */
  private String teacher(long texts) {
    return !teacher.equals(AUTO) ? teacher : texts <= MOST_TAUGHT ? ENCODER : NONE;
  }

  private static Method taughtBy(String encoder, Method method) {
    return (encoder.equals(NONE) ? method : method.taughtBy(encoder)).calibrated();
  }

  /** The methods to choose from, the largest first; of equally large ones dev decides. */
  private List<Method> methods(long texts) {
    List<String> teachers =
        teacher.equals(AUTO) && candidates().size() == 1 && texts <= MOST_TAUGHT
            ? List.of(NONE, ENCODER)
            : List.of(teacher(texts));
    return candidates().stream()
        .flatMap(rung -> teachers.stream().map(t -> taughtBy(t, rung.method())))
        .toList();
  }

  private double share() {
    return Double.parseDouble(size.substring(0, size.length() - 1)) / 100;
  }

  /** The best on dev. */
  private static Row best(List<Method> methods, Function<Method, Row> result) {
    return methods.stream()
        .map(result)
        .reduce((a, b) -> b.devAccuracy() > a.devAccuracy() ? b : a)
        .orElseThrow();
  }

  private List<Rung> candidates() {
    if (size != null) {
      return LADDER.subList(0, 1);
    }
    return maxBytes != null || maxDrop != null
        ? LADDER
        : List.of(new Rung(remove == null ? 0.9 : remove, bits == null ? 32 : bits));
  }

  /** The largest model that fits with its card, chosen before anything is trained. */
  private List<Method> within(Dataset dataset, List<Method> methods, TrainRun.Size bytes)
      throws IOException {
    long limit = maxBytes.bytes();
    long card = cardBytes(dataset);
    long smallest = Long.MAX_VALUE;
    String name = "";
    for (Method method : methods) {
      long size = bytes.of(method) + card;
      if (size <= limit) {
        return List.of(method);
      }
      if (size < smallest) {
        smallest = size;
        name = method.id();
      }
    }
    throw new IOException(
        "--max-bytes %s cannot be met: the smallest model has about %,d bytes (%s), %,d of them for its model card"
            .formatted(maxBytes, smallest, name, card));
  }

  /**
   * A bound of the model card's size: every label occurs in its lists and, per class, its table.
   */
  private long cardBytes(Dataset dataset) {
    List<String> labels = dataset.labels();
    long widest = 0;
    long all = 0;
    for (String name : labels) {
      long bytes =
          Math.max(
              Json.canonical(name).getBytes(StandardCharsets.UTF_8).length,
              Escape.markdown(name).getBytes(StandardCharsets.UTF_8).length);
      widest = Math.max(widest, bytes);
      all += bytes;
    }
    widest = Math.max(widest, ClassReport.UNKNOWN.length());
    long heading = labels.size() <= ClassReport.WIDEST ? all + 12L * labels.size() : 0;
    return CARD
        + 2 * (all + 8L * labels.size())
        + (labels.size() + 3L) * (widest + 48)
        + (labels.size() + 3L) * heading;
  }

  /** The smallest that loses no more than the limit of points on dev. */
  private Row smallestWithoutDrop(List<Method> methods, Function<Method, Row> result) {
    Row baseline = result.apply(methods.get(0));
    for (int i = methods.size() - 1; i > 0; i--) {
      Row row = result.apply(methods.get(i));
      if (100 * (baseline.devAccuracy() - row.devAccuracy()) <= maxDrop) {
        return row;
      }
    }
    return baseline;
  }

  /** The same texts by tf-idf and logistic regression. */
  private static String rival(Dataset dataset, Split scored, double ours, ConsoleListener listener)
      throws IOException {
    if (dataset.train().size() > MANY) {
      return "tf-idf + logistic regression: not compared, more than %,d training texts"
          .formatted(MANY);
    }
    listener.log("training tf-idf + logistic regression, for comparison");
    TfIdf rival = TfIdf.train(dataset.train(), dataset.dev());
    double accuracy = rival.accuracy(scored);
    return String.format(
        Locale.ROOT,
        "tf-idf of words and pairs of words + logistic regression: %.2f %%, so %s",
        100 * accuracy,
        ours > accuracy
            ? "this classifier is better"
            : ours == accuracy ? "both are equal" : "this classifier is worse");
  }

  private void report(
      Dataset dataset, Row result, Path saved, Map<String, Object> asked, ConsoleListener listener)
      throws IOException {
    boolean tested = dataset.test().size() > 0;
    Split scored = tested ? dataset.test() : dataset.dev();
    ClassReport report;
    double calibrationError;
    try (TextClassifier classifier = TextClassifier.load(saved)) {
      Scoring scoring =
          new Scoring(
              classifier.labels(),
              classifier::predict,
              "scoring " + (tested ? "test" : "dev"),
              listener);
      scored.read(
          (content, number) ->
              scoring.add(
                  content,
                  number == Split.UNKNOWN ? ClassReport.UNKNOWN : dataset.labels().get(number)));
      report = scoring.report();
      calibrationError = scoring.calibrationError();
    }
    String what = tested ? "test" : "dev (which also selected the model: no test file was given)";
    PrintWriter terminal = spec.commandLine().getOut();
    terminal.printf("%nOn %s: %s%n%n%s%n", what, report.headline(), report.table().text());
    String rival = rival(dataset, scored, report.accuracy(), listener);
    terminal.println(rival);

    Map<String, Object> card = new LinkedHashMap<>();
    card.put("made_by", "lowrank train, commit " + System.getProperty("lowrank.commit", "unknown"));
    card.put("model", result.id().model());
    card.put("method", result.trial().replaceAll("-seed\\d+$", ""));
    card.put("seed", result.seed());
    card.put("steps", result.training().steps());
    card.put("learning_rate", result.training().learningRate());
    card.put("ngrams", ngrams(dataset.train().size()));
    if (ngrams(dataset.train().size()) > 1) {
      card.put("min_pairs", minPairs);
    }
    card.put("labels", dataset.labels());
    Map<String, Integer> texts = new LinkedHashMap<>();
    texts.put("train", dataset.train().size());
    texts.put("dev", dataset.dev().size());
    texts.put("test", dataset.test().size());
    texts.put("unlabelled", dataset.unlabelled().size());
    card.put("texts", texts);
    card.put("spans", spans(dataset.train().size()));
    if (!dataset.unknown().isEmpty()) {
      Map<String, Integer> unknown = new LinkedHashMap<>();
      unknown.put("dev", dataset.dev().unknown());
      unknown.put("test", dataset.test().unknown());
      card.put("texts_with_unknown_labels", unknown);
    }
    card.put("dev_accuracy", result.devAccuracy());
    if (tested) {
      card.put("test_accuracy", report.accuracy());
      card.put("test_accuracy_interval", report.interval());
    }
    card.put("expected_calibration_error", Math.round(1e4 * calibrationError) / 1e4);
    card.put("compared_with", rival);
    card.put("embedding_parameters", result.size().embeddingParameters());
    card.put("embedding_bytes", result.embeddingBytes());
    card.put("saved_model_bytes", result.savedModelBytes());
    card.put("flops_per_sentence", result.size().flops());
    card.putAll(asked);
    VectorSource source = vectorSource();
    card.put("vectors", source.name());
    card.put("vectors_licence", source.licence());
    Map<String, String> hashes = new LinkedHashMap<>();
    for (Path file : new Path[] {train, dev, test, unlabelled}) {
      if (file != null) {
        hashes.put(file.getFileName().toString(), DataRoot.checksum(file));
      }
    }
    card.put("sha256", hashes);
    AtomicFiles.write(saved.resolve("model-card.json"), Json.pretty(card));
    StringBuilder markdown = new StringBuilder("# Model card\n\n| | |\n|---|---|\n");
    card.forEach(
        (key, value) ->
            markdown
                .append("| ")
                .append(key)
                .append(" | ")
                .append(
                    Escape.markdown(
                        value instanceof double[] d
                            ? java.util.Arrays.toString(d)
                            : value.toString()))
                .append(" |\n"));
    markdown.append("\nOn ").append(what).append(": ").append(report.headline()).append("\n\n");
    markdown.append(report.table().markdown());
    AtomicFiles.write(saved.resolve("model-card.md"), markdown.toString());
  }
}
