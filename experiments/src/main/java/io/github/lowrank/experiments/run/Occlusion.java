package io.github.lowrank.experiments.run;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Why a text got its label: by how much the label's probability falls when a word is left out. That
 * is exact for every kind of classifier, but a word that another one repeats counts for little.
 * After Zeiler and Fergus, <a href="https://arxiv.org/abs/1311.2901">Visualizing and Understanding
 * Convolutional Networks</a> (2013), who occlude parts of images.
 */
public final class Occlusion {
  private Occlusion() {}

  /** A classifier: the probabilities of texts, {@code [texts][classes]}. */
  public interface Probabilities {
    /** The probabilities of {@code texts}. */
    List<float[]> of(List<String> texts) throws IOException;
  }

  /**
   * A word of a text.
   *
   * @param word as it stands between white space
   * @param contribution probability of the label with it, minus that without it
   */
  public record Part(String word, float contribution) {}

  /**
   * The words of {@code text} in its order.
   *
   * @param label number of the class to explain
   * @param probability its probability
   */
  public static List<Part> explain(
      String text, int label, float probability, Probabilities classifier) throws IOException {
    if (text.isBlank()) {
      return List.of();
    }
    String[] words = text.strip().split("\\s+");
    List<String> without = new ArrayList<>();
    for (int i = 0; i < words.length; i++) {
      int left = i;
      without.add(
          IntStream.range(0, words.length)
              .filter(j -> j != left)
              .mapToObj(j -> words[j])
              .collect(Collectors.joining(" ")));
    }
    List<float[]> answers = classifier.of(without);
    return IntStream.range(0, words.length)
        .mapToObj(i -> new Part(words[i], probability - answers.get(i)[label]))
        .toList();
  }

  /** The {@code count} words that matter most, the largest contribution first. */
  public static List<Part> strongest(List<Part> parts, int count) {
    Part[] sorted = parts.toArray(Part[]::new);
    Arrays.sort(
        sorted, (a, b) -> Float.compare(Math.abs(b.contribution()), Math.abs(a.contribution())));
    return List.of(sorted).subList(0, Math.min(count, sorted.length));
  }
}
