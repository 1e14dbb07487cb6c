package io.github.lowrank.train;

import io.github.lowrank.embedding.EmbeddingLayer;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.ClassifierGraph;
import io.github.lowrank.model.Dropout;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.TensorBundle;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.text.EncodedTexts;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.nn.SoftmaxCrossEntropyWithLogits;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * Trains a classifier by mini-batches and keeps the best on dev.
 *
 * <p>Loss: mean softmax cross-entropy. Tables are updated row by row, everything else whole. With
 * the same arguments the result is the same bit for bit, also across a checkpoint and a resumption
 * in another process.
 */
public final class Trainer {
  private static final long CACHED_BYTES = 32L << 20;

  private final Classifier initial;
  private final TrainingConfig config;
  private final EncodedTexts train;
  private final EncodedTexts dev;

  private Ops tf;
  private Variables variables;
  private ClassifierGraph classifierGraph;
  private Variable globalStep;
  private Placeholder<TInt32> ids;
  private Placeholder<TInt32> labels;
  private Operand<TFloat32> loss;
  private Operand<TFloat32> rate;
  private Operand<TFloat32> scores;
  private Op update;

  private Classifier best;
  private double bestAccuracy = -1;
  private long bestStep;
  private final List<Evaluation> history = new ArrayList<>();

  private Trainer(Classifier initial, EncodedTexts train, EncodedTexts dev, TrainingConfig config) {
    if (train.size() == 0) {
      throw new IllegalArgumentException("there is no text to train on");
    }
    this.initial = initial;
    this.train = train;
    this.dev = dev;
    this.config = config;
  }

  /**
   * Trains.
   *
   * @param initial where to start; it is a candidate for the best
   * @param checkpointing saves and resumes, if present
   */
  public static TrainingResult train(
      Classifier initial,
      EncodedTexts train,
      EncodedTexts dev,
      TrainingConfig config,
      TrainingListener listener,
      Optional<Checkpointing> checkpointing)
      throws IOException {
    return new Trainer(initial, train, dev, config).run(listener, checkpointing);
  }

  private TrainingResult run(TrainingListener listener, Optional<Checkpointing> checkpointing)
      throws IOException {
    try (Graph graph = new Graph()) {
      build(graph);
      try (Session session = Sessions.open(graph)) {
        long step = 0;
        if (checkpointing.isPresent() && Files.exists(checkpointing.get().directory())) {
          step = restore(session, checkpointing.get());
        } else {
          try (Variables.Assignment first = variables.assignment(session)) {
            classifierGraph.initialize(first);
            first.slots().set(globalStep, 0L).run();
          }
        }
        listener.started(step, config.steps());
        if (history.isEmpty()) {
          evaluate(session, 0, Double.NaN, 0, listener);
        }
        loop(session, step, listener, checkpointing);
        listener.finished();
      }
    }
    return new TrainingResult(best, bestAccuracy, bestStep, history);
  }

