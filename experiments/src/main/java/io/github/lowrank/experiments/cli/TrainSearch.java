package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.report.ModelCard;
import io.github.lowrank.experiments.run.FitToBytes;
import io.github.lowrank.experiments.run.TrainRun;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.export.CompactFile;
import io.github.lowrank.export.SavedModelWriter;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Trains classifiers into a folder and chooses among them, as the options of {@code train} say. */
final class TrainSearch {
  /** A fraction to remove and a number of bits, the largest model first. */
  private record Rung(double removed, int bits) {
    Method method() {
      if (removed == 0) {
        return bits == 32 ? Method.baseline() : Method.fixedPointRows(bits);
      }
      return bits == 32 ? Method.online(removed) : Method.onlineFixedPoint(removed, bits);
    }
  }

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

  /** A bound of a card in a compact file, where it is compressed and has no labels. */
  private static final long COMPACT_CARD = 1300;

  /** So much must a teacher be better than its pupil to be asked about parts of texts. */
  private static final double MARGIN = 0.02;

  /**
   * A classifier.
   *
   * @param limit its largest size in bytes, if one was asked for
   */
  record Trained(Setting setting, Row row, Path model, OptionalLong limit) {}

  private final TrainOptions options;
  private final PrintWriter terminal;
  private final Dataset dataset;
  private final long texts;
  private final DataRoot root;
  private final ConsoleListener listener;
  private final Path work;
  private final List<String> tried = new ArrayList<>();
  private int models;
  private double teacherAccuracy;

  TrainSearch(
      TrainOptions options,
      PrintWriter terminal,
      Dataset dataset,
      DataRoot root,
      ConsoleListener listener,
      Path work) {
    this.options = options;
    this.terminal = terminal;
    this.dataset = dataset;
    this.texts = dataset.train().size();
    this.root = root;
    this.listener = listener;
    this.work = work;
  }

  /** The best on dev. */
  Trained best() throws IOException {
    long[] characters = new long[1];
    dataset.train().read((text, label) -> characters[0] += text.length());
    Architecture model = options.model(texts, characters[0]);
    Setting usual =
        new Setting(
            options.vectorSource(),
            model.usual(dataset.labels().size()),
            options.prototypes() ? Setting.Pace.EPISODES : Setting.Pace.USUAL,
            options.ngrams(texts, model),
            options.teachers(texts, dataset.multiLabel()),
            options.spans == null ? 0 : options.spans,
            options.maxWords);
    Trained best;
    if (options.compact() && options.maxBytes != null) {
      best = withSpans(fitted(usual));
    } else if (options.tune != null) {
      best = tuned(usual);
    } else {
      best = withSpans(train(usual, options.steps(texts)));
    }
    if (models > 1) {
      log("chosen: %s, %s".formatted(best.setting, best.row.trial()));
    }
    return best;
  }

  /** A line for each classifier that was trained. */
  List<String> tried() {
    return List.copyOf(tried);
  }

  private void log(String line) {
    tried.add(line);
    terminal.println(line);
    terminal.flush();
  }

  private Trained train(Setting setting, long steps) throws IOException {
    Sized sized = new Sized(setting);
    Experiment experiment =
        new Experiment(
            "train",
            "own texts",
            options.files(setting.maxWords()),
            setting.vectors(),
            setting.layers().encoder(),
            options.head(dataset.multiLabel()),
            methods(setting),
            new Plan(
                steps,
                TrainOptions.BATCH,
                (int) Math.max(1, steps / 40),
                Optimizer.adam(),
                Shape.named(setting.pace().schedule()),
                Shape.named("one-cycle"),
                setting.pace().rates(),
                options.length(setting.layers().architecture()),
                0,
                setting.ngrams() > 1 ? options.minPairs : 0,
                setting.spans()),
            1);
    Path model = work.resolve("model" + ++models);
    Row row = new TrainRun(experiment, dataset, options.seed, root, listener).into(model, sized);
    return new Trained(setting, row, model, sized.limit);
  }

  /** The better on dev; the other's model is deleted. */
  private Trained better(Trained a, Trained b) throws IOException {
    boolean first = a.row.devAccuracy() >= b.row.devAccuracy();
    AtomicFiles.delete(first ? b.model : a.model);
    return first ? a : b;
  }

