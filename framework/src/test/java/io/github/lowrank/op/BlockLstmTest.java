package io.github.lowrank.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;

/**
 * Whether every form gives what TensorFlow's own gradient gives; LstmTest holds that to oracles.
 */
class BlockLstmTest {
  private static final int TIMES = 6;
  private static final int INPUT = 20;
  private static final int UNITS = 15;
  private static final int WORDS = 11;

  /** The hidden states and the gradients by rows, weight, bias and peepholes. */
  private static List<float[]> run(int batch, BlockLstm.Backward backward, int parts) {
    Random random = new Random(batch);
    long[] index = random.longs((long) TIMES * batch, 0, WORDS).toArray();
    return Eval.floats(
        b -> {
          Ops tf = b.tf;
          Operand<TFloat32> rows = values(tf, 1, WORDS, INPUT);
          Operand<TFloat32> weight =
              tf.math.mul(values(tf, 2, INPUT + UNITS, 4 * UNITS), tf.constant(0.2f));
          Operand<TFloat32> bias = values(tf, 3, 4 * UNITS);
          List<Operand<TFloat32>> peepholes =
              List.of(values(tf, 4, UNITS), values(tf, 5, UNITS), values(tf, 6, UNITS));
          Operand<TFloat32> h =
              BlockLstm.create(
                  tf,
                  rows,
                  tf.reshape(tf.constant(index), tf.array(TIMES, batch)),
                  weight,
                  peepholes,
                  bias,
                  UNITS,
                  backward,
                  parts);
          List<Operand<?>> by = new ArrayList<>(List.of(rows, weight, bias));
          by.addAll(peepholes);
          Gradients gradients =
              tf.gradients(
                  tf.reduceSum(
                      tf.math.mul(h, values(tf, 7, TIMES, batch, UNITS)), tf.array(0, 1, 2)),
                  by);
          List<Operand<TFloat32>> out = new ArrayList<>(List.of(h));
          for (int i = 0; i < by.size(); i++) {
            out.add(gradients.dy(i));
          }
          return out;
        });
  }

  private static Operand<TFloat32> values(Ops tf, long seed, int... shape) {
    int size = 1;
    for (int n : shape) {
      size *= n;
    }
    return tf.reshape(tf.constant(Eval.random(size, seed)), tf.array(shape));
  }

  @Test
  void partsAndHoistingChangeNothingButRounding() {
    for (int batch : new int[] {1, 2, 5, 17, 50}) {
      List<float[]> expected = run(batch, BlockLstm.Backward.FUSED, 1);
      for (int parts = 1; parts <= 3; parts++) {
        List<float[]> actual = run(batch, BlockLstm.Backward.HOISTED, parts);
        for (int i = 0; i < expected.size(); i++) {
          float largest = 0;
          for (float x : expected.get(i)) {
            largest = Math.max(largest, Math.abs(x));
          }
          assertThat(largest).isPositive();
          assertThat(actual.get(i)).hasSameSizeAs(expected.get(i));
          for (int j = 0; j < expected.get(i).length; j++) {
            assertThat(actual.get(i)[j])
                .as("batch %d, parts %d, value %d, number %d", batch, parts, i, j)
                .isCloseTo(expected.get(i)[j], within(3e-6f * largest));
          }
        }
      }
    }
  }

  @Test
  void twiceTheSameIsTheSameBitForBit() {
    List<float[]> first = run(50, BlockLstm.Backward.HOISTED, 2);
    List<float[]> again = run(50, BlockLstm.Backward.HOISTED, 2);
    for (int i = 0; i < first.size(); i++) {
      assertThat(again.get(i)).containsExactly(first.get(i));
    }
  }
}
