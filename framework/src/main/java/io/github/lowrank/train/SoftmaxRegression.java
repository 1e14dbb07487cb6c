package io.github.lowrank.train;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Multinomial logistic regression on fixed vectors, with a penalty on the weights:
 *
 * <pre>
 * loss = mean CE(softmax(8 x W + b), y) + 4 |W|^2 / (2 texts)
 * </pre>
 */
public final class SoftmaxRegression implements Objective<SoftmaxRegression.Numbers> {
  private static final int BATCH = 256;
  private static final int EPOCHS = 20;
  private static final double RATE = 0.03;

  /** Of all texts together; scikit-learn would call this C = 16. */
  private static final float PENALTY = 4;

  private static final Metric DONE = new Metric("steps", true);

  /** Vectors of length 1 have small numbers; this makes one rate fit all. */
  private static final float SCALE = 8;

  private final Matrix vectors;
  private final int[] labels;
  private final int[] texts;
  private final int classes;
  private final long seed;

  private Variables variables;
  private Placeholder<TFloat32> x;
  private Placeholder<TInt32> y;
  private Parameter weights;
  private Parameter bias;
  private Operand<TFloat32> loss;
  private int[] epoch;
  private long epochNumber = -1;
  private long steps;

  /**
   * What is learned.
   *
   * @param weights W, {@code [n, classes]}
   * @param bias b, {@code [1, classes]}
   */
  public record Numbers(Matrix weights, Matrix bias) {
    /** Logits of {@code x}, {@code [n]}. */
    public float[] scores(float[] x) {
      float[] scores = bias.row(0);
      for (int i = 0; i < x.length; i++) {
        float scaled = SCALE * x[i];
        for (int c = 0; c < scores.length; c++) {
          scores[c] += scaled * weights.get(i, c);
        }
      }
      return scores;
    }
  }

  private SoftmaxRegression(Matrix vectors, int[] labels, int[] texts, int classes, long seed) {
    this.vectors = vectors;
    this.labels = labels;
    this.texts = texts;
    this.classes = classes;
    this.seed = seed;
  }

  /**
   * Learns from some of the texts.
   *
   * @param vectors {@code [all texts, n]}, of length 1
   * @param labels class numbers of all texts
   * @param texts those to learn from
   */
  public static Numbers train(Matrix vectors, int[] labels, int[] texts, int classes, long seed)
      throws IOException {
    long steps = EPOCHS * (long) ((texts.length + BATCH - 1) / BATCH);
    Schedule schedule = Shape.named("linear-to-zero").schedule(RATE, steps);
    return Loop.run(
            new SoftmaxRegression(vectors, labels, texts, classes, seed),
            new TrainingConfig(
                Optimizer.adam(), schedule, steps, BATCH, (int) Math.min(steps, 1 << 30), 0, seed),
            TrainingListener.NONE,
            Optional.empty())
        .best();
  }

  /**
   * Logits of all texts, each by a regression that has not seen it: the texts with a label are
   * dealt into {@code folds} parts, and a part's logits are those of the regression on the others.
   *
   * @param vectors of the texts with a label and then of further texts, {@code [texts, n]}
   * @param labels class numbers of the texts with a label
   * @param parts for each further text the text with a label of which it is a part, and which must
   *     not be seen either; if negative, the logits are the mean over all regressions
   * @param done is told the number of folds that are done
   * @return {@code [texts, classes]}
   */
  public static float[][] crossFitted(
      Matrix vectors,
      int[] labels,
      int[] parts,
      int classes,
      int folds,
      long seed,
      IntConsumer done)
      throws IOException {
    int[] order = shuffled(IntStream.range(0, labels.length).toArray(), new Random(seed));
    int[] foldOf = new int[labels.length];
    for (int i = 0; i < order.length; i++) {
      foldOf[order[i]] = i % folds;
    }
    float[][] scores = new float[vectors.rows()][classes];
    for (int f = 0; f < folds; f++) {
      int fold = f;
      int[] others = Arrays.stream(order).filter(i -> foldOf[i] != fold).toArray();
      Numbers numbers = train(vectors, labels, others, classes, seed);
      for (int i = 0; i < scores.length; i++) {
        int source = i < labels.length ? i : parts[i - labels.length];
        if (source >= 0 && foldOf[source] == fold) {
          scores[i] = numbers.scores(vectors.row(i));
        } else if (source < 0) {
          float[] some = numbers.scores(vectors.row(i));
          for (int c = 0; c < classes; c++) {
            scores[i][c] += some[c] / folds;
          }
        }
      }
      done.accept(f + 1);
    }
    return scores;
  }

