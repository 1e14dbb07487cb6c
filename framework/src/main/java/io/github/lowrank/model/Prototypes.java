package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.predictor.ClassMeans;
import io.github.lowrank.predictor.CompactOutput;
import io.github.lowrank.predictor.Space;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A prototype for each class, the mean of its texts; the nearest wins. Classes come and go without
 * training: their prototypes are data. After Snell, Swersky and Zemel (2017) and Wohlwend et al.,
 * <a href="https://arxiv.org/abs/1911.01026">Metric Learning for Dynamic Text Classification</a>
 * (2019):
 *
 * <pre>
 * score_c = - scale d(z, p_c)^2
 * </pre>
 *
 * @param distance between a text and a prototype
 * @param scale inverse temperature of the scores
 * @param farthest squared distance of the nearest prototype beyond which a text has none of the
 *     labels; negative if every text has one
 */
@JsonTypeName("prototypes")
public record Prototypes(Distance distance, double scale, double farthest) implements Head {
  /** The mean of each class's points, {@code [classes, width]}. */
  public static final String MEANS = "output_means";

  /** Number of texts of each class, {@code [classes]}. */
  public static final String COUNTS = "output_counts";

  /** Name of the dimension of classes in a graph. */
  public static final String CLASSES = "classes";

  /** Name of the output with the squared distance of the nearest prototype. */
  public static final String DISTANCE = "distance";

  /** Name of the same in a graph of ONNX, for texts with known words. */
  public static final String NEAREST = "nearest";

  private static final float NEVER = -1e9f; // a score of a class without texts

  public Prototypes {
    if (!(scale > 0)) {
      throw new IllegalArgumentException("the scale must be positive, but is " + scale);
    }
  }

  /** Every text has one of the labels. */
  public Prototypes(Distance distance, double scale) {
    this(distance, scale, -1);
  }

  @Override
  public String name() {
    return "prototypes-" + distance.name();
  }

  /** None: nothing but the encoder learns. */
  @Override
  public Map<String, Matrix> initialWeights(int width, int classes, Random random) {
    return Map.of();
  }

  @Override
  public Map<String, Matrix> initialState(int width, int classes) {
    Map<String, Matrix> state = new LinkedHashMap<>();
    state.put(MEANS, Matrix.zeros(classes, distance.width(width)));
    state.put(COUNTS, Matrix.zeros(1, classes));
    return state;
  }

  @Override
  public Map<String, Matrix> state(float[][] vectors, int[] labels, int classes) {
    int width = distance.width(vectors[0].length);
    double[] sums = new double[classes * width];
    Matrix counts = Matrix.zeros(1, classes);
    for (int i = 0; i < vectors.length; i++) {
      float[] point = distance.lift(vectors[i]);
      counts.values()[labels[i]]++;
      for (int j = 0; j < width; j++) {
        sums[labels[i] * width + j] += point[j];
      }
    }
    Matrix means = Matrix.zeros(classes, width);
    for (int i = 0; i < sums.length; i++) {
      means.values()[i] = (float) (sums[i] / Math.max(1, counts.values()[i / width]));
    }
    Map<String, Matrix> state = new LinkedHashMap<>();
    state.put(MEANS, means);
    state.put(COUNTS, counts);
    return state;
  }

  @Override
  public Operand<TFloat32> scores(
      Ops tf, Operand<TFloat32> vectors, Map<String, Operand<TFloat32>> numbers) {
    Operand<TFloat32> distances = distance.squared(tf, vectors, numbers.get(MEANS));
    Operand<TFloat32> empty =
        tf.dtypes.cast(tf.math.less(numbers.get(COUNTS), tf.constant(0.5f)), TFloat32.class);
    return tf.math.add(
        tf.math.mul(distances, tf.constant((float) -scale)),
        tf.math.mul(empty, tf.constant(NEVER)));
  }

