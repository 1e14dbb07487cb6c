package io.github.lowrank.experiments.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.embedding.Codewords.Join;
import org.junit.jupiter.api.Test;

class CodewordsToBytesTest {
  /** 1 % of 9000 x 300 floats are 108,000 bytes. */
  @Test
  void asManyCodewordsAsFit() {
    // 22 codes in 11 bytes a row, 352 codewords of 14 bytes, steps: 103,992; 12 bytes are too many.
    assertThat(new CodewordsToBytes(0.01, Join.CONCATENATED, 4, 8).parts(9000, 300)).isEqualTo(22);
    // 30 codes in 4 bytes a row and 60 codewords of 1200 bytes: 108,000 exactly.
    assertThat(new CodewordsToBytes(0.01, Join.SUMMED, 1, Float.SIZE).parts(9000, 300))
        .isEqualTo(30);
    assertThat(new ShareRows(0.01, Float.SIZE).rows(9000, 300)).isEqualTo(82);
    assertThat(new HashRows(0.01, 2, Float.SIZE).rows(9000, 300)).isEqualTo(90);
    assertThat(new HashRows(0.01, 2, 8).rows(9000, 300)).isEqualTo(355);
  }

  /** Blocks of ceil(d / parts) columns: 7 columns have no 5 or 6 blocks. */
  @Test
  void noBlockIsEmpty() {
    assertThat(new CodewordsToBytes(0.12, Join.CONCATENATED, 4, 8).parts(100_000, 7)).isEqualTo(4);
    assertThatThrownBy(() -> new CodewordsToBytes(0.01, Join.CONCATENATED, 8, 8).parts(100, 300))
        .hasMessageContaining("has no codes of 8 bits in 0.01 of its bytes");
    assertThatThrownBy(() -> new ShareRows(0.001, 8).rows(100, 300))
        .hasMessageContaining("has no shared rows");
  }
}
