package io.github.lowrank.experiments.cli;

import io.github.lowrank.experiments.report.Calibration;
import io.github.lowrank.experiments.report.ClassReport;
import io.github.lowrank.experiments.report.LabelReport;
import io.github.lowrank.experiments.report.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Scores a classifier on labelled texts while they are read. */
final class Scoring {
  private static final int BATCH = 256;

  /** Counts answers. */
  private interface Counter {
    void count(float[] probabilities, List<String> truth);

    Scores report();
  }

  private final Answers answers;
  private final String what;
  private final ConsoleListener listener;
  private final Counter counter;
  private final List<String> texts = new ArrayList<>();
  private final List<List<String>> truth = new ArrayList<>();
  private final Calibration calibration = new Calibration();
  private final long[] counted = new long[2]; // of the model's labels, of others
  private final long[] rejected = new long[2];
  private long scored;

  /**
   * Scores {@code answers}.
   *
   * @param what is done, for the progress line
   */
  Scoring(Answers answers, String what, ConsoleListener listener) {
    this.answers = answers;
    this.what = what;
    this.listener = listener;
    this.counter = answers.multiLabel() ? new Labels() : new Classes();
  }

  /** Of texts of one label. */
  private final class Classes implements Counter {
    private final ClassReport.Counter counter = new ClassReport.Counter(answers.labels());

    @Override
    public void count(float[] probabilities, List<String> truth) {
      int best = Answers.best(probabilities);
      String label = answers.labels().get(best);
      calibration.count(probabilities[best], label.equals(truth.get(0)));
      counter.count(truth.get(0), label);
    }

    @Override
    public Scores report() {
      return counter.report();
    }
  }

  /** Of texts of any number of labels. */
  private final class Labels implements Counter {
    private final LabelReport.Counter counter =
        new LabelReport.Counter(answers.labels(), answers.threshold().getAsDouble());

    @Override
    public void count(float[] probabilities, List<String> truth) {
      boolean[] has = counter.has(truth);
      for (int c = 0; c < has.length; c++) {
        calibration.count(probabilities[c], has[c]);
      }
      counter.count(probabilities, truth);
    }

    @Override
    public Scores report() {
      return counter.report();
    }
  }

  void add(String text, List<String> labels) {
    texts.add(text);
    truth.add(labels);
    if (texts.size() == BATCH) {
      flush();
    }
  }

  private void flush() {
    List<Answers.Answer> found = answers.answer(texts);
    for (int i = 0; i < texts.size(); i++) {
      counter.count(found.get(i).probabilities(), truth.get(i));
      int other = answers.labels().containsAll(truth.get(i)) ? 0 : 1;
      counted[other]++;
      rejected[other] += found.get(i).rejected() ? 1 : 0;
    }
    scored += texts.size();
    listener.texts(what, scored);
    texts.clear();
    truth.clear();
  }

  /** How many texts were rejected, if any may be. */
  Optional<String> rejections() {
    return answers.rejects()
        ? Optional.of(
            "rejected: %s of texts that have one of the labels, %s of others"
                .formatted(share(0), share(1)))
        : Optional.empty();
  }

  private String share(int which) {
    return counted[which] == 0
        ? "none"
        : String.format(Locale.ROOT, "%.1f %%", 100.0 * rejected[which] / counted[which]);
  }

  /** Expected calibration error of what was reported, in [0, 1]. */
  double calibrationError() {
    return calibration.error();
  }

  Scores report() {
    if (!texts.isEmpty()) {
      flush();
    }
    listener.close();
    return counter.report();
  }
}
