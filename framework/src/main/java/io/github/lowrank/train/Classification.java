package io.github.lowrank.train;

import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.ClassifierGraph;
import io.github.lowrank.model.Dropout;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.text.EncodedTexts;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * Training on labelled texts: the loss of the classifier's head, selection by accuracy on dev. With
 * a teacher half of the loss is the cross-entropy to its softened probabilities, after Hinton,
 * Vinyals and Dean, <a href="https://arxiv.org/abs/1503.02531">Distilling the Knowledge in a Neural
 * Network</a> (2015):
 *
 * <pre>
 * loss / 2 + T^2 CE(softmax(t / T), softmax(z / T)) / 2,  T = 2
 * </pre>
 *
 * <p>Where texts may have any number of labels, F1 takes the place of accuracy: {@link
 * Predictor#quality}.
 *
 * <p>Texts without a label have the second term alone, as a whole.
 */
public final class Classification implements Objective<Classifier.Numbers> {
  // With a larger table two threads pay off: they wait for memory rather than for each other.
  private static final long CACHED_BYTES = 32L << 20;

  private static final float TEMPERATURE = 2;

  private final Classifier initial;
  private final EncodedTexts train;
  private final EncodedTexts labelled;
  private final EncodedTexts dev;
  private final Optional<float[][]> teacher;
  private final int batch;
  private final long seed;

  private ClassifierGraph graph;
  private DevScores devScores;
  private Placeholder<TInt32> ids;
  private Placeholder<TInt32> labels;
  private Placeholder<TInt32> classes;
  private Placeholder<TFloat32> confidence;
  private Placeholder<TFloat32> taught;
  private Operand<TFloat32> loss;

  private long epochNumber = -1;
  private List<int[]> epoch;

  private Classification(
      Classifier initial,
      EncodedTexts train,
      EncodedTexts dev,
      Optional<float[][]> teacher,
      TrainingConfig config) {
    if (train.size() == 0) {
      throw new IllegalArgumentException("there is no text to train on");
    }
    if (train.multiLabel() && initial.head().threshold().isEmpty()) {
      throw new IllegalArgumentException(
          "texts of any number of labels need a head such as sigmoid, but there is "
              + initial.head().name());
    }
    boolean all = Arrays.stream(train.labels()).allMatch(label -> label >= 0);
    if (!all && teacher.isEmpty()) {
      throw new IllegalArgumentException("texts without a label need a teacher");
    }
    this.initial = initial;
    this.train = train;
    this.labelled = all ? train : train.part(i -> train.labels()[i] >= 0);
    this.dev = dev;
    this.teacher = teacher;
    this.batch = config.batch();
    this.seed = config.seed();
  }

  /**
   * Trains a classifier and keeps the best on dev.
   *
   * @param initial the starting point, which is a candidate for the best, too
   * @param checkpointing saves and resumes, if present
   */
  public static TrainingResult<Classifier> train(
      Classifier initial,
      EncodedTexts train,
      EncodedTexts dev,
      TrainingConfig config,
      TrainingListener listener,
      Optional<Checkpointing> checkpointing)
      throws IOException {
    return train(initial, train, dev, Optional.empty(), config, listener, checkpointing);
  }

  /**
   * The same with a teacher.
   *
   * @param train where the class number is negative, the text has no label and is learned from the
   *     teacher
   * @param teacher its logits of the training texts, {@code [texts, classes]}
   */
  public static TrainingResult<Classifier> train(
      Classifier initial,
      EncodedTexts train,
      EncodedTexts dev,
      Optional<float[][]> teacher,
      TrainingConfig config,
      TrainingListener listener,
      Optional<Checkpointing> checkpointing)
      throws IOException {
    TrainingResult<Classifier.Numbers> result =
        Loop.run(
            new Classification(initial, train, dev, teacher, config),
            config,
            listener,
            checkpointing);
    return new TrainingResult<>(
        initial.with(result.best()), result.metric(), result.bestStep(), result.history());
  }

  /**
   * {@code classifier} with the state of its head as the texts of train now give it, for whoever
   * changed its other numbers.
   */
  public static Classifier withState(Classifier classifier, EncodedTexts train) {
    if (classifier.head().initialState(classifier.width(), classifier.classes()).isEmpty()) {
      return classifier;
    }
    Map<String, Weight> numbers = new LinkedHashMap<>(classifier.weights());
    numbers.putAll(
        FloatWeight.all(
            classifier
                .head()
                .state(
                    Predictor.vectors(classifier, train), train.labels(), classifier.classes())));
    return classifier.with(new Classifier.Numbers(classifier.table(), numbers));
  }

  @Override
  public void build(Ops tf, Variables variables, Operand<TInt64> step) {
    graph = ClassifierGraph.create(tf, variables, initial);
    ids = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, -1)));
    labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    Operand<TFloat32> trained =
        graph.scores(tf, graph.vectors(tf, ids, Dropout.seeded(seed, step)));
    Operand<TFloat32> losses = weighted(tf, initial.head().losses(tf, trained, targets(tf)));
    if (teacher.isPresent()) {
      taught = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, initial.classes())));
      losses = distilled(tf, losses, trained);
    }
    Operand<TFloat32> mean = tf.math.mean(losses, tf.constant(0));
    loss = graph.penalty().<Operand<TFloat32>>map(p -> tf.math.add(mean, p)).orElse(mean);
    devScores = DevScores.create(tf, initial, graph, ids, labelled, dev);
  }

  /**
   * 1 for each class that a text has; for a label that is right with probability q only, q for its
   * class and {@code (1 - q) / (classes - 1)} for the others.
   */
  private Operand<TFloat32> targets(Ops tf) {
    Operand<TInt32> depth = tf.constant(initial.classes());
    if (!train.multiLabel()) {
      Operand<TFloat32> hard = tf.oneHot(labels, depth, tf.constant(1f), tf.constant(0f));
      return train.certain() ? hard : softened(tf, hard);
    }
    classes = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, -1)));
    return tf.reduceSum(
        tf.oneHot(classes, depth, tf.constant(1f), tf.constant(0f)), tf.constant(1));
  }

  private Operand<TFloat32> softened(Ops tf, Operand<TFloat32> hard) {
    confidence = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1)));
    Operand<TFloat32> q = tf.expandDims(confidence, tf.constant(1));
    Operand<TFloat32> others =
        tf.math.mul(
            tf.math.sub(tf.constant(1f), q), tf.constant(1f / Math.max(1, initial.classes() - 1)));
    return tf.math.add(tf.math.mul(hard, tf.math.sub(q, others)), others);
  }

  /** Each text's loss as often as its class counts. */
  private Operand<TFloat32> weighted(Ops tf, Operand<TFloat32> losses) {
    if (train.multiLabel()) {
      return losses;
    }
    int[] counts = new int[initial.classes()];
    for (int label : labelled.labels()) {
      counts[label]++;
    }
    float[] weights = initial.head().classWeights(counts);
    boolean alike = true;
    for (float weight : weights) {
      alike &= weight == 1;
    }
    Operand<TInt32> classes = tf.math.maximum(labels, tf.constant(0)); // -1: no label, no loss
    return alike
        ? losses
        : tf.math.mul(losses, tf.gather(tf.constant(weights), classes, tf.constant(0)));
  }

  private Operand<TFloat32> distilled(Ops tf, Operand<TFloat32> hard, Operand<TFloat32> trained) {
    Operand<TFloat32> soft = initial.head().distillation(tf, trained, taught, TEMPERATURE);
    Operand<TFloat32> half = tf.constant(0.5f);
    Operand<TFloat32> share =
        labelled == train
            ? half
            : tf.math.mul(
                half, tf.dtypes.cast(tf.math.greaterEqual(labels, tf.constant(0)), TFloat32.class));
    return tf.math.add(
        tf.math.mul(hard, share), tf.math.mul(soft, tf.math.sub(tf.constant(1f), share)));
  }

  @Override
  public Operand<TFloat32> loss() {
    return loss;
  }

  @Override
  public List<Variable> tables() {
    return graph.tables();
  }

  @Override
  public List<Parameter> parameters() {
    return graph.parameters();
  }

  @Override
  public void initialize(Variables.Assignment assignment) {
    graph.initialize(assignment);
  }

  @Override
  public Batch batch(Session session, long step) {
    long perEpoch = (train.size() + batch - 1) / batch;
    if (step / perEpoch != epochNumber) {
      epochNumber = step / perEpoch;
      epoch = train.epoch(batch, seed, epochNumber);
    }
    int[] texts = epoch.get((int) (step % perEpoch));
    Map<Operand<?>, Tensor> feeds = new LinkedHashMap<>();
    feeds.put(
        ids,
        TInt32.tensorOf(
            Shape.of(texts.length, train.longest(texts)), DataBuffers.of(train.padded(texts))));
    feeds.put(labels, TInt32.tensorOf(Shape.of(texts.length), DataBuffers.of(train.labels(texts))));
    if (confidence != null) {
      float[] some = new float[texts.length];
      for (int i = 0; i < some.length; i++) {
        some[i] = train.confidence(texts[i]);
      }
      feeds.put(confidence, TFloat32.tensorOf(Shape.of(some.length), DataBuffers.of(some)));
    }
    if (train.multiLabel()) {
      int[][] all = Arrays.stream(texts).mapToObj(train::classes).toArray(int[][]::new);
      int most = Arrays.stream(all).mapToInt(c -> c.length).max().orElse(0);
      int[] padded = new int[texts.length * most];
      Arrays.fill(padded, -1);
      for (int i = 0; i < all.length; i++) {
        System.arraycopy(all[i], 0, padded, i * most, all[i].length);
      }
      feeds.put(classes, TInt32.tensorOf(Shape.of(texts.length, most), DataBuffers.of(padded)));
    }
    teacher.ifPresent(
        scores -> {
          float[] rows = new float[texts.length * initial.classes()];
          for (int i = 0; i < texts.length; i++) {
            System.arraycopy(scores[texts[i]], 0, rows, i * initial.classes(), initial.classes());
          }
          feeds.put(
              taught,
              TFloat32.tensorOf(Shape.of(texts.length, initial.classes()), DataBuffers.of(rows)));
        });
    return new Batch(feeds, texts.length);
  }

  @Override
  public Metric metric() {
    return Metric.ACCURACY;
  }

  @Override
  public Map<String, Double> evaluate(Session session) {
    return Map.of(Metric.ACCURACY.name(), Predictor.quality(devScores.read(session), dev));
  }

  @Override
  public Classifier.Numbers read(Session session) {
    return graph.read(session);
  }

  @Override
  public Classifier.Numbers first(Session session) {
    return devScores.state() ? read(session) : initial.numbers();
  }

  @Override
  public Class<Classifier.Numbers> type() {
    return Classifier.Numbers.class;
  }

  @Override
  public boolean tiny() {
    return initial.encoder().pools() && initial.table().bytes() <= CACHED_BYTES;
  }
}
