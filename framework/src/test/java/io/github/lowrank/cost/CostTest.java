package io.github.lowrank.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.PackedCodes;
import io.github.lowrank.embedding.PackedCodes.Granularity;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Softmax;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Counts by hand: V = 7 words of d = 5 numbers, rank k = 2, sentences of 6 words, 2 classes. */
class CostTest {
  private static final int TOKENS = 6;
  private static final Dan DAN = new Dan(List.of(4, 3), 0.3);
  private static final Lstm LSTM = new Lstm(3, 0.5);

  // hidden0 5x4 + 4, hidden1 4x3 + 3, output 3x2 + 2
  private static final long DAN_OTHER = 24 + 15 + 8;
  // input 5x12, recurrent 3x12, bias 12, peepholes 3x3, output 3x2 + 2
  private static final long LSTM_OTHER = 60 + 36 + 12 + 9 + 8;

  private static Matrix matrix(int rows, int columns) {
    return Matrix.uniform(rows, columns, 1, new Random(rows));
  }

  private static EmbeddingTable codes(int columns, int bits, Granularity granularity) {
    return new FixedPoint(PackedCodes.quantize(matrix(7, columns), bits, granularity));
  }

  private static EmbeddingTable dense() {
    return new Dense(matrix(7, 5));
  }

  private static EmbeddingTable lowRank() {
    return new LowRank(new Dense(matrix(7, 2)), matrix(2, 5));
  }

  private static EmbeddingTable lowRankWithCodes() {
    return new LowRank(codes(2, 4, Granularity.PER_ROW), matrix(2, 5));
  }

  private static Cost cost(Encoder encoder, EmbeddingTable table) {
    Classifier classifier = Classifier.initial(encoder, new Softmax(), table, 2, 1);
    return Cost.of(classifier, TOKENS);
  }

  @Test
  void dan() {
    // Table 7x5 floats. Pooling 2·5·6; multiply-adds 5·4 + 4·3 + 3·2 = 38.
    assertThat(cost(DAN, dense())).isEqualTo(new Cost(35, 140, DAN_OTHER, 60 + 2 * 38));
    // 7x2 + 2x5 floats. Folded, W_b is 2x4 and hidden0 is gone: pooling 2·2·6, W_b once 2·8,
    // multiply-adds 4·3 + 3·2 = 18.
    assertThat(cost(DAN, lowRank())).isEqualTo(new Cost(24, 96, DAN_OTHER, 24 + 16 + 2 * 18));
    // 35 codes of a byte, a scale and a minimum per row: 35 + 7·8 bytes. Work as for dense.
    assertThat(cost(DAN, codes(5, 8, Granularity.PER_ROW)))
        .isEqualTo(new Cost(35, 91, DAN_OTHER, 60 + 2 * 38));
    // 5 codes of 3 bits: 2 bits each in 2 bytes, 1 bit each in 1 byte; one scale: 7·3 + 8 bytes.
    assertThat(cost(DAN, codes(5, 3, Granularity.PER_TENSOR)))
        .isEqualTo(new Cost(35, 29, DAN_OTHER, 60 + 2 * 38));
    // W_a: 2 codes of 4 bits in a byte and a scale per row, 7 + 7·8 bytes; W_b 2·5·4 bytes.
    assertThat(cost(DAN, lowRankWithCodes()))
        .isEqualTo(new Cost(24, 63 + 40, DAN_OTHER, 24 + 16 + 2 * 18));
  }

  @Test
  void lstm() {
    // A look-up costs nothing. Multiply-adds: input 5·12·6, recurrence (3·12 + 3·3)·6, output 3·2.
    long recurrence = 45 * 6;
    assertThat(cost(LSTM, dense()))
        .isEqualTo(new Cost(35, 140, LSTM_OTHER, 2 * (360 + recurrence + 6)));
    // Folded, W_b is 2x12 and multiplied once per word: 2·24·6.
    assertThat(cost(LSTM, lowRank()))
        .isEqualTo(new Cost(24, 96, LSTM_OTHER, 288 + 2 * (recurrence + 6)));
    // A product and a sum per code: 2·5·6.
    assertThat(cost(LSTM, codes(5, 8, Granularity.PER_ROW)))
        .isEqualTo(new Cost(35, 91, LSTM_OTHER, 60 + 2 * (360 + recurrence + 6)));
    // 2·2·6 for the codes of W_a, then as low-rank.
    assertThat(cost(LSTM, lowRankWithCodes()))
        .isEqualTo(new Cost(24, 103, LSTM_OTHER, 24 + 288 + 2 * (recurrence + 6)));
  }

  @Test
  void workIsThatOfTheFoldedClassifier() {
    for (Encoder encoder : List.of(DAN, LSTM)) {
      for (EmbeddingTable table : List.of(dense(), lowRank(), lowRankWithCodes())) {
        Classifier classifier = Classifier.initial(encoder, new Softmax(), table, 2, 1);
        assertThat(Cost.of(classifier.folded(), TOKENS).flopsPerSentence())
            .isEqualTo(Cost.of(classifier, TOKENS).flopsPerSentence());
      }
    }
    // Folding drops hidden0 (20) and makes W_b 2x4 instead of 2x5.
    Classifier folded = Classifier.initial(DAN, new Softmax(), lowRank(), 2, 1).folded();
    assertThat(Cost.of(folded, TOKENS)).isEqualTo(new Cost(22, 88, DAN_OTHER - 20, 76));
  }

  @Test
  void workGrowsWithTheSentenceAsTheModelSays() {
    Classifier dan = Classifier.initial(DAN, new Softmax(), lowRank(), 2, 1);
    // 2k per further word: W_b comes once per sentence.
    assertThat(Cost.of(dan, 7).flopsPerSentence() - Cost.of(dan, 6).flopsPerSentence())
        .isEqualTo(4);
    Classifier lstm = Classifier.initial(LSTM, new Softmax(), lowRank(), 2, 1);
    // 2·24 for W_b and 2·45 for the recurrence.
    assertThat(Cost.of(lstm, 7).flopsPerSentence() - Cost.of(lstm, 6).flopsPerSentence())
        .isEqualTo(48 + 90);
  }
}
