package io.github.lowrank.text;

import io.github.lowrank.linalg.Matrix;
import java.util.Random;

/** Pretrained word vectors. */
public interface WordVectors {
  /** Length of a vector, d. */
  int dimension();

  /** The vector of {@code word}, {@code [d]}, or null if there is none. */
  float[] vector(String word);

  /**
   * A table for training.
   *
   * @param values {@code [vocabulary, d]}; row 0 is zero
   * @param coverage share of the words that have a pretrained vector, in [0, 1]
   */
  record Table(Matrix values, double coverage) {}

  /**
   * The rows of {@code vocabulary}. A pair of words without a vector of its own gets the mean of
   * those of its two words, if both have one. Other words without a vector get uniform random rows
   * with the variance of the others.
   */
  default Table table(Vocabulary vocabulary, long seed) {
    return table(vocabulary, seed, 0);
  }

  /**
   * The same with shorter random rows.
   *
   * @param shrunk share by which they are shorter than the others; 1: they are zero
   */
  default Table table(Vocabulary vocabulary, long seed, double shrunk) {
    int d = dimension();
    float[] values = new float[Math.multiplyExact(vocabulary.size(), d)];
    boolean[] found = new boolean[vocabulary.size()];
    int count = 0;
    double squares = 0;
    for (int row = 1; row < vocabulary.size(); row++) {
      float[] vector = vectorOrMean(vocabulary.words().get(row));
      if (vector != null) {
        System.arraycopy(vector, 0, values, row * d, d);
        found[row] = true;
        count++;
        for (float x : vector) {
          squares += (double) x * x;
        }
      }
    }
    // A uniform number in [-a, a] has the variance a^2 / 3.
    double limit =
        (1 - shrunk) * (count == 0 ? 0.25 : Math.sqrt(3 * squares / ((double) count * d)));
    Random random = new Random(seed);
    for (int row = 1; row < vocabulary.size(); row++) {
      if (!found[row]) {
        for (int i = 0; i < d; i++) {
          values[row * d + i] = (float) ((2 * random.nextDouble() - 1) * limit);
        }
      }
    }
    return new Table(
        new Matrix(vocabulary.size(), d, values),
        vocabulary.size() == 1 ? 0 : count / (double) (vocabulary.size() - 1));
  }

  /**
   * The vector of {@code word}; of a pair without one the mean of both words', if both have one.
   */
  default float[] vectorOrMean(String word) {
    float[] own = vector(word);
    if (own != null || !Vocabulary.isPair(word)) {
      return own;
    }
    String[] parts = Vocabulary.parts(word);
    float[] first = vector(parts[0]);
    float[] second = vector(parts[1]);
    if (first == null || second == null) {
      return null;
    }
    float[] mean = new float[first.length];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = (first[i] + second[i]) / 2;
    }
    return mean;
  }

  /** No pretrained vectors: every row of {@link #table} is random. */
  static WordVectors none(int dimension) {
    return new WordVectors() {
      @Override
      public int dimension() {
        return dimension;
      }

      @Override
      public float[] vector(String word) {
        return null;
      }
    };
  }
}
