package io.github.lowrank.experiments.cli;

import io.github.lowrank.datasets.VectorSource;
import java.util.List;

/** What differs between the classifiers that are tried. */
record Setting(
    VectorSource vectors,
    Layers layers,
    Pace pace,
    int ngrams,
    String teacher,
    int spans,
    int maxWords) {
  /** Fewer words say nothing, and their vectors have no components. */
  private static final long FEWEST_WORDS = 32;

  /**
   * How fast a classifier learns.
   *
   * @param schedule of the training; what follows the factorization has one-cycle
   * @param rates to choose from
   */
  record Pace(String schedule, List<Double> rates) {
    static final Pace USUAL = new Pace("constant", List.of(1e-3, 3e-3));
    static final Pace EPISODES = new Pace("constant", List.of(3e-4, 1e-3));

    @Override
    public String toString() {
      return equals(USUAL) ? "" : ", %s schedule, rates %s".formatted(schedule, rates);
    }
  }

  Setting with(VectorSource other) {
    return new Setting(other, layers, pace, ngrams, teacher, spans, maxWords);
  }

  Setting with(Layers other) {
    int most = other.architecture().ordered() ? 1 : ngrams;
    return new Setting(vectors, other, pace, most, teacher, spans, maxWords);
  }

  Setting with(Pace other) {
    return new Setting(vectors, layers, other, ngrams, teacher, spans, maxWords);
  }

  Setting withNgrams(int other) {
    return new Setting(vectors, layers, pace, other, teacher, spans, maxWords);
  }

  Setting withTeacher(String other) {
    return new Setting(vectors, layers, pace, ngrams, other, spans, maxWords);
  }

  Setting withSpans(int other) {
    return new Setting(vectors, layers, pace, ngrams, TrainOptions.ENCODER, other, maxWords);
  }

  Setting withWords(long other) {
    int most = (int) Math.min(maxWords, Math.max(FEWEST_WORDS, other));
    return new Setting(vectors, layers, pace, ngrams, teacher, spans, most);
  }

  @Override
  public String toString() {
    return "%s, %s%s, %s, teacher %s%s, at most %,d rows"
        .formatted(
            vectors.name(),
            layers,
            pace,
            ngrams > 1 ? "words and pairs" : "words",
            teacher,
            spans > 0 ? " of texts and %d spans of each".formatted(spans) : "",
            maxWords);
  }
}
