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
    private final float[] in = new float[units];
    private final float[] forget = new float[units];
    private final float[] candidate = new float[units];
    private final float[] out = new float[units];
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

    /**
     * One word. Short loops over arrays with the same index: only these become vector instructions.
     */
    private void step() {
      System.arraycopy(z, 0, in, 0, units);
      System.arraycopy(z, units, forget, 0, units);
      System.arraycopy(z, 2 * units, candidate, 0, units);
      System.arraycopy(z, 3 * units, out, 0, units);
      addProducts(ofInput, c, in);
      addProducts(ofForget, c, forget);
      sigmoid(in);
      sigmoid(forget);
      tanh(candidate);
      for (int i = 0; i < c.length; i++) {
        c[i] = forget[i] * c[i] + in[i] * candidate[i];
      }
      addProducts(ofOutput, c, out);
      sigmoid(out);
      System.arraycopy(c, 0, h, 0, units);
      tanh(h);
      for (int i = 0; i < h.length; i++) {
        h[i] *= out[i];
      }
    }
  }

  private static void addProducts(float[] a, float[] b, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += a[i] * b[i];
    }
  }

  static void sigmoid(float[] x) {
    for (int i = 0; i < x.length; i++) {
      x[i] *= 0.5f;
    }
    tanh(x);
    for (int i = 0; i < x.length; i++) {
      x[i] = 0.5f + 0.5f * x[i];
    }
  }

  /**
   * tanh to about seven digits: the rational function of TensorFlow's kernels (Eigen's {@code
   * ptanh}), which unlike {@link Math#tanh} and the exponential function needs arithmetic only.
   */
  static void tanh(float[] x) {
    for (int i = 0; i < x.length; i++) {
      float a = Math.max(-9f, Math.min(9f, x[i]));
      float b = a * a;
      float p = -2.76076847742355e-16f * b + 2.00018790482477e-13f;
      p = p * b - 8.60467152213735e-11f;
      p = p * b + 5.12229709037114e-08f;
      p = p * b + 1.48572235717979e-05f;
      p = p * b + 6.37261928875436e-04f;
      p = p * b + 4.89352455891786e-03f;
      float q = 1.19825839466702e-06f * b + 1.18534705686654e-04f;
      q = q * b + 2.26843463243900e-03f;
      q = q * b + 4.89352518554385e-03f;
      x[i] = a * p / q;
    }
  }
}
