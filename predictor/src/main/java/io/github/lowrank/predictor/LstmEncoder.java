package io.github.lowrank.predictor;

import java.util.Arrays;

/**
 * An LSTM with peepholes, gates in the order i, f, g, o, and the mean of its outputs over the known
 * words. An unknown word is a zero vector.
 *
 * <pre>
 * [i f g o] = x_t W + h_(t-1) U + b,   i += wci c_(t-1),  f += wcf c_(t-1)
 * c_t = sigmoid(f) c_(t-1) + sigmoid(i) tanh(g)
 * h_t = sigmoid(o + wco c_t) tanh(c_t)
 * </pre>
 *
 * @param table word vectors, {@code [d]} or, without an input weight, {@code [4 units]}
 * @param units length of the state
 * @param input W, {@code [d, 4 units]}; null if it is part of the table
 * @param recurrent U, {@code [units, 4 units]}
 * @param bias {@code [4 units]}
 * @param ofInput peephole of the input gate, {@code [units]}
 * @param ofForget of the forget gate
 * @param ofOutput of the output gate
 */
record LstmEncoder(
    Table table,
    int units,
    Weight input,
    Weight recurrent,
    float[] bias,
    float[] ofInput,
    float[] ofForget,
    float[] ofOutput)
    implements Encoder {
  private static final int GATES = 4;
  private static final int MOST_UNITS = 2048; // then the weight has as many entries as may be

  static LstmEncoder read(Input in, Table table) throws FormatException {
    int units = in.integer("units of the LSTM", 1, MOST_UNITS);
    boolean weighted = in.octet("whether there is an input weight", 0, 1) == 1;
    int gates = GATES * units;
    if (!weighted && table.columns() != gates) {
      throw in.wrong("a table of %d columns".formatted(gates), table.columns());
    }
    return new LstmEncoder(
        table,
        units,
        weighted ? Weight.read(in, "the input weight", table.columns(), gates) : null,
        Weight.read(in, "the recurrent weight", units, gates),
        in.floats(gates, "the bias of the LSTM"),
        in.floats(units, "the input gate's peephole"),
        in.floats(units, "the forget gate's peephole"),
        in.floats(units, "the output gate's peephole"));
  }

  @Override
  public int width() {
    return units;
  }

  @Override
  public boolean ordered() {
    return true;
  }

  @Override
  public Run run() {
    return new Steps();
  }

  private final class Steps implements Run {
    private final Table.Pool pool = table.pool();
    private final int[] row = new int[1];
    private final float[] x = new float[Weight.padded(table.columns())];
    private final float[] z = new float[Weight.padded(GATES * units)];
    private final float[] h = new float[units];
    private final float[] c = new float[units];
    private final float[] sum = new float[Weight.padded(units)];

    @Override
    public float[] encode(int[] rows, int count, int known) {
      Arrays.fill(h, 0);
      Arrays.fill(c, 0);
      Arrays.fill(sum, 0);
      int left = known;
      for (int t = 0; left > 0; t++) { // what follows the last known word does not count
        System.arraycopy(bias, 0, z, 0, bias.length);
        if (rows[t] >= 0) {
          row[0] = rows[t];
          pool.sum(row, 1, 1, x);
          if (input != null) {
            input.addProduct(x, z);
          } else {
            for (int i = 0; i < bias.length; i++) {
              z[i] += x[i];
            }
          }
        }
        if (t > 0) {
          recurrent.addProduct(h, z);
        }
        step();
        if (rows[t] >= 0) {
          left--;
          for (int i = 0; i < units; i++) {
            sum[i] += h[i];
          }
        }
      }
      for (int i = 0; i < units; i++) {
        sum[i] /= known;
      }
      return sum;
    }

    private void step() {
      for (int i = 0; i < units; i++) {
        float before = c[i];
        float now =
            sigmoid(z[units + i] + ofForget[i] * before) * before
                + sigmoid(z[i] + ofInput[i] * before) * tanh(z[2 * units + i]);
        c[i] = now;
        h[i] = sigmoid(z[3 * units + i] + ofOutput[i] * now) * tanh(now);
      }
    }

    private static float sigmoid(float x) {
      return 1 / (1 + exp(-x));
    }

    private static float tanh(float x) {
      return 2 / (1 + exp(-2 * x)) - 1;
    }

    /**
     * exp x to about seven digits, several times faster than {@link Math#exp}: {@code 2^n} by its
     * bits, and {@code 2^f} with |f| at most 1/2 by the series of {@code e^(f ln 2)}.
     */
    private static float exp(float x) {
      double t = Math.max(-87f, Math.min(87f, x)) * 1.4426950408889634; // 1 / ln 2
      int n = (int) (t + 1024.5) - 1024;
      float f = (float) (t - n);
      float power =
          1
              + f
                  * (0.69314718f
                      + f
                          * (0.24022651f
                              + f
                                  * (0.05550411f
                                      + f
                                          * (0.009618129f
                                              + f * (0.0013333558f + f * 0.00015403530f)))));
      return power * Float.intBitsToFloat(n + 127 << 23);
    }
  }
}
