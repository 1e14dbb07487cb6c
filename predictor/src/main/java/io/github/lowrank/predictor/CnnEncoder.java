package io.github.lowrank.predictor;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Filters over neighbouring words, and the largest result of each over the text, which stands
 * between paddings without end. An unknown word is a zero vector, as is padding.
 *
 * <pre>
 * h_f = relu(b_f + max(0, max_t sum_j x_(t+j) K_f,j))
 * </pre>
 *
 * <p>What the filters make of a word does not depend on its neighbours, so it is kept for the words
 * that are met first: frequent words are among them.
 *
 * @param table word vectors, {@code [d]} or, without a weight, {@code [filters * sum of widths]}
 * @param widths how many words the filters see
 * @param filters of each width
 * @param weight K, {@code [d, filters * sum of widths]}; null if it is part of the table
 * @param bias {@code [widths * filters]}
 */
record CnnEncoder(
    Table table,
    int[] widths,
    int filters,
    Weight weight,
    float[] bias,
    AtomicReferenceArray<float[]> kept,
    AtomicInteger room)
    implements Encoder {
  /** Numbers that are kept at the most: 16 MiB. */
  private static final int MOST = 1 << 22;

  static CnnEncoder read(Input in, Table table) throws FormatException {
    int filters = in.integer("filters of a width", 1, CompactFormat.LARGEST_WEIGHT);
    int[] widths = new int[in.octet("number of widths", 1, CompactFormat.WIDEST_FILTER)];
    int sum = 0;
    for (int i = 0; i < widths.length; i++) {
      widths[i] = in.octet("width of a filter", 1, CompactFormat.WIDEST_FILTER);
      sum += widths[i];
    }
    boolean weighted = in.octet("whether there is a weight of the filters", 0, 1) == 1;
    long columns = (long) filters * sum;
    if (columns > CompactFormat.LARGEST_WEIGHT) {
      throw in.wrong("at most %d columns".formatted(CompactFormat.LARGEST_WEIGHT), columns);
    }
    if (!weighted && table.columns() != columns) {
      throw in.wrong("a table of %d columns".formatted(columns), table.columns());
    }
    return new CnnEncoder(
        table,
        widths,
        filters,
        weighted ? Weight.read(in, "the filters", table.columns(), (int) columns) : null,
        in.floats((long) widths.length * filters, "the bias of the filters"),
        new AtomicReferenceArray<>(table.rows()),
        new AtomicInteger((int) (MOST / columns)));
  }

  @Override
  public int width() {
    return bias.length;
  }

  @Override
  public boolean ordered() {
    return true;
  }

  @Override
  public Run run() {
    return new Windows();
  }

  private final class Windows implements Run {
    private final Table.Pool pool = table.pool();
    private final int[] row = new int[1];
    private final float[] x = new float[Weight.padded(table.columns())];
    private final float[] other = new float[Weight.padded(filters * Arrays.stream(widths).sum())];
    // Sums of the windows that are not complete; that which began at word s is number s mod width.
    private final float[][][] open = new float[widths.length][][];
    private final float[][] largest = new float[widths.length][filters];
    private final float[] part = new float[filters];
    private final float[] result = new float[Weight.padded(bias.length)];

    private Windows() {
      for (int i = 0; i < widths.length; i++) {
        open[i] = new float[widths[i]][filters];
      }
    }

    @Override
    public float[] encode(int[] rows, int count, int known) {
      for (int i = 0; i < widths.length; i++) {
        Arrays.fill(largest[i], 0);
        for (float[] sum : open[i]) {
          Arrays.fill(sum, 0);
        }
      }
      int left = known;
      for (int t = 0; left > 0; t++) { // windows of what follows the last known word are zero
        boolean zero = rows[t] < 0;
        if (!zero) {
          left--;
        }
        float[] z = zero ? null : filtered(rows[t]);
        int at = 0;
        for (int i = 0; i < widths.length; i++) {
          int width = widths[i];
          if (!zero) {
            for (int j = 0; j < width; j++) {
              // Only loops over arrays with the same index become vector instructions.
              System.arraycopy(z, at + j * filters, part, 0, filters);
              add(part, open[i][(t - j + width) % width]);
            }
          }
          at += width * filters;
          close(open[i][(t + 1) % width], largest[i]);
        }
      }
      for (int i = 0; i < widths.length; i++) {
        for (float[] sum : open[i]) {
          close(sum, largest[i]);
        }
        System.arraycopy(largest[i], 0, result, i * filters, filters);
      }
      for (int i = 0; i < bias.length; i++) {
        result[i] = Math.max(0, result[i] + bias[i]);
      }
      return result;
    }

    /** What the filters make of a word. */
    private float[] filtered(int word) {
      float[] known = kept.get(word);
      if (known == null) {
        if (room.get() <= 0) {
          return filtered(word, other);
        }
        room.decrementAndGet(); // of several threads at once some may keep one more
        known = filtered(word, new float[other.length]);
        kept.set(word, known);
      }
      return known;
    }

    private float[] filtered(int word, float[] out) {
      row[0] = word;
      if (weight == null) {
        pool.sum(row, 1, 1, out);
      } else {
        pool.sum(row, 1, 1, x);
        Arrays.fill(out, 0);
        weight.addProduct(x, out);
      }
      return out;
    }
  }

  private static void add(float[] x, float[] sum) {
    for (int i = 0; i < sum.length; i++) {
      sum[i] += x[i];
    }
  }

  private static void close(float[] sum, float[] largest) {
    for (int i = 0; i < sum.length; i++) {
      largest[i] = Math.max(largest[i], sum[i]);
      sum[i] = 0;
    }
  }
}