  private void build(Graph graph) {
    tf = Ops.create(graph);
    variables = new Variables(tf);
    classifierGraph = ClassifierGraph.create(tf, variables, initial);
    globalStep = variables.create("global_step", Shape.scalar(), TInt64.class);
    Operand<TInt64> step = tf.readVariableOp(globalStep.handle(), TInt64.class);
    ids = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, -1)));
    labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));

    Operand<TFloat32> logits = classifierGraph.logits(tf, ids, Dropout.seeded(config.seed(), step));
    Operand<TFloat32> targets =
        tf.oneHot(labels, tf.constant(initial.classes()), tf.constant(1f), tf.constant(0f));
    SoftmaxCrossEntropyWithLogits<TFloat32> entropy =
        tf.nn.softmaxCrossEntropyWithLogits(logits, targets);
    loss = tf.math.mean(entropy.loss(), tf.constant(0));
    rate = config.schedule().build(tf, step);
    scores = classifierGraph.logits(tf, ids, Dropout.NONE);
    update = update(step);
  }

  private Op update(Operand<TInt64> step) {
    List<Variable> tables = classifierGraph.tables();
    List<EmbeddingLayer.Parameter> parameters = classifierGraph.parameters();
    List<Operand<?>> by = new ArrayList<>();
    tables.forEach(table -> by.add(table.handle()));
    parameters.forEach(p -> by.add(p.value()));
    Gradients gradients = tf.gradients(loss, by);

    // Every gradient is computed before the first variable changes.
    List<Op> computed = new ArrayList<>();
    gradients.forEach(computed::add);
    computed.add(rate);
    Ops after = tf.withControlDependencies(computed);
    List<Op> updates = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      updates.add(
          config
              .optimizer()
              .sparse(after, variables, tables.get(i), SparseRows.of(gradients.dy(i)), rate, step));
    }
    for (int i = 0; i < parameters.size(); i++) {
      updates.add(
          config
              .optimizer()
              .dense(
                  after,
                  variables,
                  parameters.get(i).variable(),
                  gradients.<TFloat32>dy(tables.size() + i),
                  rate,
                  step));
    }
    return tf.withControlDependencies(updates)
        .assignAddVariableOp(globalStep.handle(), tf.constant(1L));
  }

  private void loop(
      Session session, long start, TrainingListener listener, Optional<Checkpointing> checkpointing)
      throws IOException {
    long batchesPerEpoch = (train.size() + config.batch() - 1) / config.batch();
    List<int[]> epoch = null;
    double lossSum = 0;
    long lossCount = 0;
    Instant saved = Instant.now();
    for (long step = start; step < config.steps() && !outOfPatience(); step++) {
      int inEpoch = (int) (step % batchesPerEpoch);
      if (epoch == null || inEpoch == 0) {
        epoch = train.epoch(config.batch(), config.seed(), step / batchesPerEpoch);
      }
      int[] batch = epoch.get(inEpoch);
      float batchLoss;
      float batchRate;
      try (TInt32 input =
              TInt32.tensorOf(
                  Shape.of(batch.length, train.longest(batch)),
                  DataBuffers.of(train.padded(batch)));
          TInt32 classes =
              TInt32.tensorOf(Shape.of(batch.length), DataBuffers.of(train.labels(batch)));
          Result result =
              runner(session)
                  .feed(ids, input)
                  .feed(labels, classes)
                  .fetch(loss)
                  .fetch(rate)
                  .addTarget(update)
                  .run()) {
        batchLoss = ((TFloat32) result.get(0)).getFloat();
        batchRate = ((TFloat32) result.get(1)).getFloat();
      }
      if (!Float.isFinite(batchLoss)) {
        throw new ArithmeticException(
            "the training loss became %s at step %d: the learning rate %s may be too high"
                .formatted(batchLoss, step + 1, batchRate));
      }
      lossSum += batchLoss;
      lossCount++;
      listener.stepped(step + 1, batchLoss, batchRate, batch.length);
      if ((step + 1) % config.evaluateEvery() == 0 || step + 1 == config.steps()) {
        evaluate(session, step + 1, lossSum / lossCount, batchRate, listener);
        lossSum = 0;
        lossCount = 0;
        if (checkpointing.isPresent()
            && Instant.now().isAfter(saved.plus(checkpointing.get().every()))) {
          save(session, checkpointing.get(), step + 1);
          saved = Instant.now();
        }
      }
    }
  }

  private Session.Runner runner(Session session) {
    // Where word vectors are pooled first and the table fits the caches, a step is so short that to
    // wake a thread costs as much as it gains; a large table is worth two threads that wait for it.
    boolean tiny = initial.model().pools() && initial.table().bytes() <= CACHED_BYTES;
    return tiny || Sessions.threads() == 1 ? Sessions.caller(session) : session.runner();
  }

  private boolean outOfPatience() {
    return config.patience() > 0
        && !history.isEmpty()
        && history.stream().filter(e -> e.step() > bestStep).count() >= config.patience();
  }

  private void evaluate(
      Session session, long step, double meanLoss, double stepRate, TrainingListener listener) {
    double accuracy =
        Predictor.accuracy(
            Predictor.classes(Predictor.scores(session, ids, scores, dev, initial.classes())),
            dev.labels());
    boolean better = accuracy > bestAccuracy;
    if (better) {
      best = step == 0 ? initial : classifierGraph.read(session);
      bestAccuracy = accuracy;
      bestStep = step;
    }
    Evaluation evaluation = new Evaluation(step, meanLoss, stepRate, accuracy);
    history.add(evaluation);
    listener.evaluated(evaluation, better);
  }

  private void save(Session session, Checkpointing checkpointing, long step) throws IOException {
    TensorBundle bundle = new TensorBundle();
    List<Variable> saved = new ArrayList<>(variables.all());
    saved.remove(globalStep);
    variables
        .floats(session, saved)
        .forEach(
            (variable, numbers) ->
                bundle.put("variables/" + variable.name(), numbers, variable.shape().asArray()));
    bundle.put("step", new long[] {step, bestStep}, 2);
    double[] evaluations =
        history.stream()
            .flatMapToDouble(
                e ->
                    java.util.stream.DoubleStream.of(e.step(), e.loss(), e.rate(), e.devAccuracy()))
            .toArray();
    bundle.put("history", evaluations, history.size(), 4);
    ClassifierBundle.put(bundle, "best/", best);
    bundle.save(checkpointing.directory());
  }

  private long restore(Session session, Checkpointing checkpointing) throws IOException {
    TensorBundle.Loaded bundle = TensorBundle.load(checkpointing.directory());
    long[] steps = bundle.longs("step");
    try (Variables.Assignment saved = variables.assignment(session)) {
      for (Variable variable : variables.all()) {
        if (variable != globalStep) {
          saved.set(variable, bundle.floats("variables/" + variable.name()));
        }
      }
      saved.set(globalStep, steps[0]).run();
    }
    bestStep = steps[1];
    double[] e = bundle.doubles("history");
    for (int i = 0; i < e.length; i += 4) {
      history.add(new Evaluation((long) e[i], e[i + 1], e[i + 2], e[i + 3]));
    }
    best = ClassifierBundle.get(bundle, "best/", initial.model(), initial.classes());
    bestAccuracy = history.stream().mapToDouble(Evaluation::devAccuracy).max().orElse(-1);
    return steps[0];
  }
}