  @Override
  public Operand<TFloat32> losses(Ops tf, Operand<TFloat32> scores, Operand<TFloat32> targets) {
    return tf.nn.softmaxCrossEntropyWithLogits(scores, targets).loss();
  }

  @Override
  public Map<String, Object> columns() {
    return Map.of("scale", scale);
  }

  @Override
  public Prototypes scaled(double factor) {
    return new Prototypes(distance, factor * scale, farthest);
  }

  @Override
  public Prototypes rejecting(float[][] scores, double share) {
    double[] squared =
        Arrays.stream(scores)
            .mapToDouble(
                row -> -IntStream.range(0, row.length).mapToDouble(c -> row[c]).max().orElse(0))
            .sorted()
            .toArray();
    int within = (int) Math.ceil((1 - share) * squared.length);
    return new Prototypes(distance, scale, squared[Math.max(0, within - 1)] / scale);
  }

  @Override
  public Optional<Space> space() {
    return Optional.of(distance.space());
  }

  @Override
  public OptionalDouble reach() {
    return farthest < 0 ? OptionalDouble.empty() : OptionalDouble.of(farthest);
  }

  @Override
  public Operand<TFloat32> nearest(Ops tf, Operand<TFloat32> scores) {
    return tf.math.mul(tf.max(scores, tf.constant(1)), tf.constant((float) (-1 / scale)));
  }

  /**
   * The classes as data.
   *
   * @param labels their names
   */
  public static ClassMeans means(List<String> labels, Map<String, Weight> weights) {
    Matrix means = weights.get(MEANS).toMatrix();
    List<float[]> rows = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    for (int c = 0; c < means.rows(); c++) {
      rows.add(Arrays.copyOfRange(means.values(), c * means.columns(), (c + 1) * means.columns()));
      counts.add((int) weights.get(COUNTS).toMatrix().get(0, c));
    }
    return new ClassMeans(labels, rows, counts);
  }

  /** The state of given classes. */
  public static Map<String, Matrix> state(ClassMeans classes) {
    int count = classes.labels().size();
    Matrix means = Matrix.zeros(count, classes.width());
    Matrix counts = Matrix.zeros(1, count);
    for (int c = 0; c < count; c++) {
      System.arraycopy(
          classes.means().get(c), 0, means.values(), c * classes.width(), classes.width());
      counts.values()[c] = classes.counts().get(c);
    }
    Map<String, Matrix> state = new LinkedHashMap<>();
    state.put(MEANS, means);
    state.put(COUNTS, counts);
    return state;
  }

  @Override
  public void writeCompact(Map<String, Weight> weights, CompactOutput out) {
    // The file has the labels elsewhere.
    List<String> numbers =
        IntStream.range(0, weights.get(MEANS).rows()).mapToObj(Integer::toString).toList();
    means(numbers, weights).writeHead(distance.space(), (float) scale, (float) farthest, out);
  }

  /** The means and counts are inputs that need not be fed. */
  @Override
  public String onnx(OnnxGraph graph, String vectors, Map<String, Weight> weights) {
    Matrix means = weights.get(MEANS).toMatrix();
    Matrix counts = weights.get(COUNTS).toMatrix();
    String squared =
        distance.onnx(
            graph,
            vectors,
            graph.parameter(MEANS, means.values(), CLASSES, Integer.toString(means.columns())));
    String counted = graph.parameter(COUNTS, counts.values(), CLASSES);
    String empty = graph.op("Less", counted, graph.number(0.5f)).value();
    String all = graph.op("Where", empty, graph.number(-NEVER), squared).value();
    graph.op("ReduceMin", all, graph.longs(1)).with("keepdims", 0).as(NEAREST);
    return graph.op("Softmax", graph.op("Mul", all, graph.number((float) -scale)).value()).value();
  }

  @Override
  public String onnxPrior(OnnxGraph graph, float[] prior) {
    String all = graph.op("ReduceSum", COUNTS, graph.longs(0)).value();
    return graph.unsqueeze(graph.op("Div", COUNTS, all).value(), 0);
  }
}
