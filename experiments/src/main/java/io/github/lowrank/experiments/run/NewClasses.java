package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Distance;
import io.github.lowrank.model.Euclidean;
import io.github.lowrank.model.Lorentz;
import io.github.lowrank.model.Prototypes;
import io.github.lowrank.model.Residual;
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
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Classes that come after training: an encoder learns on some classes, the others are added with a
 * few texts each. After Wohlwend et al., <a href="https://arxiv.org/abs/1911.01026">Metric Learning
 * for Dynamic Text Classification</a> (2019).
 *
 * @param dataset texts
 * @param vectors word vectors, times the inverse document frequency of each word
 * @param added number of classes that are added, drawn anew for each seed
 * @param shots numbers of texts of each
 * @param norm root mean square of the texts' mean vectors
 * @param episodes number of training steps
 * @param seeds number of seeds
 */
public record NewClasses(
    DatasetSource dataset,
    VectorSource vectors,
    int added,
    List<Integer> shots,
    double norm,
    int episodes,
    int seeds) {
  private static final int LENGTH = 64;
  private static final int HIDDEN = 300;
  private static final double RATE = 5e-4;

  /**
   * A result.
   *
   * @param arm how classes are told apart
   * @param among accuracy on texts of the added classes, when there are no others
   * @param all accuracy on all texts, with all classes; NaN where an arm has no others
   * @param old accuracy on texts of the others then
   * @param fresh accuracy on texts of the added classes then
   */
  public record Row(
      String dataset,
      int seed,
      String arm,
      int shots,
      double among,
      double all,
      double old,
      double fresh) {
    /** Names of the columns. */
    public static final String HEADING =
        "dataset\tseed\tarm\tshots\tnew_among_new\tall\told_in_all\tnew_in_all";

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s\t%d\t%s\t%d\t%.4f\t%.4f\t%.4f\t%.4f",
          dataset,
          seed,
          arm,
          shots,
          among,
          all,
          old,
          fresh);
    }
  }

  /** Runs all seeds; each row is told when it is there. */
  public void run(DataRoot root, RunListener listener, Consumer<Row> rows) throws IOException {
    Prepared data =
        Prepared.of(new Prepared.Request(dataset, vectors, LENGTH, 0, 0, 0), root, listener);
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
      List<Integer> order = new ArrayList<>(IntStream.range(0, classes).boxed().toList());
      Collections.shuffle(order, new Random(seed));
      order.subList(0, added).forEach(fresh::set);
      base = data.train().part(i -> !fresh.get(data.train().labels()[i]));
      dev = data.dev().part(i -> !fresh.get(data.dev().labels()[i]));
      table =
          new Dense(
              InverseFrequency.scaled(
                  InverseFrequency.weighted(data.table().toMatrix(), data.train()), base, norm));
    }

    private void run() throws IOException {
      Classifier raw =
          Classifier.initial(
              new Residual(HIDDEN, 0), new Prototypes(new Euclidean(), 1), table, classes, seed);
      Classifier euclidean = trained(raw, new Euclidean(), 1);
      Classifier lorentz = trained(raw, new Lorentz(), 5);
      for (int k : shots) {
        EncodedTexts support = support(k);
        score("raw vectors, Euclidean", k, raw, support);
        score("learned, Euclidean", k, euclidean, support);
        score("learned, Lorentz", k, lorentz, support);
        softmax(k, raw, support);
      }
    }

    private Classifier trained(Classifier raw, Distance distance, double scale) throws IOException {
      Schedule schedule =
          Schedule.constant(RATE).then(2 * episodes / 3, Schedule.constant(RATE / 5));
      return Episodes.train(
              Classifier.initial(
                  raw.encoder(), new Prototypes(distance, scale), table, classes, seed),
              base,
              dev,
              new Episodes.Size(30, 4, 128),
              new TrainingConfig(
                  Optimizer.adam(), schedule, episodes, 1, Math.max(1, episodes / 10), 0, seed),
              listener.training(dataset.name() + " seed " + seed + ", " + distance.name()),
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
              dataset.name(),
              seed,
              arm,
              k,
              among,
              Predictor.accuracy(right, test.size()),
              (right.cardinality() - rightOnNew) / (double) (test.size() - asked.size()),
              rightOnNew / (double) asked.size()));
    }

    /** A regression on the few texts alone, which knows no other class. */
    private void softmax(int k, Classifier raw, EncodedTexts support) throws IOException {
      EncodedTexts test = data.test();
      EncodedTexts asked = test.part(i -> fresh.get(test.labels()[i]));
      SoftmaxRegression.Numbers learned =
          SoftmaxRegression.train(
              unit(Predictor.vectors(raw, support)),
              support.labels(),
              IntStream.range(0, support.size()).toArray(),
              classes,
              seed);
      Matrix scores = unit(Predictor.vectors(raw, asked)).times(learned.weights());
      int[] found = new int[asked.size()];
      for (int i = 0; i < found.length; i++) {
        double best = Double.NEGATIVE_INFINITY;
        for (int c = fresh.nextSetBit(0); c >= 0; c = fresh.nextSetBit(c + 1)) {
          double score = scores.get(i, c) + learned.bias().get(0, c);
          if (score > best) {
            best = score;
            found[i] = c;
          }
        }
      }
      double among = Predictor.accuracy(found, asked);
      rows.accept(
          new Row(
              dataset.name(),
              seed,
              "softmax on the shots",
              k,
              among,
              Double.NaN,
              Double.NaN,
              Double.NaN));
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
