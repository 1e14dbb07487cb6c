package io.github.lowrank.experiments.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Right and wrong answers of a classifier, class by class.
 *
 * @param labels class names
 * @param confusion counts, {@code [true class][answer]}; one more row, the last, if there are texts
 *     of classes that the classifier does not have
 */
public record ClassReport(List<String> labels, long[][] confusion) implements Scores {
  /** Stands for a class that the classifier does not have. */
  public static final String UNKNOWN = "(unknown label)";

  /** Up to this number of classes, {@link #table} shows the confusion. */
  public static final int WIDEST = 12;

  // The 97.5th percentile of the standard normal distribution.
  private static final double Z = 1.959963984540054;

  /** Counts answers one by one. */
  public static final class Counter {
    private final List<String> labels;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final long[][] confusion;
    private boolean unknown;

    /** Nothing counted yet. */
    public Counter(List<String> labels) {
      this.labels = List.copyOf(labels);
      labels.forEach(label -> numbers.put(label, numbers.size()));
      confusion = new long[labels.size() + 1][labels.size()];
    }

    /** Counts an answer; if {@code truth} is not one of the labels, it is wrong. */
    public void count(String truth, String answer) {
      int row = numbers.getOrDefault(truth, labels.size());
      unknown |= row == labels.size();
      confusion[row][numbers.get(answer)]++;
    }

    /** What was counted. */
    public ClassReport report() {
      return new ClassReport(
          labels, unknown ? confusion : java.util.Arrays.copyOf(confusion, labels.size()));
    }
  }

  /** Number of texts. */
  public long total() {
    return java.util.Arrays.stream(confusion).flatMapToLong(java.util.Arrays::stream).sum();
  }

  @Override
  public Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("accuracy", accuracy());
    facts.put("accuracy_interval", interval());
    return facts;
  }

  @Override
  public double accuracy() {
    long right = 0;
    for (int i = 0; i < labels.size(); i++) {
      right += confusion[i][i];
    }
    return right / (double) total();
  }

  /** Wilson's 95 % interval of the accuracy: lower and upper bound. */
  public double[] interval() {
    double n = total();
    double p = accuracy();
    double centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
    double half = Z * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n);
    return new double[] {Math.max(0, centre - half), Math.min(1, centre + half)};
  }

  /** Right answers among the answers {@code label}; NaN if it was never answered. */
  public double precision(int label) {
    long answered = 0;
    for (long[] row : confusion) {
      answered += row[label];
    }
    return answered == 0 ? Double.NaN : confusion[label][label] / (double) answered;
  }

  /** Right answers among the texts of {@code label}; NaN if there are none. */
  public double recall(int label) {
    long texts = java.util.Arrays.stream(confusion[label]).sum();
    return texts == 0 ? Double.NaN : confusion[label][label] / (double) texts;
  }

  /** {@code accuracy 83.20 % (95 % interval 81.4 to 84.8), 1821 texts}. */
  @Override
  public String headline() {
    double[] interval = interval();
    return String.format(
        Locale.ROOT,
        "accuracy %.2f %% (95 %% interval %.1f to %.1f), %d texts",
        100 * accuracy(),
        100 * interval[0],
        100 * interval[1],
        total());
  }

  /** Precision and recall of every class; of few classes, the confusion table too. */
  @Override
  public Table table() {
    boolean matrix = labels.size() <= WIDEST;
    List<String> heading = new ArrayList<>(List.of("class", "texts", "precision", "recall"));
    if (matrix) {
      labels.forEach(label -> heading.add("as " + label));
    }
    Table table = new Table(heading);
    for (int i = 0; i < confusion.length; i++) {
      boolean known = i < labels.size();
      List<String> line =
          new ArrayList<>(
              List.of(
                  known ? labels.get(i) : UNKNOWN,
                  Long.toString(java.util.Arrays.stream(confusion[i]).sum()),
                  known ? percent(precision(i)) : "-",
                  known ? percent(recall(i)) : percent(0)));
      if (matrix) {
        for (long count : confusion[i]) {
          line.add(Long.toString(count));
        }
      }
      table.line(line);
    }
    return table;
  }

  static String percent(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
