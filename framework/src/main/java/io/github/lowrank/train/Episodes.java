package io.github.lowrank.train;

import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.ClassifierGraph;
import io.github.lowrank.model.Dropout;
import io.github.lowrank.model.Prototypes;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.text.EncodedTexts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
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
 * Training of an encoder for classes that it has not seen, after Snell, Swersky and Zemel, <a
 * href="https://arxiv.org/abs/1703.05175">Prototypical Networks for Few-shot Learning</a> (2017).
 * Each step is an episode: some classes, a few texts of each as their support, whose means are the
 * prototypes, and other texts of the same classes, whose classes are asked for.
 *
 * <p>The rows of the table stay as they are: words that no training text has must fit, too. What
 * all of them share, such as {@code W_b}, is trained. Dev is scored with prototypes from all
 * training texts.
 */
public final class Episodes implements Objective<Classifier.Numbers> {
  private final Classifier initial;
  private final Prototypes head;
  private final EncodedTexts train;
  private final EncodedTexts dev;
  private final List<List<Integer>> texts = new ArrayList<>(); // of each class with enough of them
  private final Size size;
  private final long seed;

  private ClassifierGraph graph;
  private DevScores devScores;
  private Placeholder<TInt32> ids;
  private Placeholder<TInt32> labels;
  private Operand<TFloat32> loss;

  /**
   * Size of an episode.
   *
   * @param classes in it, or all classes if there are fewer
   * @param support texts of each class that its prototype is the mean of
   * @param queries texts of all classes together that are asked for, at least one of each
   */
  public record Size(int classes, int support, int queries) {
    public Size {
      if (classes < 2 || support < 1 || queries < 1) {
        throw new IllegalArgumentException(
            "an episode needs two classes, a supporting text and a query at least, but is %d, %d, %d"
                .formatted(classes, support, queries));
      }
    }
  }

  private Episodes(
      Classifier initial,
      Prototypes head,
      EncodedTexts train,
      EncodedTexts dev,
      Size size,
      TrainingConfig config) {
    this.initial = initial;
    this.head = head;
    this.train = train;
    this.dev = dev;
    this.seed = config.seed();
    List<List<Integer>> byClass = new ArrayList<>();
    for (int c = 0; c < initial.classes(); c++) {
      byClass.add(new ArrayList<>());
    }
    for (int i = 0; i < train.size(); i++) {
      byClass.get(train.labels()[i]).add(i);
    }
    for (List<Integer> some : byClass) {
      if (some.size() > size.support()) { // or else nothing is left to ask for
        texts.add(some);
      }
    }
    if (texts.size() < 2) {
      throw new IllegalArgumentException(
          "episodes need two classes of more than %d texts, but there are %d"
              .formatted(size.support(), texts.size()));
    }
    int classes = Math.min(size.classes(), texts.size());
    this.size = new Size(classes, size.support(), Math.max(classes, size.queries()));
  }

  /**
   * Trains the encoder of a classifier and keeps the best on dev.
   *
   * @param initial its head is {@link Prototypes}; the starting point is a candidate for the best
   * @param config its batch is not used: {@code size} says how many texts a step has
   * @param checkpointing saves and resumes, if present
   */
  public static TrainingResult<Classifier> train(
      Classifier initial,
      EncodedTexts train,
      EncodedTexts dev,
      Size size,
      TrainingConfig config,
      TrainingListener listener,
      Optional<Checkpointing> checkpointing)
      throws IOException {
    if (!(initial.head() instanceof Prototypes head)) {
      throw new IllegalArgumentException(
          "episodes need a head of prototypes, but there is " + initial.head().name());
    }
    TrainingResult<Classifier.Numbers> result =
        Loop.run(
            new Episodes(initial, head, train, dev, size, config), config, listener, checkpointing);
    return new TrainingResult<>(
        initial.with(result.best()), result.metric(), result.bestStep(), result.history());
  }

  @Override
  public void build(Ops tf, Variables variables, Operand<TInt64> step) {
    graph = ClassifierGraph.create(tf, variables, initial);
    ids = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, -1)));
    labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
    Operand<TFloat32> vectors = graph.vectors(tf, ids, Dropout.seeded(seed, step));
    int supporting = size.classes() * size.support();
    Operand<TFloat32> points =
        head.distance().lifted(tf, tf.slice(vectors, tf.array(0, 0), tf.array(supporting, -1)));
    int width = head.distance().width(initial.width());
    Operand<TFloat32> means =
        tf.math.mean(
            tf.reshape(points, tf.array(size.classes(), size.support(), width)), tf.constant(1));
    Operand<TFloat32> queries = tf.slice(vectors, tf.array(supporting, 0), tf.array(-1, -1));
    float[] counts = new float[size.classes()];
    Arrays.fill(counts, size.support());
    Operand<TFloat32> scores =
        head.scores(
            tf, queries, Map.of(Prototypes.MEANS, means, Prototypes.COUNTS, tf.constant(counts)));
    Operand<TFloat32> targets =
        tf.oneHot(labels, tf.constant(size.classes()), tf.constant(1f), tf.constant(0f));
    Operand<TFloat32> mean = tf.math.mean(head.losses(tf, scores, targets), tf.constant(0));
    loss = graph.penalty().<Operand<TFloat32>>map(p -> tf.math.add(mean, p)).orElse(mean);
    devScores = DevScores.create(tf, initial, graph, ids, train, dev);
  }

  @Override
  public Operand<TFloat32> loss() {
    return loss;
  }

  /** None: rows do not change. */
  @Override
  public List<Variable> tables() {
    return List.of();
  }

  @Override
  public List<Parameter> parameters() {
    return graph.parameters();
  }

  @Override
  public void initialize(Variables.Assignment assignment) {
    graph.initialize(assignment);
  }

  /** Support of each class, then queries by turns of the classes. */
  @Override
  public Batch batch(Session session, long step) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + step);
    List<List<Integer>> drawn = new ArrayList<>(texts);
    Collections.shuffle(drawn, random);
    int[] all = new int[size.classes() * size.support() + size.queries()];
    int[] asked = new int[size.queries()];
    List<List<Integer>> shuffled = new ArrayList<>();
    int at = 0;
    for (int c = 0; c < size.classes(); c++) {
      List<Integer> some = new ArrayList<>(drawn.get(c));
      Collections.shuffle(some, random);
      shuffled.add(some);
      for (int i = 0; i < size.support(); i++) {
        all[at++] = some.get(i);
      }
    }
    for (int q = 0; q < size.queries(); q++) {
      int c = q % size.classes();
      int left = shuffled.get(c).size() - size.support();
      asked[q] = c;
      all[at++] = shuffled.get(c).get(size.support() + q / size.classes() % left);
    }
    Map<Operand<?>, Tensor> feeds = new LinkedHashMap<>();
    feeds.put(
        ids,
        TInt32.tensorOf(
            Shape.of(all.length, train.longest(all)), DataBuffers.of(train.padded(all))));
    feeds.put(labels, TInt32.tensorOf(Shape.of(asked.length), DataBuffers.of(asked)));
    return new Batch(feeds, all.length);
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
  public Class<Classifier.Numbers> type() {
    return Classifier.Numbers.class;
  }
}
