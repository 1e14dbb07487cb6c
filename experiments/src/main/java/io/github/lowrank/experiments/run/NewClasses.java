package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.experiments.spec.FactorizeByUse;
import io.github.lowrank.experiments.spec.FakeQuantize;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Distance;
import io.github.lowrank.model.Euclidean;
import io.github.lowrank.model.Lorentz;
import io.github.lowrank.model.Prototypes;
import io.github.lowrank.model.Residual;
import io.github.lowrank.model.Sphere;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.InverseFrequency;
import io.github.lowrank.train.Classification;
import io.github.lowrank.train.Episodes;
import io.github.lowrank.train.Predictor;
import io.github.lowrank.train.SoftmaxRegression;
import io.github.lowrank.train.TrainingConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Classes that come after training: an encoder learns on some classes, the others are added with a
 * few texts each; then some of the first are removed. After Wohlwend et al., <a
 * href="https://arxiv.org/abs/1911.01026">Metric Learning for Dynamic Text Classification</a>
 * (2019).
 *
 * @param dataset texts
 * @param vectors word vectors, times the inverse document frequency of each word
 * @param groups of classes that are added together, such as domains; empty if each class is drawn
 *     alone
 * @param added number of classes or groups that are added, drawn anew for each seed
 * @param shots numbers of texts of each
 * @param norm root mean square of the texts' mean vectors
 * @param episodes number of training steps
 * @param seeds number of seeds
 */
