package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.labelling.Known;
import io.github.lowrank.labelling.LabelModel;
import io.github.lowrank.labelling.Labelling;
import io.github.lowrank.labelling.Majority;
import io.github.lowrank.labelling.Neighbourhoods;
import io.github.lowrank.labelling.Neighbours;
import io.github.lowrank.labelling.OneCoin;
import io.github.lowrank.labelling.Questions;
import io.github.lowrank.labelling.SparseFirst;
import io.github.lowrank.labelling.Votes;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.Classification;
import io.github.lowrank.train.Predictor;
import io.github.lowrank.train.SoftmaxRegression;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Labels for all classes from a few exemplars of each: what those are worth that are voted for,
 * beside as many answers of a human. The classifier is a softmax regression on the texts' vectors,
 * which need not be those of the neighbourhoods. After Mallinar et al., <a
 * href="https://arxiv.org/abs/2002.01412">Iterative Data Programming for Expanding Text
 * Classification Corpora</a> (2020); a reconstruction.
 *
 * @param dataset its training texts are the pool
 * @param vectors of the classifier
 * @param neighbours vectors of the neighbourhoods
 * @param exemplars number of texts of each class known at the start
 * @param answers number of answers per class
 * @param least least probability of a label that is propagated
 * @param learner what is trained
 * @param seeds number of seeds
 */
