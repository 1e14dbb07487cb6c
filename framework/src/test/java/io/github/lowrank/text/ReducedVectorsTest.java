package io.github.lowrank.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReducedVectorsTest {
  private static WordVectors of(int dimension, Map<String, float[]> vectors) {
    return new WordVectors() {
      @Override
      public int dimension() {
        return dimension;
      }

      @Override
      public float[] vector(String word) {
        return vectors.get(word);
      }
    };
  }

  private static double distance(WordVectors vectors, String a, String b) {
    float[] first = vectors.vector(a);
    float[] second = vectors.vector(b);
    double squares = 0;
    for (int i = 0; i < first.length; i++) {
      squares += Math.pow(first[i] - second[i], 2);
    }
    return Math.sqrt(squares);
  }

  @Test
  void everySourceCountsAlike() {
    // The sources differ in scale; in both, a word is as far from its neighbours.
    WordVectors small =
        of(2, Map.of("a", new float[] {1, 1}, "b", new float[] {1, -1}, "c", new float[] {-1, 1}));
    WordVectors large =
        of(1, Map.of("a", new float[] {90}, "b", new float[] {90}, "c", new float[] {-90}));
    ReducedVectors joined =
        ReducedVectors.joined(List.of("a", "b", "c", "nowhere"), List.of(small, large), 3);
    assertThat(joined.dimension()).isEqualTo(3);
    assertThat(joined.vector("nowhere")).isNull();
    // |a - b|^2 = 4 of the first source alone, |a - c|^2 = 4 + 4 of both.
    assertThat(distance(joined, "a", "c") / distance(joined, "a", "b"))
        .isCloseTo(Math.sqrt(2), within(1e-5));
  }

  @Test
  void whatASourceLacksIsZeroAndPairsAreMeans() {
    WordVectors first = of(1, Map.of("a", new float[] {1}, "b", new float[] {-1}));
    WordVectors second = of(1, Map.of("c", new float[] {2}));
    ReducedVectors joined =
        ReducedVectors.joined(
            List.of("a", "b", "c", Vocabulary.pair("a", "b")), List.of(first, second), 2);
    // The pair lies between its words, and c is as far from both.
    assertThat(distance(joined, "a", "a b")).isCloseTo(distance(joined, "b", "a b"), within(1e-5));
    assertThat(distance(joined, "a", "c")).isCloseTo(distance(joined, "b", "c"), within(1e-5));
    assertThat(distance(joined, "a", "b"))
        .isCloseTo(2 * distance(joined, "a", "a b"), within(1e-5));
  }
}