public record NewClasses(
    DatasetSource dataset,
    VectorSource vectors,
    Map<String, List<String>> groups,
    int added,
    List<Integer> shots,
    double norm,
    int episodes,
    int seeds) {
  private static final int LENGTH = 64;
  private static final int HIDDEN = 300;
  private static final double RATE = 5e-4;

  /** Of the bytes of the vectors, that compressed ones have. */
  private static final double SHARE = 0.02;

  /**
   * A result.
   *
   * @param arm how classes are told apart
   * @param among accuracy on texts of the added classes, when there are no others
   * @param all accuracy on all texts, with all classes; NaN where an arm has no others
   * @param old accuracy on texts of the others then
   * @param fresh accuracy on texts of the added classes then
   * @param told how well texts of the added classes are told from others before they are added, by
   *     their distance from the nearest prototype: area under the ROC curve
   */
  public record Row(
      String dataset,
      int seed,
      String arm,
      int shots,
      double among,
      double all,
      double old,
      double fresh,
      double told) {
    /** Names of the columns. */
    public static final String HEADING =
        "dataset\tseed\tarm\tshots\tnew_among_new\tall\told_in_all\tnew_in_all\tnew_told_from_old";

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s\t%d\t%s\t%d\t%.4f\t%.4f\t%.4f\t%.4f\t%.4f",
          dataset,
          seed,
          arm,
          shots,
          among,
          all,
          old,
          fresh,
          told);
    }
  }

  /** Runs all seeds; each row is told when it is there. */
  public void run(DataRoot root, RunListener listener, Consumer<Row> rows) throws IOException {
    Prepared data = Prepared.of(new Prepared.Request(dataset, vectors, LENGTH), root, listener);
    for (int seed = 1; seed <= seeds; seed++) {
      new Seed(data, seed, listener, rows).run();
    }
  }

  /** One draw of classes and texts. */
  private final class Seed {
    private final Prepared data;
    private final int seed;
    private final RunListener listener;
    private final Consumer<Row> rows;
    private final BitSet fresh = new BitSet();
    private final int classes;
    private final EncodedTexts base;
    private final EncodedTexts dev;
    private final EmbeddingTable table;

    private Seed(Prepared data, int seed, RunListener listener, Consumer<Row> rows) {
      this.data = data;
      this.seed = seed;
      this.listener = listener;
      this.rows = rows;
      classes = data.labels().size();
      List<List<String>> order =
          new ArrayList<>(
              groups.isEmpty()
                  ? data.labels().stream().map(List::of).toList()
                  : groups.values().stream().map(List::copyOf).toList());
      Collections.shuffle(order, new Random(seed));
      order.subList(0, added).stream()
          .flatMap(List::stream)
          .forEach(label -> fresh.set(data.labels().indexOf(label)));
      base = data.train().part(i -> !fresh.get(data.train().labels()[i]));
      dev = data.dev().part(i -> !fresh.get(data.dev().labels()[i]));
      table =
          new Dense(
              InverseFrequency.scaled(
                  InverseFrequency.weighted(data.table().toMatrix(), data.train()), base, norm));
    }

    private void run() throws IOException {
      Classifier raw = initial(new Euclidean(), 1, table);
      Classifier sphere = trained(initial(new Sphere(), 10, table), episodes);
      Map<String, Classifier> arms = new LinkedHashMap<>();
      arms.put("raw vectors, Euclidean", raw);
      arms.put("raw vectors, sphere", initial(new Sphere(), 10, table));
      arms.put("learned, Euclidean", trained(raw, episodes));
      arms.put("learned, Lorentz", trained(initial(new Lorentz(), 5, table), episodes));
      arms.put("learned, sphere", sphere);
      for (int bits : List.of(1, 2, 4)) {
        arms.put("learned, sphere, 2 % of the bytes, " + bits + " bit", compressed(sphere, bits));
      }
      for (int k : shots) {
        EncodedTexts support = support(k);
        for (Map.Entry<String, Classifier> arm : arms.entrySet()) {
          score(arm.getKey(), k, arm.getValue(), support);
        }
        softmax("softmax on the shots", k, raw, support);
        softmax("softmax on all texts of old classes and the shots", k, raw, base.and(support));
      }
      softmax("softmax on all texts of all classes", 0, raw, data.train());
      removed("learned, sphere", sphere);
    }

    private Classifier initial(Distance distance, double scale, EmbeddingTable words) {
      return Classifier.initial(
          new Residual(HIDDEN, 0), new Prototypes(distance, scale), words, classes, seed);
    }

    /**
     * A classifier whose vectors take a share of the bytes, in b-bit codes of the largest rank that
     * fits, its {@code W_b} in 8 bits; trained on for as many episodes as before, most of them with
     * the factors.
     */
    private Classifier compressed(Classifier dense, int bits) throws IOException {
      double allowed = SHARE * table.bytes();
      int rank = (int) (allowed / (table.vocabulary() * bits / 8.0 + table.dimension()));
      Classifier factors =
          trained(dense.withTable(FactorizeByUse.factors(table, base, rank)), 2 * episodes / 3);
      EmbeddingTable codes = new FakeQuantize(bits).table(factors.table().multiplied());
      return trained(factors.withTable(codes), episodes / 3).packed();
    }

    /** What the last half of the old classes lose or gain when the first half goes. */
    private void removed(String arm, Classifier classifier) {
      BitSet kept = new BitSet();
      IntStream.range(classes / 2, classes).filter(c -> !fresh.get(c)).forEach(kept::set);
      EncodedTexts asked = data.test().part(i -> kept.get(data.test().labels()[i]));
      double before =
          Predictor.accuracy(
              Predictor.classes(Classification.withState(classifier, base), asked), asked);
      EncodedTexts fewer = base.part(i -> kept.get(base.labels()[i]));
      double after =
          Predictor.accuracy(
              Predictor.classes(Classification.withState(classifier, fewer), asked), asked);
      row(arm + ", kept classes before others go", 0, before);
      row(arm + ", kept classes after others went", 0, after);
    }

    private void row(String arm, int k, double accuracy) {
      double none = Double.NaN;
      rows.accept(new Row(name(), seed, arm, k, accuracy, none, none, none, none));
    }

    private String name() {
      return dataset.name() + (groups.isEmpty() ? "" : ", whole domains");
    }

    private Classifier trained(Classifier initial, int steps) throws IOException {
      Schedule schedule = Schedule.constant(RATE).then(2 * steps / 3, Schedule.constant(RATE / 5));
      return Episodes.train(
              initial,
              base,
              dev,
              new Episodes.Size(30, 4, 128),
              new TrainingConfig(
                  Optimizer.adam(), schedule, steps, 1, Math.max(1, steps / 10), 0, seed),
              listener.training(name() + " seed " + seed + ", " + initial.head().name()),
              Optional.empty())
          .best();
    }

    /** The first texts of each added class in an order of the seed. */
    private EncodedTexts support(int k) {
      List<Integer> order =
          new ArrayList<>(IntStream.range(0, data.train().size()).boxed().toList());
      Collections.shuffle(order, new Random(seed));
      int[] taken = new int[classes];
      BitSet chosen = new BitSet();
      for (int i : order) {
        int label = data.train().labels()[i];
        if (fresh.get(label) && taken[label]++ < k) {
          chosen.set(i);
        }
      }
      return data.train().part(chosen::get);
    }

    private void score(String arm, int k, Classifier classifier, EncodedTexts support) {
      EncodedTexts test = data.test();
      EncodedTexts asked = test.part(i -> fresh.get(test.labels()[i]));
      double among =
          Predictor.accuracy(
              Predictor.classes(Classification.withState(classifier, support), asked), asked);
      Classifier all = Classification.withState(classifier, base.and(support));
      BitSet right = Predictor.right(Predictor.classes(all, test), test);
      int rightOnNew = 0;
      for (int i = 0; i < test.size(); i++) {
        rightOnNew += right.get(i) && fresh.get(test.labels()[i]) ? 1 : 0;
      }
      rows.accept(
          new Row(
              name(),
              seed,
              arm,
              k,
              among,
              Predictor.accuracy(right, test.size()),
              (right.cardinality() - rightOnNew) / (double) (test.size() - asked.size()),
              rightOnNew / (double) asked.size(),
              told(Classification.withState(classifier, base))));
    }

    /** The area under the curve of texts of new classes against those of old ones. */
    private double told(Classifier old) {
      float[][] scores = Predictor.scores(old, data.test());
      List<double[]> nearest = new ArrayList<>(); // best score, whether new
      for (int i = 0; i < scores.length; i++) {
        float[] row = scores[i];
        double best = IntStream.range(0, row.length).mapToDouble(c -> row[c]).max().orElseThrow();
        nearest.add(new double[] {best, fresh.get(data.test().labels()[i]) ? 1 : 0});
      }
      nearest.sort(Comparator.comparingDouble(pair -> pair[0]));
      double before = 0; // new ones with a lower score
      double pairs = 0;
      double others = 0;
      for (double[] pair : nearest) {
        before += pair[1];
        others += 1 - pair[1];
        pairs += (1 - pair[1]) * before;
      }
      return pairs / (before * others);
    }

    /** A regression on given texts; it knows no other class. */
    private void softmax(String arm, int k, Classifier raw, EncodedTexts known) throws IOException {
      EncodedTexts test = data.test();
      SoftmaxRegression.Numbers learned =
          SoftmaxRegression.train(
              unit(Predictor.vectors(raw, known)),
              known.labels(),
              IntStream.range(0, known.size()).toArray(),
              classes,
              seed);
      Matrix vectors = unit(Predictor.vectors(raw, test));
      BitSet present = new BitSet();
      IntStream.of(known.labels()).forEach(present::set);
      boolean both = present.cardinality() > fresh.cardinality();
      int amongNew = 0;
      int[] right = new int[2];
      int[] asked = new int[2];
      for (int i = 0; i < test.size(); i++) {
        int label = test.labels()[i];
        int kind = fresh.get(label) ? 1 : 0;
        float[] scores = learned.scores(vectors.row(i));
        asked[kind]++;
        right[kind] += best(scores, present) == label ? 1 : 0;
        amongNew += kind == 1 && best(scores, fresh) == label ? 1 : 0;
      }
      rows.accept(
          new Row(
              name(),
              seed,
              arm,
              k,
              amongNew / (double) asked[1],
              both ? (right[0] + right[1]) / (double) test.size() : Double.NaN,
              both ? right[0] / (double) asked[0] : Double.NaN,
              both ? right[1] / (double) asked[1] : Double.NaN,
              Double.NaN));
    }

    /** The class of the highest score among {@code some}. */
    private static int best(float[] scores, BitSet some) {
      return some.stream().boxed().max(Comparator.comparingDouble(c -> scores[c])).orElseThrow();
    }

    private static Matrix unit(float[][] vectors) {
      Matrix rows = Matrix.zeros(vectors.length, vectors[0].length);
      for (int i = 0; i < vectors.length; i++) {
        System.arraycopy(vectors[i], 0, rows.values(), i * rows.columns(), rows.columns());
      }
      return rows.unitRows();
    }
  }
}