  private static int[] shuffled(int[] numbers, Random random) {
    for (int i = numbers.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = numbers[j];
      numbers[j] = numbers[i];
      numbers[i] = other;
    }
    return numbers;
  }

  @Override
  public void build(Ops tf, Variables variables, Operand<TInt64> step) {
    this.variables = variables;
    int n = vectors.columns();
    x = tf.placeholder(TFloat32.class, Placeholder.shape(shape(-1, n)));
    y = tf.placeholder(TInt32.class, Placeholder.shape(shape(-1)));
    weights = Parameter.of(tf, variables.create("weights", shape(n, classes), TFloat32.class));
    bias = Parameter.of(tf, variables.create("bias", shape(classes), TFloat32.class));
    Operand<TFloat32> scores =
        tf.nn.biasAdd(
            tf.linalg.matMul(tf.math.mul(x, tf.constant(SCALE)), weights.value()), bias.value());
    Operand<TFloat32> wanted = tf.oneHot(y, tf.constant(classes), tf.constant(1f), tf.constant(0f));
    loss =
        tf.math.add(
            tf.math.mean(
                tf.nn.softmaxCrossEntropyWithLogits(scores, wanted).loss(), tf.constant(0)),
            tf.math.mul(tf.nn.l2Loss(weights.value()), tf.constant(PENALTY / texts.length)));
  }

  private static org.tensorflow.ndarray.Shape shape(long... sizes) {
    return org.tensorflow.ndarray.Shape.of(sizes);
  }

  @Override
  public Operand<TFloat32> loss() {
    return loss;
  }

  @Override
  public List<Variable> tables() {
    return List.of();
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(weights, bias);
  }

  @Override
  public void initialize(Variables.Assignment assignment) {
    assignment
        .set(weights.variable(), new float[vectors.columns() * classes])
        .set(bias.variable(), new float[classes]);
  }

  @Override
  public Batch batch(Session session, long step) {
    steps = step + 1;
    int perEpoch = (texts.length + BATCH - 1) / BATCH;
    if (step / perEpoch != epochNumber) {
      epochNumber = step / perEpoch;
      epoch = shuffled(texts.clone(), new Random(seed + epochNumber));
    }
    int start = (int) (step % perEpoch) * BATCH;
    int[] chosen = Arrays.copyOfRange(epoch, start, Math.min(epoch.length, start + BATCH));
    int n = vectors.columns();
    float[] rows = new float[chosen.length * n];
    int[] classesOf = new int[chosen.length];
    for (int i = 0; i < chosen.length; i++) {
      System.arraycopy(vectors.values(), chosen[i] * n, rows, i * n, n);
      classesOf[i] = labels[chosen[i]];
    }
    Map<Operand<?>, Tensor> feeds = new LinkedHashMap<>();
    feeds.put(x, TFloat32.tensorOf(shape(chosen.length, n), DataBuffers.of(rows)));
    feeds.put(y, TInt32.tensorOf(shape(chosen.length), DataBuffers.of(classesOf)));
    return new Batch(feeds, chosen.length);
  }

  /** The penalty, not a selection, keeps it from overfitting: the last numbers are the best. */
  @Override
  public Metric metric() {
    return DONE;
  }

  @Override
  public Map<String, Double> evaluate(Session session) {
    return Map.of(DONE.name(), (double) steps);
  }

  @Override
  public Numbers read(Session session) {
    Map<Variable, float[]> numbers =
        variables.floats(session, List.of(weights.variable(), bias.variable()));
    return new Numbers(
        new Matrix(vectors.columns(), classes, numbers.get(weights.variable())),
        new Matrix(1, classes, numbers.get(bias.variable())));
  }

  @Override
  public Class<Numbers> type() {
    return Numbers.class;
  }

  @Override
  public boolean tiny() {
    return true;
  }
}
