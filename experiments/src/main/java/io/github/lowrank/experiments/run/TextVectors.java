package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.InverseFrequency;
import io.github.lowrank.text.StreamEncoder;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.WordVectors;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Vectors of texts, of length 1: those of a sentence encoder, or the mean of word vectors, each
 * word times its inverse document frequency {@code ln((1 + texts) / (1 + texts with it))}. A word
 * without a vector has a random one, so that it still tells texts apart.
 */
public final class TextVectors {
  private static final int LENGTH = 256;

  private TextVectors() {}

  /**
   * The vectors of texts.
   *
   * @param source word vectors, or {@link VectorSource#bgeSentences} for those of the encoder
   * @return {@code [texts, n]}
   */
  public static Matrix of(
      List<String> texts, VectorSource source, DataRoot root, RunListener listener)
      throws IOException {
    if (source.format() == VectorSource.Format.ENCODED_TEXTS) {
      return Encodings.of(source, texts, "encoding texts", root, listener);
    }
    try (StreamEncoder encoder = new StreamEncoder(Tokenizer.WORDS, LENGTH)) {
      encoder.part();
      long read = 0;
      for (String text : texts) {
        encoder.add(text, 0);
        listener.texts("reading words", ++read);
      }
      StreamEncoder.Encoded encoded = encoder.finish(Integer.MAX_VALUE, 0);
      WordVectors.Table table =
          Prepared.words(source, root, encoded.vocabulary(), listener)
              .table(encoded.vocabulary(), 0);
      if (table.coverage() == 0) {
        throw new IOException(
            "%s: expected vectors of some of the %,d words of the texts, found none"
                .formatted(source.name(), encoded.vocabulary().size() - 1));
      }
      EncodedTexts all = encoded.parts().get(0);
      return means(all, InverseFrequency.weighted(table.values(), all));
    }
  }

  /**
   * Means of word vectors, of length 1.
   *
   * @param table {@code [words, n]}
   * @return {@code [texts, n]}; a text without a known word has zeros
   */
  static Matrix means(EncodedTexts texts, Matrix table) {
    int n = table.columns();
    Matrix means = Matrix.zeros(texts.size(), n);
    IntStream.range(0, texts.size())
        .parallel()
        .forEach(
            i -> {
              for (int word : texts.ids(i)) {
                for (int k = 0; k < n; k++) {
                  means.values()[i * n + k] += table.get(word, k);
                }
              }
            });
    return means.unitRows();
  }
}
