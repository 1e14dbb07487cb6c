package io.github.lowrank.train;

import io.github.lowrank.embedding.EmbeddingLayer;
import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.text.EncodedTexts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Distillation of a sentence encoder into a table of word vectors: the mean of a text's rows shall
 * point where the encoder's vector {@code e} of the text points. For the rows {@code r_1 .. r_n} of
 * the known words of a text
 *
 * <pre>
 * loss = 1 - cos(mean_i E[r_i], e)
 * </pre>
 *
 * <p>The table {@code E} has any form. With {@link io.github.lowrank.embedding.LowRank} it is
 * {@code W_a W_b}, {@code [V, k]} times {@code [k, n]}, and {@code W_b} is a projection into the
 * encoder's space: this project's online factorization, applied to distillation. No full table is
 * learned and then factorized; it has a low rank from the first step on.
 */
public final class SentenceDistillation implements Objective<EmbeddingTable> {
  /** Mean cosine of the angle between a text's mean of rows and the encoder's vector of it. */
  public static final Metric COSINE = new Metric("cosine", true);

  /** Least square of a length, so that a text without a known word has the cosine 0. */
  private static final float TINY = 1e-12f;

  private final EmbeddingTable initial;
  private final Taught train;
  private final Taught dev;
  private final int batch;
  private final long seed;

  private Variables variables;
  private EmbeddingLayer layer;
  private Placeholder<TInt32> ids;
  private Placeholder<TFloat32> encoded;
  private Operand<TFloat32> means;
  private Operand<TFloat32> loss;

  private long epochNumber = -1;
  private List<int[]> epoch;

  /**
   * Texts and what the encoder says of them.
   *
   * @param texts row numbers of their words
   * @param vectors the encoder's, {@code [texts, n]}, of length 1
   */
  public record Taught(EncodedTexts texts, Matrix vectors) {
    public Taught {
      if (texts.size() != vectors.rows()) {
        throw new IllegalArgumentException(
            "%d texts, but %d vectors".formatted(texts.size(), vectors.rows()));
      }
    }

    /** The texts whose indices satisfy {@code which}. */
    public Taught part(IntPredicate which) {
      int[] kept = IntStream.range(0, texts.size()).filter(which).toArray();
      return new Taught(texts.part(which), new Matrix(kept.length, vectors.columns(), rows(kept)));
    }

    /** The vectors of some texts, one after another. */
    private float[] rows(int[] some) {
      int n = vectors.columns();
      float[] rows = new float[Math.multiplyExact(some.length, n)];
      for (int i = 0; i < some.length; i++) {
        System.arraycopy(vectors.values(), some[i] * n, rows, i * n, n);
      }
      return rows;
    }
  }

  private SentenceDistillation(
      EmbeddingTable initial, Taught train, Taught dev, TrainingConfig config) {
    this.initial = initial;
    this.train = train;
    this.dev = dev;
    this.batch = config.batch();
    this.seed = config.seed();
  }

  /**
   * Trains a table and keeps the best on dev. Rows of words that no text has stay as they are; of a
   * low-rank table they move with {@code W_b}.
   *
   * @param initial the starting point, {@code [V, n]}, which is a candidate for the best, too
   * @param train texts to learn from, at least one
   * @param dev other texts, which select; if there are none, the starting point stays the best
   */
  public static TrainingResult<EmbeddingTable> train(
      EmbeddingTable initial,
      Taught train,
      Taught dev,
      TrainingConfig config,
      TrainingListener listener)
      throws IOException {
    if (train.texts().size() == 0) {
      throw new IllegalArgumentException("there is no text to train on");
    }
    return Loop.run(
        new SentenceDistillation(initial, train, dev, config), config, listener, Optional.empty());
  }

  @Override
  public void build(Ops tf, Variables variables, Operand<TInt64> step) {
    this.variables = variables;
    layer = initial.layer(tf, variables, "table");
    ids = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, -1)));
    encoded = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, initial.dimension())));
    means = layer.bag(tf, ids, Encoder.mean(tf, Encoder.mask(tf, ids)));
    Operand<TFloat32> products = tf.reduceSum(tf.math.mul(means, encoded), tf.constant(1));
    Operand<TFloat32> squares = tf.reduceSum(tf.math.square(means), tf.constant(1));
    Operand<TFloat32> cosines =
        tf.math.mul(products, tf.math.rsqrt(tf.math.maximum(squares, tf.constant(TINY))));
    loss = tf.math.sub(tf.constant(1f), tf.math.mean(cosines, tf.constant(0)));
  }

  @Override
  public Operand<TFloat32> loss() {
    return loss;
  }

  @Override
  public List<Variable> tables() {
    return layer.tables();
  }

  @Override
  public List<Parameter> parameters() {
    return layer.parameters();
  }

  @Override
  public void initialize(Variables.Assignment assignment) {
    layer.initialize(assignment);
  }

  @Override
  public Batch batch(Session session, long step) {
    EncodedTexts texts = train.texts();
    long perEpoch = (texts.size() + batch - 1) / batch;
    if (step / perEpoch != epochNumber) {
      epochNumber = step / perEpoch;
      epoch = texts.epoch(batch, seed, epochNumber);
    }
    int[] chosen = epoch.get((int) (step % perEpoch));
    Map<Operand<?>, Tensor> feeds = new LinkedHashMap<>();
    feeds.put(
        ids,
        TInt32.tensorOf(
            Shape.of(chosen.length, texts.longest(chosen)), DataBuffers.of(texts.padded(chosen))));
    feeds.put(
        encoded,
        TFloat32.tensorOf(
            Shape.of(chosen.length, initial.dimension()), DataBuffers.of(train.rows(chosen))));
    return new Batch(feeds, chosen.length);
  }

  @Override
  public Metric metric() {
    return COSINE;
  }

  @Override
  public Map<String, Double> evaluate(Session session) {
    float[][] rows =
        new Predictor.Rows(session, ids, means, dev.texts(), initial.dimension()).read();
    double sum = 0;
    for (int i = 0; i < rows.length; i++) {
      double product = 0;
      double squares = TINY;
      for (int j = 0; j < rows[i].length; j++) {
        product += (double) rows[i][j] * dev.vectors().get(i, j);
        squares += (double) rows[i][j] * rows[i][j];
      }
      sum += product / Math.sqrt(squares);
    }
    return Map.of(COSINE.name(), sum / rows.length);
  }

  @Override
  public EmbeddingTable read(Session session) {
    return layer.with(variables.floats(session, trained()));
  }

  private List<Variable> trained() {
    List<Variable> trained = new ArrayList<>(layer.tables());
    layer.parameters().forEach(parameter -> trained.add(parameter.variable()));
    return trained;
  }

  @Override
  public EmbeddingTable first(Session session) {
    return initial;
  }

  @Override
  public Class<EmbeddingTable> type() {
    return EmbeddingTable.class;
  }
}
