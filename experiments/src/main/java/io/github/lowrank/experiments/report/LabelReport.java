package io.github.lowrank.experiments.report;

import static io.github.lowrank.experiments.report.ClassReport.percent;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Answers of a classifier to texts of any number of labels. P@k is the share of right ones among
 * the k most likely labels of each text that has labels, R@k the share of the texts' labels that
 * are among them.
 *
 * @param labels names, by number
 * @param threshold probability from which on a label is an answer
 * @param right how often each label was a right answer
 * @param answered how often it was an answer
 * @param texts how many texts have it
 * @param unknown how many labels of texts the classifier does not have; they count in the recall
 * @param hits right ones among the most likely 1, 3 and 5 labels of all texts
 * @param exact how many texts were given exactly their labels
 * @param labelled number of texts that have labels
 * @param total number of texts
 */
public record LabelReport(
    List<String> labels,
    double threshold,
    long[] right,
    long[] answered,
    long[] texts,
    long unknown,
    long[] hits,
    long exact,
    long labelled,
    long total)
    implements Scores {
  private static final int[] KS = {1, 3, 5};

  /** Counts answers one by one. */
  public static final class Counter {
    private final List<String> labels;
    private final double threshold;
    private final Map<String, Integer> numbers = new HashMap<>();
    private final long[] right;
    private final long[] answered;
    private final long[] texts;
    private final long[] hits = new long[KS.length];
    private long unknown;
    private long exact;
    private long labelled;
    private long total;

    /** Nothing counted yet. */
    public Counter(List<String> labels, double threshold) {
      this.labels = List.copyOf(labels);
      this.threshold = threshold;
      labels.forEach(label -> numbers.put(label, numbers.size()));
      right = new long[labels.size()];
      answered = new long[labels.size()];
      texts = new long[labels.size()];
    }

    /** Counts the answer to a text. */
    public void count(float[] probabilities, List<String> truth) {
      boolean[] has = has(truth);
      boolean same = true;
      for (int c = 0; c < has.length; c++) {
        boolean answer = probabilities[c] >= threshold;
        answered[c] += answer ? 1 : 0;
        texts[c] += has[c] ? 1 : 0;
        right[c] += answer && has[c] ? 1 : 0;
        same &= answer == has[c];
      }
      long missing = truth.stream().filter(label -> !numbers.containsKey(label)).count();
      unknown += missing;
      exact += same && missing == 0 ? 1 : 0;
      total++;
      labelled += truth.isEmpty() ? 0 : 1;
      boolean[] used = new boolean[has.length];
      for (int k = 0, i = 0; i < KS[KS.length - 1] && i < has.length; i++) {
        int best = -1;
        for (int c = 0; c < has.length; c++) {
          if (!used[c] && (best < 0 || probabilities[c] > probabilities[best])) {
            best = c;
          }
        }
        used[best] = true;
        while (i >= KS[k]) {
          k++;
        }
        for (int j = k; j < KS.length; j++) {
          hits[j] += has[best] ? 1 : 0;
        }
      }
    }

    /** Which labels a text has. */
    public boolean[] has(List<String> truth) {
      boolean[] has = new boolean[labels.size()];
      for (String label : truth) {
        Integer number = numbers.get(label);
        if (number != null) {
          has[number] = true;
        }
      }
      return has;
    }

    /** What was counted. */
    public LabelReport report() {
      return new LabelReport(
          labels, threshold, right, answered, texts, unknown, hits, exact, labelled, total);
    }
  }

  private static long sum(long[] counts) {
    return java.util.Arrays.stream(counts).sum();
  }

  private static double share(double part, double of) {
    return of == 0 ? Double.NaN : part / of;
  }

  /** Share of texts with labels whose most likely label is right: P@1. */
  @Override
  public double accuracy() {
    return precisionAt(0);
  }

  /** P@k: of fewer labels than k, all are taken. */
  private double precisionAt(int k) {
    return share(hits[k], (double) labelled * Math.min(KS[k], labels.size()));
  }

  private double recallAt(int k) {
    return share(hits[k], sum(texts) + unknown);
  }

  /** Right ones among all answers. */
  public double precision() {
    return share(sum(right), sum(answered));
  }

  /** Right answers among all labels of texts. */
  public double recall() {
    return share(sum(right), sum(texts) + unknown);
  }

  /** The harmonic mean of {@link #precision} and {@link #recall}. */
  public double f1() {
    return share(2.0 * sum(right), sum(answered) + sum(texts) + unknown);
  }

  /** The mean of the labels' F1, without labels that neither texts nor answers have. */
  public double macroF1() {
    double sum = 0;
    int count = 0;
    for (int c = 0; c < labels.size(); c++) {
      if (answered[c] + texts[c] > 0) {
        sum += f1(c);
        count++;
      }
    }
    return share(sum, count);
  }

  private double f1(int label) {
    return share(2.0 * right[label], answered[label] + texts[label]);
  }

  @Override
  public Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    for (int k = 0; k < KS.length; k++) {
      facts.put("precision_at_" + KS[k], precisionAt(k));
      facts.put("recall_at_" + KS[k], recallAt(k));
    }
    facts.put("precision", precision());
    facts.put("recall", recall());
    facts.put("f1", f1());
    facts.put("macro_f1", macroF1());
    facts.put("exact", share(exact, total));
    return facts;
  }

  @Override
  public String headline() {
    StringBuilder line = new StringBuilder();
    for (int k = 0; k < KS.length; k++) {
      line.append(
          "P@%d %s, R@%d %s, "
              .formatted(KS[k], percent(precisionAt(k)), KS[k], percent(recallAt(k))));
    }
    return line
        + String.format(
            Locale.ROOT,
            "with threshold %.3f precision %s, recall %s, F1 %s, macro F1 %s, exactly right %s; %d texts, %d labels",
            threshold,
            percent(precision()),
            percent(recall()),
            percent(f1()),
            percent(macroF1()),
            percent(share(exact, total)),
            total,
            sum(texts) + unknown);
  }

  @Override
  public Table table() {
    Table table = new Table(List.of("label", "texts", "precision", "recall", "F1"));
    for (int c = 0; c < labels.size(); c++) {
      table.line(
          new ArrayList<>(
              List.of(
                  labels.get(c),
                  Long.toString(texts[c]),
                  percent(share(right[c], answered[c])),
                  percent(share(right[c], texts[c])),
                  percent(f1(c)))));
    }
    if (unknown > 0) {
      table.line(List.of(ClassReport.UNKNOWN, Long.toString(unknown), "-", percent(0), "-"));
    }
    return table;
  }
}
