package io.github.lowrank.experiments.run;

import de.bwaldvogel.liblinear.Feature;
import de.bwaldvogel.liblinear.FeatureNode;
import de.bwaldvogel.liblinear.Linear;
import de.bwaldvogel.liblinear.Model;
import de.bwaldvogel.liblinear.Parameter;
import de.bwaldvogel.liblinear.Problem;
import de.bwaldvogel.liblinear.SolverType;
import io.github.lowrank.datasets.Dataset;
import io.github.lowrank.datasets.Split;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rival that every text classifier should beat: logistic regression on the tf-idf of words and
 * pairs of words, as scikit-learn's defaults compute it, by LIBLINEAR, one class against the rest;
 * the cost C by dev.
 *
 * <pre>
 * tf-idf = count (ln((1 + texts) / (1 + texts with it)) + 1), each text scaled to length 1
 * </pre>
 */
public final class TfIdf {
  private static final Pattern WORD = Pattern.compile("\\w\\w+", Pattern.UNICODE_CHARACTER_CLASS);
  private static final double[] COSTS = {4, 32};

  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<int[]> sets;
  private double[] idf;
  private List<Model> models;
  private double cost;

  private TfIdf(List<int[]> sets) {
    this.sets = sets;
  }

  /**
   * Learns from train; dev decides on the cost. Where texts may have any number of labels there is
   * a regression for each.
   */
  public static TfIdf train(Dataset dataset) throws IOException {
    TfIdf all = new TfIdf(dataset.sets());
    List<String> texts = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    dataset
        .train()
        .read(
            (text, label) -> {
              texts.add(text);
              labels.add(label);
            });
    all.count(texts);
    Problem problem = new Problem();
    problem.l = texts.size();
    problem.n = all.idf.length + 1;
    problem.bias = 1;
    problem.x = texts.stream().map(all::features).toArray(Feature[][]::new);
    Linear.disableDebugOutput();
    double best = -1;
    for (double cost : COSTS) {
      Parameter parameter = new Parameter(SolverType.L2R_LR, cost, 0.01);
      List<Model> tried = new ArrayList<>();
      if (all.sets.isEmpty()) {
        problem.y = labels.stream().mapToDouble(i -> i).toArray();
        tried.add(Linear.train(problem, parameter));
      } else {
        for (int c = 0; c < dataset.labels().size(); c++) {
          int wanted = c;
          problem.y = labels.stream().mapToDouble(set -> all.has(set, wanted) ? 1 : 0).toArray();
          tried.add(Linear.train(problem, parameter));
        }
      }
      double accuracy = all.accuracy(tried, dataset.dev());
      if (accuracy > best) {
        best = accuracy;
        all.models = tried;
        all.cost = cost;
      }
    }
    return all;
  }

  private boolean has(int label, int c) {
    return sets.isEmpty() ? label == c : Arrays.stream(sets.get(label)).anyMatch(l -> l == c);
  }

  /** The cost that was chosen. */
  public double cost() {
    return cost;
  }

  /** Share of texts with labels whose most likely label is right, in [0, 1]. */
  public double accuracy(Split split) throws IOException {
    return accuracy(models, split);
  }

  private double accuracy(List<Model> tried, Split split) throws IOException {
    int[] right = new int[2];
    split.read(
        (text, label) -> {
          if (sets.isEmpty() || sets.get(label).length > 0) {
            right[0] += has(label, best(tried, features(text))) ? 1 : 0;
            right[1]++;
          }
        });
    return right[0] / (double) right[1];
  }

  private int best(List<Model> tried, Feature[] features) {
    if (sets.isEmpty()) {
      return (int) Linear.predict(tried.get(0), features);
    }
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < tried.size(); c++) {
      double[] values = new double[2];
      Linear.predictValues(tried.get(c), features, values);
      // The value speaks for the label that LIBLINEAR met first; there may be one label only.
      double score = tried.get(c).getLabels()[0] == 1 ? values[0] : -values[0];
      if (score > most) {
        most = score;
        best = c;
      }
    }
    return best;
  }

  private static List<String> terms(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
    while (matcher.find()) {
      words.add(matcher.group());
    }
    List<String> terms = new ArrayList<>(words);
    for (int i = 1; i < words.size(); i++) {
      terms.add(words.get(i - 1) + " " + words.get(i));
    }
    return terms;
  }

  private void count(List<String> texts) {
    List<Integer> counts = new ArrayList<>();
    for (String text : texts) {
      for (String term : new HashSet<>(terms(text))) {
        Integer number = numbers.putIfAbsent(term, counts.size());
        if (number == null) {
          counts.add(1);
        } else {
          counts.set(number, counts.get(number) + 1);
        }
      }
    }
    idf =
        counts.stream().mapToDouble(n -> Math.log((1.0 + texts.size()) / (1.0 + n)) + 1).toArray();
  }

  /** LIBLINEAR's features: numbers from 1 in rising order, the bias last. */
  private Feature[] features(String text) {
    Map<Integer, Double> values = new TreeMap<>();
    for (String term : terms(text)) {
      Integer number = numbers.get(term);
      if (number != null) {
        values.merge(number, idf[number], Double::sum);
      }
    }
    double length = Math.sqrt(values.values().stream().mapToDouble(x -> x * x).sum());
    Feature[] features = new Feature[values.size() + 1];
    int i = 0;
    for (Map.Entry<Integer, Double> value : values.entrySet()) {
      features[i++] = new FeatureNode(value.getKey() + 1, value.getValue() / length);
    }
    features[i] = new FeatureNode(idf.length + 1, 1);
    return features;
  }
}
