package io.github.lowrank.experiments.run;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.labelling.Known;
import io.github.lowrank.labelling.LabelModel;
import io.github.lowrank.labelling.Neighbours;
import io.github.lowrank.labelling.OneClass;
import io.github.lowrank.labelling.Questions;
import io.github.lowrank.labelling.Votes;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.text.InverseFrequency;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A rare class is looked for in a pool of texts: a few exemplars, and a human who confirms or
 * rejects some texts, the same number whoever chooses them. How many of the class are found, and
 * how good a classifier of this class against the rest is then. After Mallinar et al., <a
 * href="https://arxiv.org/abs/2002.01412">Iterative Data Programming for Expanding Text
 * Classification Corpora</a> (2020); a reconstruction.
 *
 * @param dataset its training texts are the pool
 * @param vectors of words, whose weighted mean is a text's vector; or of an encoder
 * @param intents number of classes that are looked for, one at a time, drawn anew for each seed
 * @param exemplars number of texts known at the start
 * @param answers number of answers
 * @param round number of answers before the next are chosen
 * @param background number of random texts that are taken for negatives without an answer
 * @param wrong share of wrong answers
 * @param seeds number of seeds
 */
public record RareIntents(
    DatasetSource dataset,
    VectorSource vectors,
    int intents,
    int exemplars,
    int answers,
    int round,
    int background,
    double wrong,
    int seeds) {
  private static final double COST = 16;

  /**
   * A result, the mean over the intents.
   *
   * @param recall share of the class's other texts in the pool that were confirmed
   * @param averagePrecision of a logistic regression on test
   */
  public record Row(
      String dataset,
      String vectors,
      int seed,
      double wrong,
      String arm,
      double recall,
      double averagePrecision) {
    /** Names of the columns. */
    public static final String HEADING =
        "dataset\tvectors\tseed\twrong_answers\tarm\trecall\taverage_precision";

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%s\t%s\t%d\t%.2f\t%s\t%.4f\t%.4f",
          dataset,
          vectors,
          seed,
          wrong,
          arm,
          recall,
          averagePrecision);
    }
  }

  /** Runs all seeds; each row is told when it is there. */
  public void run(DataRoot root, RunListener listener, Consumer<Row> rows) throws IOException {
    Vectors data = Vectors.of(dataset, vectors, root, listener);
    for (int seed = 1; seed <= seeds; seed++) {
      List<Integer> classes =
          new ArrayList<>(IntStream.range(0, data.labels().size()).boxed().toList());
      Collections.shuffle(classes, new Random(seed));
      Map<String, List<double[]>> results = new LinkedHashMap<>();
      for (int intent : classes.subList(0, intents)) {
        new Search(data, intent, seed)
            .run()
            .forEach(
                (arm, result) -> results.computeIfAbsent(arm, a -> new ArrayList<>()).add(result));
        listener.log("%s seed %d: %s".formatted(dataset.name(), seed, data.labels().get(intent)));
      }
      int number = seed;
      results.forEach(
          (arm, all) ->
              rows.accept(
                  new Row(
                      dataset.name(),
                      vectors.name(),
                      number,
                      wrong,
                      arm,
                      mean(all, 0),
                      mean(all, 1))));
    }
  }

  private static double mean(List<double[]> results, int place) {
    return results.stream().mapToDouble(result -> result[place]).average().orElse(Double.NaN);
  }

  /** Texts and their vectors: of train, which is the pool, and test. */
  record Vectors(Prepared prepared, Matrix pool, Matrix test) {
    List<String> labels() {
      return prepared.labels();
    }

    int[] poolLabels() {
      return prepared.train().labels();
    }

    int[] testLabels() {
      return prepared.test().labels();
    }

    static Vectors of(
        DatasetSource dataset, VectorSource source, DataRoot root, RunListener listener)
        throws IOException {
      Prepared data =
          Prepared.of(new Prepared.Request(dataset, VectorSource.sgns300d(), 256), root, listener);
      if (source.format() == VectorSource.Format.ENCODED_TEXTS) {
        List<String> train = new ArrayList<>();
        List<String> test = new ArrayList<>();
        io.github.lowrank.datasets.Dataset all = dataset.load(root);
        all.train().read((text, label) -> train.add(text));
        all.test().read((text, label) -> test.add(text));
        return new Vectors(
            data,
            TextVectors.of(train, source, root, listener),
            TextVectors.of(test, source, root, listener));
      }
      Matrix table = data.table().toMatrix();
      Matrix weighted = InverseFrequency.weighted(table, data.train());
      return new Vectors(
          data,
          TextVectors.means(data.train(), weighted),
          TextVectors.means(data.test(), weighted));
    }
  }

  /** One intent of one seed. */
  private final class Search {
    private final Vectors data;
    private final Neighbours pool;
    private final int intent;
    private final int seed;
    private final List<Integer> shuffled;
    private final int[] start;

    private Search(Vectors data, int intent, int seed) {
      this.data = data;
      this.pool = new Neighbours(data.pool());
      this.intent = intent;
      this.seed = seed;
      shuffled = new ArrayList<>(IntStream.range(0, pool.size()).boxed().toList());
      Collections.shuffle(shuffled, new Random(31L * seed + intent));
      start = shuffled.stream().filter(this::positive).limit(exemplars).mapToInt(i -> i).toArray();
    }

    private boolean positive(int text) {
      return data.poolLabels()[text] == intent;
    }

    private Map<String, double[]> run() {
      Matrix known = pool.vectors(start);
      float[] sum = new float[known.columns()];
      for (int i = 0; i < known.values().length; i++) {
        sum[i % sum.length] += known.values()[i];
      }
      float[] noise = new float[pool.size()];
      for (int i = 0; i < noise.length; i++) {
        noise[shuffled.get(i)] = i;
      }
      Map<String, double[]> results = new LinkedHashMap<>();
      results.put("seeds", result(Map.of()));
      results.put("random", result(said(best(noise))));
      results.put(
          "centroid", result(said(best(pool.closest(new Matrix(1, sum.length, sum).unitRows())))));
      results.put("one-shot neighbours", result(said(best(pool.closest(known)))));
      results.put("iterative", result(iterative()));
      Map<Integer, Boolean> all = new HashMap<>();
      shuffled.stream().filter(this::positive).forEach(text -> all.put(text, true));
      results.put("all positives", result(all));
      return results;
    }

    /** The texts with the highest scores, as many as there are answers. */
    private List<Integer> best(float[] scores) {
      return IntStream.range(0, scores.length)
          .filter(text -> IntStream.of(start).noneMatch(s -> s == text))
          .boxed()
          .sorted(Comparator.comparingDouble(text -> -scores[text]))
          .limit(answers)
          .toList();
    }

    /** What the human says of texts. */
    private Map<Integer, Boolean> said(List<Integer> texts) {
      Map<Integer, Boolean> said = new LinkedHashMap<>();
      for (int text : texts) {
        // The same mistakes in whatever order texts are asked about.
        boolean mistaken = new Random(1_000_003L * text + 31L * seed + intent).nextDouble() < wrong;
        said.put(text, positive(text) != mistaken);
      }
      return said;
    }

    private Map<Integer, Boolean> iterative() {
      Map<Integer, Integer> known = new HashMap<>();
      IntStream.of(start).forEach(text -> known.put(text, 0));
      Map<Integer, Boolean> said = new LinkedHashMap<>();
      Votes none = new Votes(2, List.of(), new int[0], List.of(), new float[0]);
      while (said.size() < answers) {
        Questions.Round now =
            new Questions.Round(
                pool,
                new Known(2, known),
                none,
                new LabelModel.Posteriors(new int[0], Matrix.zeros(0, 2)));
        Map<Integer, Boolean> fresh =
            said(new OneClass(0).choose(now, Math.min(round, answers - said.size())));
        fresh.forEach((text, yes) -> known.put(text, yes ? 0 : 1));
        said.putAll(fresh);
      }
      return said;
    }

    /** Recall, and average precision of what is learned. */
    private double[] result(Map<Integer, Boolean> said) {
      long all = shuffled.stream().filter(this::positive).count() - start.length;
      long found =
          said.entrySet().stream()
              .filter(e -> e.getValue() && positive(e.getKey()))
              .filter(e -> IntStream.of(start).noneMatch(s -> s == e.getKey()))
              .count();
      Map<Integer, Boolean> learn = new LinkedHashMap<>();
      // From the other end than the exemplars and the random texts.
      for (int i = 0; i < background; i++) {
        learn.put(shuffled.get(shuffled.size() - 1 - i), false);
      }
      learn.putAll(said);
      IntStream.of(start).forEach(text -> learn.put(text, true));
      return new double[] {found / (double) all, learned(learn)};
    }

    private double learned(Map<Integer, Boolean> texts) {
      Problem problem = new Problem();
      problem.l = texts.size();
      problem.n = data.pool().columns() + 1;
      problem.bias = 1;
      problem.x =
          texts.keySet().stream().map(t -> features(data.pool(), t)).toArray(Feature[][]::new);
      problem.y = texts.values().stream().mapToDouble(yes -> yes ? 1 : 0).toArray();
      Linear.disableDebugOutput();
      Model model = Linear.train(problem, new Parameter(SolverType.L2R_LR, COST, 1e-4));
      double sign = model.getLabels()[0] == 1 ? 1 : -1;
      double[] scores = new double[data.test().rows()];
      boolean[] relevant = new boolean[scores.length];
      for (int i = 0; i < scores.length; i++) {
        double[] value = new double[2];
        Linear.predictValues(model, features(data.test(), i), value);
        scores[i] = sign * value[0];
        relevant[i] = data.testLabels()[i] == intent;
      }
      return averagePrecision(scores, relevant);
    }
  }

  private static Feature[] features(Matrix vectors, int row) {
    Feature[] features = new Feature[vectors.columns() + 1];
    for (int k = 0; k < vectors.columns(); k++) {
      features[k] = new FeatureNode(k + 1, vectors.get(row, k));
    }
    features[vectors.columns()] = new FeatureNode(vectors.columns() + 1, 1);
    return features;
  }

  /**
   * Average precision, as scikit-learn computes it: the mean over relevant texts of the precision
   * among all texts with at least their score.
   */
  static double averagePrecision(double[] scores, boolean[] relevant) {
    Integer[] order = IntStream.range(0, scores.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(i -> -scores[i]));
    double sum = 0;
    int found = 0;
    int before = 0;
    for (int i = 0; i < order.length; i++) {
      found += relevant[order[i]] ? 1 : 0;
      if (i + 1 == order.length || scores[order[i + 1]] != scores[order[i]]) {
        sum += (found - before) * (found / (i + 1.0));
        before = found;
      }
    }
    return sum / found;
  }
}