  /**
   * The better of {@code trained} and its setting with spans. Spans help where the teacher knows
   * more than its pupil, as of sentiments, and mislead where it does not: half a question asks
   * something else.
   */
  private Trained withSpans(Trained trained) throws IOException {
    int spans = options.spans(texts, dataset.multiLabel());
    return options.spans == null
            && options.maxDrop == null // which takes the smallest, not the best
            && spans > 0
            && teacherAccuracy > trained.row.devAccuracy() + MARGIN
        ? better(trained, train(trained.setting.withSpans(spans), options.steps(texts)))
        : trained;
  }

  /**
   * Few words at a high rank, more at a lower one, and the mean of words and pairs of words: dev
   * decides.
   */
  private Trained fitted(Setting usual) throws IOException {
    // Filters read the order of words from their vectors, so they need more of them than a mean
    // does.
    int rank = usual.layers().architecture().ordered() ? 48 : 24;
    Setting few = sized(usual, rank);
    Trained best = train(few, options.steps(texts));
    Setting many = sized(usual, rank / 2);
    if (!many.equals(few) && words(best) == few.maxWords()) { // or else all of them have room
      best = better(best, train(many, options.steps(texts)));
    }
    boolean mean = usual.layers().architecture() == Architecture.DAN;
    if (options.ngrams != null || options.named != null && !mean) {
      return best;
    }
    Setting dan = mean ? usual : usual.with(Architecture.DAN.usual(dataset.labels().size()));
    return better(best, train(sized(dan.withNgrams(2), 12), options.steps(texts)));
  }

  /** Number of words and pairs of words that have a row. */
  private static long words(Trained trained) throws IOException {
    Path vocabulary = trained.model.resolve("assets").resolve(SavedModelWriter.VOCABULARY);
    try (Stream<String> lines = Files.lines(vocabulary)) {
      return lines.count() - 1; // the first stands for unknown words
    }
  }

  /** As many words as have room at a rank, which is lower if the layers would take the room. */
  private Setting sized(Setting setting, int highest) {
    Layers layers = setting.layers();
    int classes = dataset.labels().size();
    long names = dataset.labels().stream().mapToLong(l -> 8 + 2L * l.length()).sum();
    long room = options.maxBytes.bytes() - COMPACT_CARD - names - 4L * layers.width();
    long perRank = layers.numbers(2, classes) - layers.numbers(1, classes);
    int rank = (int) Math.max(2, Math.min(highest, room / 3 * 2 / perRank)); // half a byte each
    // A word has two bytes and a quarter for its hash, and half a byte per rank.
    return setting.withWords(
        (long) ((room - layers.numbers(rank, classes) / 2) / (2.25 + rank / 2.0)));
  }

