package io.github.lowrank.text;

import io.github.lowrank.linalg.Matrix;
import java.util.stream.IntStream;

/**
 * Word vectors times their inverse document frequency, so that a mean of them is one of what a text
 * is about:
 *
 * <pre>
 * idf(w) = log((1 + texts) / (1 + texts with w))
 * </pre>
 */
public final class InverseFrequency {
  private InverseFrequency() {}

  /**
   * The weighted vectors.
   *
   * @param vectors {@code [words, d]}; row 0, of unknown words, becomes zero
   * @param texts that are counted
   */
  public static Matrix weighted(Matrix vectors, EncodedTexts texts) {
    int[] documents = new int[vectors.rows()];
    for (int i = 0; i < texts.size(); i++) {
      IntStream.of(texts.ids(i)).distinct().forEach(word -> documents[word]++);
    }
    Matrix weighted = Matrix.zeros(vectors.rows(), vectors.columns());
    for (int w = 1; w < vectors.rows(); w++) {
      double idf = Math.log((1.0 + texts.size()) / (1 + documents[w]));
      for (int j = 0; j < vectors.columns(); j++) {
        weighted.values()[w * vectors.columns() + j] = (float) (idf * vectors.get(w, j));
      }
    }
    return weighted;
  }

  /**
   * The vectors times a number such that the means of {@code texts} have the root mean square
   * {@code norm}.
   */
  public static Matrix scaled(Matrix vectors, EncodedTexts texts, double norm) {
    double squares = 0;
    for (int i = 0; i < texts.size(); i++) {
      int[] words = texts.ids(i);
      double[] mean = new double[vectors.columns()];
      for (int word : words) {
        for (int j = 0; j < mean.length; j++) {
          mean[j] += vectors.get(word, j) / words.length;
        }
      }
      squares += IntStream.range(0, mean.length).mapToDouble(j -> mean[j] * mean[j]).sum();
    }
    float factor = (float) (norm / Math.sqrt(squares / texts.size()));
    Matrix scaled = Matrix.zeros(vectors.rows(), vectors.columns());
    for (int i = 0; i < scaled.values().length; i++) {
      scaled.values()[i] = factor * vectors.values()[i];
    }
    return scaled;
  }
}
