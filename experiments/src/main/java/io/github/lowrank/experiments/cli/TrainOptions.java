package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.HoldOut;
import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.OwnFiles;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.export.CompactFile;
import io.github.lowrank.model.Distance;
import io.github.lowrank.model.Euclidean;
import io.github.lowrank.model.Head;
import io.github.lowrank.model.Lorentz;
import io.github.lowrank.model.Prototypes;
import io.github.lowrank.model.Sigmoid;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.model.Sphere;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code train} can be told. */
final class TrainOptions {
  /** Texts per step. */
  static final int BATCH = 50;

  static final String AUTO = "auto";
  static final String NONE = "none";
  private static final String BALANCED = "balanced";
  private static final String SOFTMAX = "softmax";
  private static final String PROTOTYPES = "prototypes";
  static final String ENCODER = VectorSource.bgeSmall().name();

  /** More texts than that have no pairs by default, and no rival: both are held in memory. */
  static final int MANY = 50_000;

  /** Characters of a text; filters read longer ones for too long, and a mean does well there. */
  private static final int LONG = 300;

  /** Bytes of files in which filters would leave no room for words. */
  private static final int TINY = 24_000;

  /** Texts that an encoder reads in two minutes or so; spans, which are shorter, in one. */
  private static final int MOST_TAUGHT = 30_000;

  /** More parts of a text are much the same. */
  private static final int MOST_SPANS = 5;

  @Option(
      names = "--train",
      required = true,
      paramLabel = "FILE",
      description = "Labelled texts for training.")
  Path train;

  @Mixin TextColumns columns;

  @Option(
      names = "--label-separator",
      paramLabel = "TEXT",
      defaultValue = "",
      description =
          "What separates the labels of a cell if texts have any number of them, such as ';'. Arrays in JSON and lines of several "
              + "__label__ need none.")
  String separator;

  @Option(
      names = "--confidence",
      paramLabel = "COLUMN",
      defaultValue = "",
      description =
          "Column of the training texts with the probability that the label is right, as lowrank label writes it; the rest is spread "
              + "over the other labels (default: all labels are right).")
  String confidence;

  @Option(
      names = "--dev",
      paramLabel = "FILE",
      description =
          "Labelled texts for selecting rate and model (default: a share of the training texts).")
  Path dev;

  @Option(
      names = "--dev-fraction",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description =
          "Share of the training texts to hold out if there is no --dev (default: ${DEFAULT-VALUE}).")
  double devShare;

