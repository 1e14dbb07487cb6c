package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.EncoderKind;

/** Computes one vector from the words of a text. */
interface Encoder {
  /** Length n of the vector. */
  int width();

  /** Whether the order of the words matters. */
  default boolean ordered() {
    return false;
  }

  /** The computation, with memory of its own: one per thread. */
  Run run();

  /** A computation. */
  interface Run {
    /**
     * The vector of a text.
     *
     * @param rows row numbers of its words in the table, negative for unknown words, and of its
     *     pairs
     * @param count how many of them
     * @param known how many are not negative, at least 1
     * @return {@code [n]}, valid until the next call
     */
    float[] encode(int[] rows, int count, int known);
  }

  static Encoder read(Input in, Table table) throws FormatException {
    return switch (in.kind(EncoderKind.values(), "the kind of the encoder")) {
      case MEAN -> MeanEncoder.read(in, table);
      case LSTM -> LstmEncoder.read(in, table);
      case CNN -> CnnEncoder.read(in, table);
      case RESIDUAL -> ResidualEncoder.read(in, table);
    };
  }
}
