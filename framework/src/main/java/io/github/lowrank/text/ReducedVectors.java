package io.github.lowrank.text;

import io.github.lowrank.linalg.Matrix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Vectors of given words, reduced by principal component analysis. */
public final class ReducedVectors implements WordVectors {
  /**
   * Nine times that of word pieces: Adam moves every number of a row alike, whatever its size, and
   * smaller numbers would soon forget where they came from, which words outside train need.
   */
  private static final double MEAN_SQUARE = 0.09;

  private final Map<String, Integer> rows = new HashMap<>();
  private final Matrix vectors;

  private ReducedVectors(List<String> words, Matrix full, int dimension) {
    words.forEach(word -> rows.put(word, rows.size()));
    int kept = Math.min(dimension, Math.min(full.rows(), full.columns()));
    vectors = words.isEmpty() ? full : PrincipalComponents.of(full, kept, MEAN_SQUARE).values();
  }

  /**
   * What a {@link SentenceEncoder} says of each word as a text of one word.
   *
   * @param encoded {@code [words, n]}
   * @param dimension largest number of components to keep
   */
  public static ReducedVectors encoded(List<String> words, Matrix encoded, int dimension) {
    return new ReducedVectors(words, encoded, dimension);
  }

  /**
   * The vectors of several sources, one after another, each source with the same mean square, of
   * those of {@code words} that any of them knows. Where a source lacks a word, it has zeros.
   *
   * @param dimension largest number of components to keep
   */
  public static ReducedVectors joined(
      List<String> words, List<WordVectors> sources, int dimension) {
    List<String> known = new ArrayList<>();
    for (String word : words) {
      if (sources.stream().anyMatch(source -> source.vectorOrMean(word) != null)) {
        known.add(word);
      }
    }
    int d = sources.stream().mapToInt(WordVectors::dimension).sum();
    float[] joined = new float[Math.multiplyExact(known.size(), d)];
    int column = 0;
    for (WordVectors source : sources) {
      copy(known, source, joined, d, column);
      column += source.dimension();
    }
    return new ReducedVectors(known, new Matrix(known.size(), d, joined), dimension);
  }

  /** Fills the columns of one source, divided by the root of their mean square. */
  private static void copy(
      List<String> words, WordVectors source, float[] joined, int d, int column) {
    double squares = 0;
    long count = 0;
    for (int row = 0; row < words.size(); row++) {
      float[] vector = source.vectorOrMean(words.get(row));
      if (vector != null) {
        System.arraycopy(vector, 0, joined, row * d + column, vector.length);
        count += vector.length;
        for (float x : vector) {
          squares += (double) x * x;
        }
      }
    }
    float scale = squares > 0 ? (float) Math.sqrt(count / squares) : 1;
    for (int row = 0; row < words.size(); row++) {
      for (int i = 0; i < source.dimension(); i++) {
        joined[row * d + column + i] *= scale;
      }
    }
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