  @Option(
      names = "--dev-limit",
      paramLabel = "N",
      defaultValue = "20000",
      description =
          "Hold out about this many texts if the share has more (default: ${DEFAULT-VALUE}).")
  int devLimit;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "Labelled texts to score once, at the end.")
  Path test;

  @Option(
      names = "--strict",
      description =
          "Refuse dev and test labels that the training texts do not have, instead of counting errors.")
  boolean strict;

  @Option(
      names = "--vectors",
      paramLabel = "FILE|NAME",
      description =
          "Word vectors: a file of GloVe, word2vec (text or binary) or fastText, plain, gzip or zip "
              + "(glove.6B.zip#glove.6B.300d.txt); a name of lowrank datasets list; several joined by +; or none (default: bge-words; bge-sentences with --unlabelled).")
  String vectors;

  @Option(
      names = "--teacher",
      paramLabel = "NAME",
      defaultValue = "auto",
      description =
          "Sentence encoder whose probabilities are learned beside the labels: bge-small, none, or auto: with at most "
              + "30,000 training texts both are tried, or bge-small if the size is chosen (default: ${DEFAULT-VALUE}).")
  String teacher;

  @Option(
      names = "--spans",
      paramLabel = "N",
      description =
          "Spans of each training text, cut at random, that the teacher labels, too (default: where the teacher is better than "
              + "its pupil, 5 are tried; fewer with more than 6,000 training texts, 30,000 in all).")
  Integer spans;

  @Option(
      names = "--unlabelled",
      paramLabel = "FILE",
      description =
          "Texts without labels, which the teacher labels: lines of a text file, or column --text of a table.")
  Path unlabelled;

  @Option(
      names = "--max-words",
      paramLabel = "N",
      defaultValue = "200000",
      description =
          "Largest number of different words and pairs of words, each a row of the table; if there are more, the most frequent are "
              + "used (default: ${DEFAULT-VALUE}).")
  int maxWords;

  @Option(
      names = "--ngrams",
      paramLabel = "1|2",
      description =
          "2: pairs of neighbouring words have rows in the table, too (default: 1; 2 with --model dan or linear, but for --size, --max-bytes "
              + "and more than 50,000 training texts).")
  Integer ngrams;

  @Option(
      names = "--min-pairs",
      paramLabel = "N",
      defaultValue = "2",
      description =
          "With --ngrams 2: how often a pair must occur in the training texts to have a row (default: ${DEFAULT-VALUE}).")
  int minPairs;

  @Option(
      names = "--model",
      paramLabel = "cnn|dan|lstm|linear|residual",
      description =
          "Architecture: cnn, filters over one to four neighbouring words; dan, the mean of word vectors, which answers several "
              + "times faster; lstm; linear, a dan without a hidden layer; or residual, the mean and a correction of it (default: cnn; residual with --head prototypes; dan with --ngrams 2, more than 50,000 training texts, more than 300 characters a text, or less than 24 KB).")
  Architecture named;

  @Option(
      names = "--head",
      paramLabel = "softmax|prototypes",
      defaultValue = SOFTMAX,
      description =
          "prototypes: each label is the mean of its texts, and the nearest wins; lowrank labels adds, removes and merges "
              + "labels later, without training (default: ${DEFAULT-VALUE}).")
  String head;

  @Option(
      names = "--distance",
      paramLabel = "sphere|euclidean|lorentz",
      description =
          "Of prototypes; sphere: between vectors of length 1, which finds new labels best (default: sphere).")
  Metric distance;

  @Option(
      names = "--reject",
      paramLabel = "SHARE",
      description =
          "With prototypes: give no label to a text that is farther from all of them than all but this share of dev, such as 0.05 "
              + "(default: every text has a label).")
  Double reject;

  @Option(
      names = "--class-weights",
      paramLabel = "none|balanced",
      defaultValue = "none",
      description =
          "balanced: in training all classes count alike, however rare, as scikit-learn's class_weight does (default: ${DEFAULT-VALUE}).")
  String classWeights;

  @Option(
      names = "--remove",
      paramLabel = "R",
      description =
          "Fraction of the embedding's parameters to remove; 0: none (default: 0.9; 0 with --head prototypes).")
  Double remove;

  @Option(
      names = "--bits",
      paramLabel = "32|16|8|4",
      description =
          "Bits per stored number: 32, 16, 8 or 4; with --head prototypes also 2 or 1 (default: 32; 1 with --head prototypes).")
  Integer bits;

  @Option(
      names = "--max-bytes",
      paramLabel = "SIZE",
      converter = ByteSize.Converter.class,
      description =
          "Largest allowed folder or compact file, model card included, such as 500KB or 2MB; the form is chosen "
              + "accordingly, in a compact file also the number of words.")
  ByteSize maxBytes;

  @Option(
      names = "--size",
      paramLabel = "PERCENT",
      description =
          "Largest allowed folder, words and model card included, as a share of the uncompressed model's, such as 1%%; "
              + "rank and bits of all weights are chosen accordingly.")
  String size;

  @Option(
      names = "--max-drop",
      paramLabel = "POINTS",
      description =
          "Largest allowed loss of dev accuracy, in points; fraction and bits are chosen accordingly.")
  Double maxDrop;

  @Option(
      names = "--tune",
      paramLabel = "TIME",
      converter = Duration.Converter.class,
      description =
          "Time for a search over vectors, architecture, pairs of words, teacher, spans, units, dropout, rates and schedule, such as 90s, 5m or 1h; not with --size, --max-bytes or --max-drop.")
  Duration tune;

  @Option(
      names = "--vocabulary",
      paramLabel = "exact|16|24|32",
      description =
          "Of a compact file: the words themselves, or that many bits of a hash of each (default: 16 with --max-bytes, else exact).")
  String vocabulary;

  @Option(
      names = "--length",
      paramLabel = "N",
      description = "Words read from a text (default: 256, 64 with --model lstm).")
  Integer length;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Training steps of 50 texts (default: 20 epochs, 400 to 20,000 steps).")
  Long steps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of all random numbers (default: ${DEFAULT-VALUE}).")
  int seed;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description =
          "Folder for the SavedModel, or a compact file if the name ends with .lrk; must not exist.")
  Path out;

  /** Distances from prototypes. */
  enum Metric {
    /** Without a bound. */
    EUCLIDEAN(new Euclidean(), 1),
    /** Its squares grow slowly, so they count more. */
    LORENTZ(new Lorentz(), 5),
    /** Squares are 4 at most. */
    SPHERE(new Sphere(), 10);

    private final Prototypes head;

    Metric(Distance distance, double scale) {
      head = new Prototypes(distance, scale);
    }
  }

  /** Refuses what contradicts itself. */
  void check() {
    checkHead();
    if (Files.exists(out)) {
      throw new UsageException("--out " + out + ": expected a path that does not exist yet");
    }
    if (out.toString().endsWith(".onnx")) {
      throw new UsageException(
          "--out %s: expected a folder, or a name that ends with .lrk; lowrank export --format onnx makes an ONNX file from a folder"
              .formatted(out));
    }
    if (vocabulary != null && !compact()) {
      throw new UsageException(
          "--vocabulary is for compact files: expected an --out that ends with .lrk");
    }
    if (vocabulary != null && !vocabulary.matches("exact|16|24|32")) {
      throw new UsageException(
          "--vocabulary: expected exact, 16, 24 or 32, found '" + vocabulary + "'");
    }
    if (tune != null && (size != null || maxBytes != null || maxDrop != null)) {
      throw new UsageException(
          "--tune searches at one fraction and width: give it without --size, --max-bytes and --max-drop");
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
    List<Integer> widths = prototypes() ? List.of(32, 16, 8, 4, 2, 1) : List.of(32, 16, 8, 4);
    if (bits != null && !widths.contains(bits)) {
      throw new UsageException("--bits: expected one of %s, found %d".formatted(widths, bits));
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
    if (ngrams != null && ngrams > 1 && named != null && named.ordered()) {
      throw new UsageException(
          "--ngrams 2 is for --model dan or linear: others read words in their order, and pairs have none");
    }
    if (!List.of(NONE, BALANCED).contains(classWeights)) {
      throw new UsageException(
          "--class-weights: expected none or balanced, found '" + classWeights + "'");
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

  private void checkHead() {
    if (!List.of(SOFTMAX, PROTOTYPES).contains(head)) {
      throw new UsageException("--head: expected softmax or prototypes, found '" + head + "'");
    }
    if (!prototypes() && (distance != null || reject != null)) {
      throw new UsageException(
          "%s is for prototypes: expected --head prototypes"
              .formatted(distance != null ? "--distance" : "--reject"));
    }
    if (reject != null && !(reject > 0 && reject < 1)) {
      throw new UsageException("--reject: expected a number in (0, 1), found " + reject);
    }
    if (prototypes() && (size != null || maxBytes != null || tune != null || maxDrop != null)) {
      throw new UsageException(
          "--head prototypes is trained at one size: give --remove and --bits instead of --size, --max-bytes, --max-drop and --tune");
    }
    if (prototypes() && (!List.of(AUTO, NONE).contains(teacher) || balanced() || spans != null)) {
      throw new UsageException(
          "prototypes have neither a teacher nor class weights: train without --teacher, --spans and --class-weights");
    }
  }

  /** Refuses what is not there for texts of any number of labels. */
  void checkLabels(boolean multiLabel) {
    if (!confidence.isEmpty() && (multiLabel || prototypes())) {
      throw new UsageException(
          "--confidence is for one label per text and --head softmax: train without it");
    }
    if (multiLabel && prototypes()) {
      throw new UsageException(
          "a prototype stands for one label, but texts have any number of them: expected one per text");
    }
    if (multiLabel
        && (balanced() || teacher.equals(ENCODER) || unlabelled != null || spans != null)) {
      throw new UsageException(
          "texts of any number of labels have neither teachers nor class weights: train without --teacher, --spans, --unlabelled and --class-weights");
    }
  }

  /** Pairs make a small file large: their spelling alone takes more than a low rank does. */
  int ngrams(long texts, Architecture model) {
    boolean small = size != null || maxBytes != null;
    boolean one = model.ordered() || small || texts > MANY || prototypes();
    return ngrams != null ? ngrams : one ? 1 : 2;
  }

  int spans(long texts, boolean multiLabel) {
    if (spans != null) {
      return spans;
    }
    return teachers(texts, multiLabel).equals(NONE)
        ? 0
        : (int) Math.min(MOST_SPANS, MOST_TAUGHT / texts);
  }

  VectorSource vectorSource() throws IOException {
    if (vectors == null) {
      return unlabelled != null ? VectorSource.bgeSentences() : VectorSource.bgeWords();
    }
    if (Files.exists(Path.of(vectors)) || !vectors.contains("+")) {
      return vectorSource(vectors);
    }
    List<VectorSource> parts = new ArrayList<>();
    List<String> names = List.of(vectors.split("\\+", -1));
    if (Set.copyOf(names).size() < names.size()) {
      throw new UsageException("--vectors %s: expected different vectors".formatted(vectors));
    }
    for (String name : names) {
      if (name.equals(NONE) || name.isEmpty()) {
        throw new UsageException(
            "--vectors %s: expected vectors on both sides of +".formatted(vectors));
      }
      parts.add(vectorSource(name));
    }
    return VectorSource.joined(parts);
  }

  static VectorSource vectorSource(String name) throws IOException {
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

  /** Auto, where teachers are affordable: both are tried. Texts without labels need one. */
  String teachers(long texts, boolean multiLabel) {
    if (!teacher.equals(AUTO)) {
      return teacher;
    }
    if (multiLabel || prototypes()) {
      return NONE;
    }
    return unlabelled != null ? ENCODER : texts <= MOST_TAUGHT ? AUTO : NONE;
  }

  /** The architecture for that many texts of that many characters in all. */
  Architecture model(long texts, long characters) {
    if (named != null || prototypes()) {
      return named != null ? named : Architecture.RESIDUAL;
    }
    boolean many = texts > MANY || characters > LONG * texts;
    boolean tiny = maxBytes != null && maxBytes.bytes() < TINY;
    return many || tiny || ngrams != null && ngrams > 1 ? Architecture.DAN : Architecture.CNN;
  }

  boolean prototypes() {
    return head.equals(PROTOTYPES);
  }

  /** The head for texts of one label or of any number. */
  Head head(boolean multiLabel) {
    if (prototypes()) {
      return (distance == null ? Metric.SPHERE : distance).head;
    }
    return multiLabel ? new Sigmoid() : new Softmax(balanced() ? 1 : 0);
  }

  boolean balanced() {
    return classWeights.equals(BALANCED);
  }

  /** Words read from a text. */
  int length(Architecture architecture) {
    return length != null ? length : architecture == Architecture.LSTM ? 64 : 256;
  }

  /** The share of {@code --size}. */
  double share() {
    return Double.parseDouble(size.substring(0, size.length() - 1)) / 100;
  }

  /** Whether rank and bits are searched for a number of bytes. */
  boolean fits() {
    return size != null || compact() && maxBytes != null;
  }

  /** The size that was asked for, for messages. */
  String asked() {
    return size != null ? "--size " + size : "--max-bytes " + maxBytes;
  }

  /** Whether the result is a compact file. */
  boolean compact() {
    return out.toString().endsWith(".lrk");
  }

  /** Bits of a word's hash in the compact file, or {@link CompactFile#EXACT}. */
  int fingerprint() {
    String form = vocabulary != null ? vocabulary : maxBytes != null ? "16" : "exact";
    return form.equals("exact") ? CompactFile.EXACT : Integer.parseInt(form);
  }

  /** The files, of which {@code words} different words and pairs have a row. */
  OwnFiles files(int words) {
    return new OwnFiles(
        train,
        Optional.ofNullable(dev),
        new HoldOut(devShare, devLimit),
        Optional.ofNullable(test),
        Optional.ofNullable(unlabelled),
        new LabelledFile.Columns(
            columns.text, columns.label, separator, confidence, columns.encoding()),
        words);
  }

  /** Training steps for that many texts. */
  long steps(long texts) {
    return steps != null ? steps : Math.max(400, Math.min(20_000, 20 * texts / BATCH));
  }
}
