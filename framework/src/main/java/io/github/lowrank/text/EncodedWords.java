package io.github.lowrank.text;

import io.github.lowrank.linalg.Matrix;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Word vectors from a {@link SentenceEncoder}: its vector of each word as a text of one word,
 * reduced by principal component analysis. Every word has one.
 */
public final class EncodedWords implements WordVectors {
  /**
   * Ten times that of other vectors: Adam moves every number of a row alike, whatever its size, and
   * smaller numbers would soon forget where they came from, which unknown words need.
   */
  static final double MEAN_SQUARE = 0.09;

  private final Map<String, Integer> rows = new HashMap<>();
  private final Matrix vectors;

  /**
   * Vectors of {@code words}.
   *
   * @param encoded {@code [words, n]}, by {@link SentenceEncoder#encode}
   * @param dimension largest number of components to keep
   */
  public EncodedWords(List<String> words, Matrix encoded, int dimension) {
    words.forEach(word -> rows.put(word, rows.size()));
    int kept = Math.min(dimension, Math.min(encoded.rows(), encoded.columns()));
    vectors = PrincipalComponents.of(encoded, kept, MEAN_SQUARE).values();
  }

  @Override
  public int dimension() {
    return vectors.columns();
  }

  @Override
  public float[] vector(String word) {
    Integer row = rows.get(word);
    return row == null ? null : vectors.row(row);
  }
}