public record PropagatedLabels(
    DatasetSource dataset,
    VectorSource vectors,
    VectorSource neighbours,
    int exemplars,
    int answers,
    double least,
    Learner learner,
    int seeds) {
  private static final int BATCH = 50;
  private static final int EPOCHS = 20;
  private static final double RATE = 1e-3;
  private static final List<Map.Entry<String, LabelModel>> MODELS =
      List.of(Map.entry("majority", new Majority()), Map.entry("one coin", new OneCoin(15)));

  /** What learns from the labels. */
  public enum Learner {
    /** Softmax regression on the texts' vectors. */
    SOFTMAX,
    /** A DAN, its table initialized with the word vectors; labelled dev texts choose the step. */
    DAN
  }

  /**
   * A result.
   *
   * @param human number of labels of a human
   * @param propagated number of labels that were voted for
   * @param precision share of these that are right
   * @param coverage their share of the pool
   * @param accuracy of the classifier, on test
   */
  public record Row(
      String dataset,
      String vectors,
      String neighbours,
      String learner,
      int seed,
      String arm,
      int human,
      int propagated,
      double precision,
      double coverage,
      double accuracy) {
    /** Names of the columns. */
    public static final String HEADING =
        "dataset\tvectors\tneighbours\tlearner\tseed\tarm\thuman\tpropagated\tprecision\tcoverage\taccuracy";

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s\t%s\t%s\t%s\t%d\t%s\t%d\t%d\t%.4f\t%.4f\t%.4f",
          dataset,
          vectors,
          neighbours,
          learner,
          seed,
          arm,
          human,
          propagated,
          precision,
          coverage,
          accuracy);
    }
  }

  /** Runs all seeds; each row is told when it is there. */
  public void run(DataRoot root, RunListener listener, Consumer<Row> rows) throws IOException {
    RareIntents.Vectors data = RareIntents.Vectors.of(dataset, vectors, root, listener);
    Neighbours pool =
        new Neighbours(
            neighbours.equals(vectors)
                ? data.pool()
                : RareIntents.Vectors.of(dataset, neighbours, root, listener).pool());
    for (int seed = 1; seed <= seeds; seed++) {
      new Seed(data, pool, seed, rows).run();
    }
  }

  /** One draw of exemplars. */
  private final class Seed {
    private final RareIntents.Vectors data;
    private final Neighbours pool;
    private final Neighbourhoods neighbourhoods;
    private final int seed;
    private final int classes;
    private final Consumer<Row> rows;

    private Seed(RareIntents.Vectors data, Neighbours pool, int seed, Consumer<Row> rows) {
      this.data = data;
      this.pool = pool;
      this.neighbourhoods = new Neighbourhoods(pool, Labelling.NEIGHBOURS);
      this.seed = seed;
      this.classes = data.labels().size();
      this.rows = rows;
    }

    private void run() throws IOException {
      List<Integer> order = new ArrayList<>(IntStream.range(0, pool.size()).boxed().toList());
      Collections.shuffle(order, new Random(seed));
      Map<Integer, Integer> start = first(order, exemplars);
      scored("seeds", start);
      propagated("seeds", start);
      Map<Integer, Integer> random = first(order, exemplars + answers);
      scored("random of each class", random);
      Map<Integer, Integer> any = new TreeMap<>(start);
      for (int i = 0; any.size() < start.size() + answers * classes; i++) {
        any.put(order.get(i), data.poolLabels()[order.get(i)]);
      }
      scored("random", any);
      propagated("random", any);
      Map<Integer, Integer> sparse = sparse(start);
      scored("sparse first", sparse);
      propagated("sparse first", sparse);
      Map<Integer, Integer> all = new TreeMap<>();
      order.forEach(text -> all.put(text, data.poolLabels()[text]));
      scored("all", all);
    }

    /** The first texts of each class. */
    private Map<Integer, Integer> first(List<Integer> order, int count) {
      int[] taken = new int[classes];
      Map<Integer, Integer> first = new TreeMap<>();
      for (int text : order) {
        int label = data.poolLabels()[text];
        if (taken[label]++ < count) {
          first.put(text, label);
        }
      }
      return first;
    }

    /** With the answers to questions, in as many rounds as there are answers per class. */
    private Map<Integer, Integer> sparse(Map<Integer, Integer> start) {
      Map<Integer, Integer> labels = new TreeMap<>(start);
      for (int round = 1; round <= answers; round++) {
        Known known = new Known(classes, labels);
        Votes votes = neighbourhoods.votes(known);
        Questions.Round now =
            new Questions.Round(pool, known, votes, new Majority().posteriors(votes, known));
        new SparseFirst()
            .choose(now, start.size() + round * classes - labels.size())
            .forEach(text -> labels.put(text, data.poolLabels()[text]));
      }
      return labels;
    }

    private void scored(String arm, Map<Integer, Integer> labels) throws IOException {
      row(arm, labels, Map.of());
    }

    private void propagated(String arm, Map<Integer, Integer> labels) throws IOException {
      Known known = new Known(classes, labels);
      Votes votes = neighbourhoods.votes(known);
      for (Map.Entry<String, LabelModel> model : MODELS) {
        LabelModel.Posteriors q = model.getValue().posteriors(votes, known);
        Map<Integer, Integer> voted = new TreeMap<>();
        for (int t = 0; t < q.texts().length; t++) {
          if (!labels.containsKey(q.texts()[t]) && q.confidence(t) > least) {
            voted.put(q.texts()[t], q.best(t));
          }
        }
        row(arm + " + " + model.getKey(), labels, voted);
      }
    }

    private void row(String arm, Map<Integer, Integer> human, Map<Integer, Integer> voted)
        throws IOException {
      long right =
          voted.entrySet().stream()
              .filter(e -> data.poolLabels()[e.getKey()] == e.getValue())
              .count();
      int[] labels = new int[pool.size()];
      human.forEach((text, label) -> labels[text] = label);
      voted.forEach((text, label) -> labels[text] = label);
      int[] texts =
          IntStream.concat(
                  human.keySet().stream().mapToInt(i -> i),
                  voted.keySet().stream().mapToInt(i -> i))
              .toArray();
      rows.accept(
          new Row(
              dataset.name(),
              vectors.name(),
              neighbours.name(),
              learner.name().toLowerCase(Locale.ROOT),
              seed,
              arm,
              human.size(),
              voted.size(),
              right / (double) voted.size(),
              voted.size() / (double) pool.size(),
              accuracy(labels, texts)));
    }

    private double accuracy(int[] labels, int[] texts) throws IOException {
      return learner == Learner.DAN ? dan(labels, texts) : softmax(labels, texts);
    }

    private double dan(int[] labels, int[] texts) throws IOException {
      Prepared all = data.prepared();
      EncodedTexts train =
          EncodedTexts.of(
              IntStream.of(texts).mapToObj(all.train()::ids).toArray(int[][]::new),
              IntStream.of(texts).map(text -> labels[text]).toArray());
      int steps = Math.max(400, EPOCHS * texts.length / BATCH);
      Classifier best =
          Classification.train(
                  Classifier.initial(Dan.ofPaper(), new Softmax(), all.table(), classes, seed),
                  train,
                  all.dev(),
                  new TrainingConfig(
                      Optimizer.adam(), Schedule.constant(RATE), steps, BATCH, steps / 10, 0, seed),
                  TrainingListener.NONE,
                  Optional.empty())
              .best();
      return Predictor.accuracy(Predictor.classes(best, all.test()), all.test());
    }

    private double softmax(int[] labels, int[] texts) throws IOException {
      SoftmaxRegression.Numbers learned =
          SoftmaxRegression.train(data.pool(), labels, texts, classes, seed);
      int right = 0;
      for (int i = 0; i < data.test().rows(); i++) {
        float[] scores = learned.scores(data.test().row(i));
        int best = 0;
        for (int c = 1; c < classes; c++) {
          best = scores[c] > scores[best] ? c : best;
        }
        right += best == data.testLabels()[i] ? 1 : 0;
      }
      return right / (double) data.test().rows();
    }
  }
}
