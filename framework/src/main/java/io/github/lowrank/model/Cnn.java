package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.onnx.OnnxWords;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.framework.activations.ReLU;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Convolutional network of <a href="https://aclanthology.org/D14-1181/">Kim (2014)</a>: filters
 * that see 1 to w neighbouring words, the largest result of each over the text, ReLU, dropout.
 *
 * <pre>
 * h_f = relu(b_f + max(0, max_t sum_j x_(t+j) K_f,j))
 * </pre>
 *
 * <p>The text stands between paddings without end, so a window may begin before it or end after it,
 * and there is always one that sees no word: hence the 0 in the maximum. With a low-rank table the
 * filters read the k-dimensional rows of {@code W_a}: {@code W_b} is multiplied by them first.
 *
 * @param widths how many words the filters see, in ascending order
 * @param filters number of filters of each width
 * @param dropout rate on the vector
 * @param wordDropout share of a text's words that are zero vectors in training
 */
@JsonTypeName("cnn")
public record Cnn(List<Integer> widths, int filters, double dropout, double wordDropout)
    implements Encoder {
  private static final String FILTERS = "cnn_filters";
  private static final String BIAS = "cnn_bias";

  public Cnn {
    widths = List.copyOf(widths);
    if (widths.isEmpty()
        || widths.get(0) < 1
        || widths.get(widths.size() - 1) > CompactFormat.WIDEST_FILTER
        || !widths.equals(widths.stream().distinct().sorted().toList())) {
      throw new IllegalArgumentException(
          "a CNN needs different widths from 1 to %d in ascending order, but has %s"
              .formatted(CompactFormat.WIDEST_FILTER, widths));
    }
    if (filters < 1) {
      throw new IllegalArgumentException("a CNN needs filters, but has " + filters);
    }
    for (double rate : new double[] {dropout, wordDropout}) {
      if (!(rate >= 0 && rate < 1)) {
        throw new IllegalArgumentException("dropout must be in [0, 1), but is " + rate);
      }
    }
  }

  /** 64 filters over each of one to four words: what {@code lowrank train} takes. */
  public static Cnn usual() {
    return new Cnn(List.of(1, 2, 3, 4), 64, 0.3, 0);
  }

  @Override
  public String name() {
    return "cnn";
  }

  @Override
  public int width(int dimension) {
    return widths.size() * filters;
  }

  /**
   * All filters are one matrix, {@code [d, filters * sum of widths]}: for each width, for each word
   * that its filters see, a column per filter.
   */
  @Override
  public Map<String, Matrix> initialWeights(int dimension, Random random) {
    int columns = filters * widths.stream().mapToInt(w -> w).sum();
    Matrix all = Matrix.zeros(dimension, columns);
    int at = 0;
    for (int width : widths) {
      float[] values = Matrix.glorot(width * dimension, filters, random).values();
      for (int j = 0; j < width; j++, at += filters) {
        for (int i = 0; i < dimension; i++) {
          System.arraycopy(
              values, (j * dimension + i) * filters, all.values(), i * columns + at, filters);
        }
      }
    }
    Map<String, Matrix> weights = new LinkedHashMap<>();
    weights.put(FILTERS, all);
    weights.put(BIAS, Matrix.zeros(1, width(dimension)));
    return weights;
  }

  @Override
  public Optional<String> inputWeight() {
    return Optional.of(FILTERS);
  }

  @Override
  public Operand<TFloat32> encode(
      Ops tf,
      WordLayer words,
      Map<String, Operand<TFloat32>> weights,
      Operand<TInt32> ids,
      Dropout dropout) {
    WordLayer.Words distinct = words.distinct(tf, ids);
    Operand<TFloat32> rows = tf.gather(distinct.rows(), distinct.index(), tf.constant(0));
    if (wordDropout > 0) {
      Operand<TFloat32> kept = // not scaled: there is no mean to keep
          tf.math.sign(dropout.apply(tf, Encoder.mask(tf, ids), wordDropout, 1));
      rows = tf.math.mul(rows, tf.expandDims(kept, tf.constant(2)));
    }
    Operand<TFloat32> image = tf.expandDims(rows, tf.constant(1)); // [batch, 1, length, k]
    Operand<TInt32> dimension = tf.slice(tf.shape(distinct.rows()), tf.array(1), tf.array(1));
    List<Operand<TFloat32>> results = new ArrayList<>();
    int at = 0;
    for (int width : widths) {
      Operand<TFloat32> columns =
          tf.slice(distinct.matrix(), tf.array(0, at), tf.array(-1, width * filters));
      at += width * filters;
      Operand<TFloat32> byWord =
          tf.reshape(
              columns, tf.concat(List.of(dimension, tf.array(width, filters)), tf.constant(0)));
      Operand<TFloat32> kernel =
          tf.expandDims(tf.linalg.transpose(byWord, tf.array(1, 0, 2)), tf.constant(0));
      int beside = width - 1;
      Operand<TFloat32> padded =
          width == 1
              ? image
              : tf.pad(
                  image,
                  tf.constant(new int[][] {{0, 0}, {0, 0}, {beside, beside}, {0, 0}}),
                  tf.constant(0f));
      Operand<TFloat32> sums = tf.nn.conv2d(padded, kernel, List.of(1L, 1L, 1L, 1L), "VALID");
      results.add(tf.max(sums, tf.array(1, 2)));
    }
    Operand<TFloat32> largest = ReLU.relu(tf, tf.concat(results, tf.constant(1)));
    return dropout.apply(
        tf, ReLU.relu(tf, tf.nn.biasAdd(largest, weights.get(BIAS))), this.dropout, 0);
  }

  @Override
  public boolean pools() {
    return false;
  }

  /** None: what follows the input layer are sums and maxima. */
  @Override
  public long multiplyAdds(Map<String, Matrix> weights, int tokens) {
    return 0;
  }

  @Override
  public void writeCompact(Map<String, Weight> weights, CompactOutput out) {
    out.kind(CompactFormat.EncoderKind.CNN).integer(filters).octet(widths.size());
    widths.forEach(out::octet);
    Weight input = weights.get(FILTERS);
    out.octet(input == null ? 0 : 1);
    if (input != null) {
      input.writeCompact(out);
    }
    out.floats(weights.get(BIAS).toMatrix().values());
  }

  @Override
  public String onnx(
      OnnxGraph graph, OnnxTable table, Map<String, Weight> weights, OnnxWords words) {
    OnnxWords.Inputs inputs = words.inputs(graph, table);
    String image = graph.op("Transpose", inputs.rows()).with("perm", new long[] {0, 2, 1}).value();
    int k = inputs.weight().rows();
    String[] results = new String[widths.size()];
    int at = 0;
    for (int i = 0; i < results.length; i++) {
      int width = widths.get(i);
      float[] kernel = new float[filters * k * width];
      for (int j = 0; j < width; j++, at += filters) {
        for (int f = 0; f < filters; f++) {
          float[] column = inputs.weight().column(at + f);
          for (int c = 0; c < k; c++) {
            kernel[(f * k + c) * width + j] = column[c];
          }
        }
      }
      long beside = width - 1;
      String sums =
          graph
              .op("Conv", image, graph.floats(kernel, filters, k, width))
              .with("pads", new long[] {beside, beside})
              .value();
      results[i] = graph.op("ReduceMax", sums, graph.longs(2)).with("keepdims", 0).value();
    }
    String largest = graph.op("Relu", graph.op("Concat", results).with("axis", 1).value()).value();
    String bias = graph.vector(weights.get(BIAS).toMatrix().values());
    return graph.op("Relu", graph.op("Add", largest, bias).value()).value();
  }
}
