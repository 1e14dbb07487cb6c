package io.github.lowrank.labelling;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The texts that are most likely of one class, among all texts: those near to its exemplars P and
 * not near to N, the texts known not to have it,
 *
 * <pre>
 * max { cos(x, p) : p in P } - max { cos(x, n) : n in N } / 2
 * </pre>
 *
 * @param label the class
 */
public record OneClass(int label) implements Questions {
  private static final float WEIGHT = 0.5f;

  @Override
  public List<Integer> choose(Round round, int count) {
    Neighbours texts = round.texts();
    Map<Integer, Integer> labels = round.known().labels();
    float[] near = texts.closest(texts.vectors(rows(labels.keySet().stream(), round, false)));
    int[] others =
        rows(
            Stream.concat(labels.keySet().stream(), round.known().rejected().keySet().stream()),
            round,
            true);
    float[] score = near.clone();
    if (others.length > 0) {
      float[] far = texts.closest(texts.vectors(others));
      for (int i = 0; i < score.length; i++) {
        score[i] -= WEIGHT * far[i];
      }
    }
    return IntStream.range(0, texts.size())
        .filter(text -> !round.known().done(text))
        .boxed()
        .sorted(Comparator.comparingDouble(text -> -score[text]))
        .limit(count)
        .toList();
  }

  /** Those texts that are known not to have the class, or to have it. */
  private int[] rows(Stream<Integer> texts, Round round, boolean not) {
    return texts
        .filter(
            text ->
                not ? round.known().not(text, label) : round.known().labels().get(text) == label)
        .mapToInt(text -> text)
        .toArray();
  }
}
