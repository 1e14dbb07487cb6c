package io.github.lowrank.predictor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class LstmEncoderTest {
  @Test
  void sigmoidAndTanhAreThoseOfTheJdk() {
    float[] x = new float[40_003];
    for (int i = 3; i < x.length; i++) {
      x[i] = (i - 20_000) / 1000f; // -20 to 20
    }
    x[0] = Float.POSITIVE_INFINITY;
    x[1] = Float.NEGATIVE_INFINITY;
    x[2] = Float.MIN_VALUE;
    float[] tanh = x.clone();
    LstmEncoder.tanh(tanh);
    float[] sigmoid = x.clone();
    LstmEncoder.sigmoid(sigmoid);
    for (int i = 0; i < x.length; i++) {
      assertThat(tanh[i]).isCloseTo((float) Math.tanh(x[i]), within(3e-7f));
      assertThat(sigmoid[i]).isCloseTo((float) (1 / (1 + Math.exp(-x[i]))), within(2e-7f));
    }
  }
}
