package io.github.lowrank.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

class DropoutTest {
  private static final int LENGTH = 20_000;

  /** Of a vector of ones. */
  private static float[] dropped(long seed, long step, double rate, int place) {
    return Eval.floats(
            b -> {
              Operand<TFloat32> ones = b.tf.fill(b.tf.array(LENGTH), b.tf.constant(1f));
              return List.of(
                  Dropout.seeded(seed, b.tf.constant(step)).apply(b.tf, ones, rate, place));
            })
        .get(0);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.3, 0.5, 0.9})
  void zeroesTheRateAndScalesTheRest(double rate) {
    float[] values = dropped(1, 0, rate, 0);
    int zeros = 0;
    for (float value : values) {
      if (value == 0) {
        zeros++;
      } else {
        assertThat((double) value).isCloseTo(1 / (1 - rate), within(1e-5));
      }
    }
    // Six standard deviations of a share of 20,000.
    assertThat(zeros / (double) LENGTH)
        .isCloseTo(rate, within(6 * Math.sqrt(rate * (1 - rate) / LENGTH)));
  }

  @Test
  void theMaskIsAFunctionOfSeedStepAndPlace() {
    float[] mask = dropped(1, 5, 0.5, 0);
    assertThat(dropped(1, 5, 0.5, 0)).containsExactly(mask);
    for (float[] other :
        List.of(dropped(2, 5, 0.5, 0), dropped(1, 6, 0.5, 0), dropped(1, 5, 0.5, 1))) {
      int same = 0;
      for (int i = 0; i < LENGTH; i++) {
        same += mask[i] == other[i] ? 1 : 0;
      }
      // Independent masks agree in half of the places.
      assertThat(same / (double) LENGTH).isCloseTo(0.5, within(0.03));
    }
  }

  @Test
  void scalesWhatItKeepsAndNothingElse() {
    float[] x = Eval.random(1000, 3);
    float[] values =
        Eval.floats(
                b ->
                    List.of(
                        Dropout.seeded(4, b.tf.constant(9L))
                            .apply(b.tf, b.tf.constant(x), 0.25, 2)))
            .get(0);
    for (int i = 0; i < x.length; i++) {
      if (values[i] != 0) {
        assertThat(values[i]).isCloseTo(x[i] / 0.75f, within(1e-5f));
      }
    }
    assertThat(values).contains(0f);
  }

  @Test
  void rateZeroAndNoneAreTheIdentity() {
    float[] ones = new float[LENGTH];
    Arrays.fill(ones, 1);
    assertThat(dropped(1, 0, 0, 0)).containsExactly(ones);
    float[] x = Eval.random(50, 3);
    assertThat(Eval.floats(b -> List.of(Dropout.NONE.apply(b.tf, b.tf.constant(x), 0.5, 0))).get(0))
        .containsExactly(x);
  }
}
