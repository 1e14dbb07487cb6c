package io.github.lowrank.text;

import io.github.lowrank.linalg.Matrix;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Vectors from several sources, one after another, each source with the same mean square; reduced
 * by principal component analysis. Where a source lacks a word, it has zeros.
 */
public final class JoinedVectors implements WordVectors {
  private final Map<String, Integer> rows = new HashMap<>();
  private final Matrix vectors;

  /**
   * The vectors of those of {@code words} that any source knows.
   *
   * @param dimension largest number of components to keep
   */
  public JoinedVectors(List<String> words, List<WordVectors> sources, int dimension) {
    List<String> known = new ArrayList<>();
    for (String word : words) {
      if (sources.stream().anyMatch(source -> source.vectorOrMean(word) != null)) {
        rows.put(word, known.size());
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
    Matrix all = new Matrix(known.size(), d, joined);
    int kept = Math.min(dimension, Math.min(known.size(), d));
    vectors =
        known.isEmpty()
            ? all
            : PrincipalComponents.of(all, kept, EncodedWords.MEAN_SQUARE).values();
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
    if (squares > 0) {
      float scale = (float) Math.sqrt(count / squares);
      for (int row = 0; row < words.size(); row++) {
        for (int i = 0; i < source.dimension(); i++) {
          joined[row * d + column + i] *= scale;
        }
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