  /**
   * A search by halves: every single change of the usual setting at a quarter of the steps, the
   * best of them and the sum of all that helped at half, the best two of these in full.
   */
  private Trained tuned(Setting usual) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(options.tune.seconds());
    long all = options.steps(texts);
    List<UnaryOperator<Setting>> helpful = new ArrayList<>();
    Map<Setting, Double> quarter = new LinkedHashMap<>();
    long start = System.nanoTime();
    double reference = tried(usual, all, 4, quarter);
    for (UnaryOperator<Setting> change : changes(usual)) {
      if (System.nanoTime() - start > 0.5 * (end - start)) {
        log("half of the time is over: not all changes were tried");
        break;
      }
      Setting changed = change.apply(usual);
      if (!quarter.containsKey(changed) && tried(changed, all, 4, quarter) > reference) {
        helpful.add(change);
      }
    }
    Setting sum = usual;
    for (UnaryOperator<Setting> change : helpful) {
      sum = change.apply(sum);
    }
    List<Setting> finalists = new ArrayList<>(leading(quarter, 3));
    if (!finalists.contains(sum)) {
      finalists.add(0, sum);
    }
    Map<Setting, Double> half = new LinkedHashMap<>();
    for (Setting setting : finalists) {
      if (half.isEmpty() || System.nanoTime() - start < 0.7 * (end - start)) {
        tried(setting, all, 2, half);
      }
    }
    Trained best = null;
    for (Setting setting : leading(half, 2)) {
      if (best == null || System.nanoTime() < end) {
        Trained whole = train(setting, all);
        best = best == null ? whole : better(best, whole);
      }
    }
    return best;
  }

  private double tried(Setting setting, long steps, int part, Map<Setting, Double> results)
      throws IOException {
    Trained trained = train(setting, Math.max(2, steps / part));
    AtomicFiles.delete(trained.model);
    double accuracy = trained.row.devAccuracy();
    results.put(setting, accuracy);
    log(
        String.format(
            Locale.ROOT, "dev %.2f %%, 1/%d of the steps: %s", 100 * accuracy, part, setting));
    return accuracy;
  }

  private static List<Setting> leading(Map<Setting, Double> results, int count) {
    return results.entrySet().stream()
        .sorted(Map.Entry.<Setting, Double>comparingByValue().reversed())
        .limit(count)
        .map(Map.Entry::getKey)
        .toList();
  }

  /** Single changes of {@code usual}, the most promising first. */
  private List<UnaryOperator<Setting>> changes(Setting usual) {
    List<UnaryOperator<Setting>> changes = new ArrayList<>();
    boolean none = TrainOptions.NONE.equals(options.vectors); // that was a wish, too
    if (usual.vectors().equals(VectorSource.bgeWords())) {
      changes.add(s -> s.with(VectorSource.bgeSentences()));
    }
    for (VectorSource other : Catalogue.vectors()) {
      boolean here = other.files().stream().allMatch(root::has);
      if (here && !none && !usual.vectors().files().containsAll(other.files())) {
        changes.add(s -> s.with(VectorSource.joined(List.of(s.vectors(), other))));
      }
    }
    if (!usual.layers().architecture().ordered()) {
      changes.add(s -> s.withNgrams(3 - usual.ngrams()));
    }
    changes.add(s -> s.with(new Setting.Pace("one-cycle", s.pace().rates())));
    changes.add(s -> s.with(new Setting.Pace(s.pace().schedule(), List.of(3e-4, 1e-2))));
    changes.add(s -> s.with(s.layers().withDropout(0.5)));
    if (usual.layers().architecture().dropsWords()) {
      changes.add(s -> s.with(s.layers().withWordDropout(0.1)));
    }
    if (!usual.teacher().equals(TrainOptions.NONE)) {
      changes.add(s -> s.withSpans(options.spans(texts, dataset.multiLabel())));
      changes.add(s -> s.withTeacher(TrainOptions.NONE));
    }
    for (Architecture other : Architecture.values()) {
      if (other != usual.layers().architecture() && other != Architecture.RESIDUAL) {
        changes.add(s -> s.with(other.usual(dataset.labels().size())));
      }
    }
    for (double factor : new double[] {2, 0.5}) {
      changes.add(s -> s.with(s.layers().withUnits((int) (factor * usual.layers().units()))));
    }
    return changes;
  }

  /** The methods to choose from, the largest first; of equally large ones dev decides. */
  private List<Method> methods(Setting setting) {
    List<Rung> rungs = rungs();
    boolean both =
        setting.teacher().equals(TrainOptions.AUTO) && rungs.size() == 1 && !options.fits();
    List<String> teachers =
        both
            ? List.of(TrainOptions.NONE, TrainOptions.ENCODER)
            : List.of(TrainSearch.teacher(setting));
    return rungs.stream()
        .flatMap(rung -> teachers.stream().map(t -> complete(t, method(rung))))
        .toList();
  }

  private Method method(Rung rung) {
    return options.prototypes() ? Method.prototypes(rung.removed(), rung.bits()) : rung.method();
  }

  /** A method with its teacher, and with what follows the trainings. */
  private Method complete(String teacher, Method method) {
    Method taught = teacher.equals(TrainOptions.NONE) ? method : method.taughtBy(teacher);
    Method calibrated = taught.calibrated();
    if (options.reject != null) {
      return calibrated.rejecting(options.reject);
    }
    return dataset.multiLabel() ? calibrated.withThreshold() : calibrated;
  }

  private static String teacher(Setting setting) {
    return setting.teacher().equals(TrainOptions.AUTO) ? TrainOptions.ENCODER : setting.teacher();
  }

  private List<Rung> rungs() {
    if (options.fits()) {
      return LADDER.subList(0, 1);
    }
    return options.maxBytes != null || options.maxDrop != null
        ? LADDER
        : List.of(
            new Rung(
                options.remove != null ? options.remove : options.prototypes() ? 0 : 0.9,
                options.bits != null ? options.bits : options.prototypes() ? 1 : 32));
  }

  /** Chooses by size or by loss, as the options say. */
  private final class Sized implements TrainRun.Selection {
    private final String teacher;
    private OptionalLong limit = OptionalLong.empty();

    private Sized(Setting setting) {
      this.teacher = TrainSearch.teacher(setting);
    }

    @Override
    public long bytes(Path savedModel) throws IOException {
      return options.compact()
          ? CompactFile.size(savedModel, dataset.labels(), options.fingerprint())
          : AtomicFiles.size(savedModel);
    }

    private long card() {
      return options.compact() ? COMPACT_CARD : ModelCard.bytes(dataset.labels());
    }

    @Override
    public List<Method> candidates(List<Method> methods, TrainRun.Size bytes) throws IOException {
      return options.fits()
          ? fitting(bytes, options.size == null ? 0 : bytes.of(methods.get(0)))
          : options.maxBytes == null ? methods : List.of(largestWithin(methods, bytes));
    }

    /**
     * For each width of codes the largest rank that fits.
     *
     * @param whole size of the uncompressed model, of which {@code --size} is a share
     */
    private List<Method> fitting(TrainRun.Size bytes, long whole) throws IOException {
      boolean share = options.size != null;
      long allowed = share ? (long) (options.share() * whole) : options.maxBytes.bytes();
      limit = OptionalLong.of(allowed);
      try {
        List<FitToBytes.Fit> fits =
            new FitToBytes(
                    share ? List.of(8, 4, 2) : List.of(4),
                    card(),
                    method -> complete(teacher, method))
                .select(allowed, bytes);
        return fits.stream().map(FitToBytes.Fit::method).toList();
      } catch (FitToBytes.NoneFitsException e) {
        throw new IOException(
            "%s cannot be met: at most %,d bytes, but the smallest has %,d bytes%s, with room for the longest model card; allow more, or fewer words (--max-words) where they are many"
                .formatted(
                    options.asked(),
                    allowed,
                    e.smallest(),
                    share
                        ? " (%.2f %%)".formatted(Math.ceil(1e4 * e.smallest() / whole) / 100)
                        : ""),
            e);
      }
    }

    /** The largest model that fits with its card. */
    private Method largestWithin(List<Method> methods, TrainRun.Size bytes) throws IOException {
      limit = OptionalLong.of(options.maxBytes.bytes());
      long smallest = Long.MAX_VALUE;
      String name = "";
      for (Method method : methods) {
        long whole = bytes.of(method) + card();
        if (whole <= options.maxBytes.bytes()) {
          return method;
        }
        if (whole < smallest) {
          smallest = whole;
          name = method.id();
        }
      }
      throw new IOException(
          "--max-bytes %s cannot be met: the smallest model has about %,d bytes (%s), %,d of them for its model card"
              .formatted(options.maxBytes, smallest, name, card()));
    }

    @Override
    public void tried(Method method, TrialResult result) {
      Row row = result.row();
      if (result.measured().get(TrialResult.TEACHER) instanceof Double accuracy) {
        teacherAccuracy = accuracy;
      }
      String accuracy =
          String.format(Locale.ROOT, "%s: dev %.2f %%", method.id(), 100 * row.devAccuracy());
      log( // a compact file has another size than its SavedModel
          options.compact()
              ? accuracy
              : String.format(Locale.ROOT, "%s, %,d bytes", accuracy, row.savedModelBytes()));
    }

    /** With a limit of loss the smallest that loses no more on dev. */
    @Override
    public Row choose(List<Method> methods, Function<Method, Row> result) throws IOException {
      if (options.maxDrop == null) {
        return TrainRun.Selection.super.choose(methods, result);
      }
      Row baseline = result.apply(methods.get(0));
      for (int i = methods.size() - 1; i > 0; i--) {
        Row row = result.apply(methods.get(i));
        if (100 * (baseline.devAccuracy() - row.devAccuracy()) <= options.maxDrop) {
          return row;
        }
      }
      return baseline;
    }
  }
}
