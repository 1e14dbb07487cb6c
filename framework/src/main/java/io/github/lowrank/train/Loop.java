package io.github.lowrank.train;

import io.github.lowrank.io.ArrayFile;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.optimizer.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TFInvalidArgumentException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The training loop: mini-batches, evaluation on dev, selection of the best, checkpoints.
 *
 * <p>Tables are updated row by row, everything else as a whole. Equal arguments give bit-identical
 * results, also if training is resumed from a checkpoint in another process.
 *
 * @param <M> what is trained
 */
public final class Loop<M> {
  private final Objective<M> objective;
  private final TrainingConfig config;
  private final TrainingListener listener;
  private final Optional<Checkpointing> checkpointing;

  private Variables variables;
  private Variable globalStep;
  private Operand<TFloat32> rate;
  private Op update;
  private final List<Op> beforeStep = new ArrayList<>();
  private final List<Op> beforeEvaluation = new ArrayList<>();

  private M best;
  private double bestMetric = Double.NaN;
  private long bestStep;
  private final List<Evaluation> history = new ArrayList<>();

  private Loop(
      Objective<M> objective,
      TrainingConfig config,
      TrainingListener listener,
      Optional<Checkpointing> checkpointing) {
    this.objective = objective;
    this.config = config;
    this.listener = listener;
    this.checkpointing = checkpointing;
  }

  /**
   * Trains; the values that {@code objective} starts from are a candidate for the best, too.
   *
   * @param checkpointing saves and resumes, if present
   * @throws Checkpointing.UnusableException if there is a checkpoint and it is damaged
   * @throws DivergedException if the loss becomes infinite or NaN, or scores of dev NaN, or an op
   *     refuses the weights, unless {@code listener} accepts it
   */
  public static <M> TrainingResult<M> run(
      Objective<M> objective,
      TrainingConfig config,
      TrainingListener listener,
      Optional<Checkpointing> checkpointing)
      throws IOException {
    return new Loop<>(objective, config, listener, checkpointing).run();
  }

  private TrainingResult<M> run() throws IOException {
    try (Graph graph = new Graph()) {
      build(Ops.create(graph));
      try (Session session = Sessions.open(graph)) {
        long step = start(session);
        listener.started(step, config.steps());
        if (history.isEmpty()) {
          evaluate(session, 0, Double.NaN, 0);
        }
        loop(session, step);
        listener.finished();
      }
    }
    return new TrainingResult<>(best, bestMetric, bestStep, history);
  }

  private void build(Ops tf) {
    variables = new Variables(tf);
    globalStep = variables.create("global_step", Shape.scalar(), TInt64.class);
    Operand<TInt64> step = globalStep.readLong(tf);
    objective.build(tf, variables, step);
    rate = config.schedule().build(tf, step);

    List<Variable> tables = objective.tables();
    List<Parameter> parameters = objective.parameters();
    List<Operand<?>> by = new ArrayList<>();
    tables.forEach(table -> by.add(table.handle()));
    parameters.forEach(p -> by.add(p.value()));
    Gradients gradients = tf.gradients(objective.loss(), by);

    // Every gradient is computed before the first variable changes.
    List<Op> computed = new ArrayList<>();
    gradients.forEach(computed::add);
    computed.add(rate);
    Ops after = tf.withControlDependencies(computed);
    Optimizer optimizer = config.optimizer();
    List<Op> updates = new ArrayList<>();
    for (int i = 0; i < by.size(); i++) {
      boolean table = i < tables.size();
      Variable variable = table ? tables.get(i) : parameters.get(i - tables.size()).variable();
      Optimizer.Update u = new Optimizer.Update(variables, variable, rate, step);
      Optional<SparseRows> rows =
          table ? Optional.of(SparseRows.of(gradients.dy(i))) : Optional.empty();
      updates.add(
          rows.isPresent()
              ? optimizer.sparse(after, u, rows.get())
              : optimizer.dense(after, u, gradients.dy(i)));
      optimizer
          .points(tf, u, rows.map(SparseRows::ids))
          .ifPresent(
              points -> {
                beforeStep.add(points.trained());
                beforeEvaluation.add(points.evaluated());
              });
    }
    update = globalStep.add(tf.withControlDependencies(updates), 1);
  }

  /** Sets the variables; returns the next step. */
  private long start(Session session) throws IOException {
    if (checkpointing.isPresent() && Files.exists(checkpointing.get().file())) {
      return restore(session, checkpointing.get());
    }
    initialize(session);
    return 0;
  }

  private void initialize(Session session) {
    try (Variables.Assignment first = variables.assignment(session)) {
      objective.initialize(first);
      first.slots().set(globalStep, 0L).run();
    }
    variables.copy(session);
  }

  private void loop(Session session, long start) throws IOException {
    double lossSum = 0;
    long lossCount = 0;
    Instant saved = Instant.now();
    for (long step = start; step < config.steps() && !outOfPatience(); step++) {
      Objective.Batch batch = objective.batch(session, step);
      float batchLoss;
      float batchRate;
      try {
        run(session, beforeStep, batch.feeds());
        Session.Runner runner = runner(session);
        batch.feeds().forEach(runner::feed);
        try (Result result =
            runner.fetch(objective.shownLoss()).fetch(rate).addTarget(update).run()) {
          batchLoss = ((TFloat32) result.get(0)).getFloat();
          batchRate = ((TFloat32) result.get(1)).getFloat();
        }
      } catch (TFInvalidArgumentException e) {
        listener.diverged(new DivergedException(refusal(e), step + 1, rate(session)));
        return;
      } finally {
        batch.feeds().values().forEach(Tensor::close);
      }
      if (!Float.isFinite(batchLoss)) {
        listener.diverged(
            new DivergedException("the training loss became " + batchLoss, step + 1, batchRate));
        return;
      }
      lossSum += batchLoss;
      lossCount++;
      listener.stepped(step + 1, batchLoss, batchRate, batch.size());
      if ((step + 1) % config.evaluateEvery() == 0 || step + 1 == config.steps()) {
        try {
          evaluate(session, step + 1, lossSum / lossCount, batchRate);
        } catch (DivergedException e) { // by this step's update, of which no loss tells
          listener.diverged(new DivergedException(e.getMessage(), step + 1, batchRate));
          return;
        } catch (TFInvalidArgumentException e) {
          listener.diverged(new DivergedException(refusal(e), step + 1, batchRate));
          return;
        }
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

  private float rate(Session session) {
    try (Result result = Sessions.caller(session).fetch(rate).run()) {
      return ((TFloat32) result.get(0)).getFloat();
    }
  }

  /** What an op says of weights that it refuses; other invalid arguments are errors of ours. */
  private static String refusal(TFInvalidArgumentException e) {
    String message = e.getMessage();
    if (!message.contains("has no gradient") && !message.contains("decomposition was not")) {
      throw e;
    }
    return message.replaceFirst("(?s)\\s*\\[\\[\\{\\{.*", "");
  }

  private static void run(Session session, List<Op> targets, Map<Operand<?>, Tensor> feeds) {
    if (!targets.isEmpty()) {
      Session.Runner runner = Sessions.caller(session);
      feeds.forEach(runner::feed);
      targets.forEach(runner::addTarget);
      runner.run().close();
    }
  }

  private Session.Runner runner(Session session) {
    return objective.tiny() || Sessions.threads() == 1
        ? Sessions.caller(session)
        : session.runner();
  }

  private boolean outOfPatience() {
    return config.patience() > 0
        && history.stream().filter(e -> e.step() > bestStep).count() >= config.patience();
  }

  private void evaluate(Session session, long step, double meanLoss, double stepRate) {
    run(session, beforeEvaluation, Map.of());
    Evaluation evaluation = new Evaluation(step, meanLoss, stepRate, metrics(session));
    boolean better =
        history.isEmpty() || objective.metric().better(evaluation.selected(), bestMetric);
    if (better) {
      best = step == 0 ? objective.first(session) : objective.read(session);
      bestMetric = evaluation.selected();
      bestStep = step;
    }
    history.add(evaluation);
    listener.evaluated(evaluation, better);
  }

  /** All metrics, the one that selects first. */
  private Map<String, Double> metrics(Session session) {
    Map<String, Double> found = objective.evaluate(session);
    String selects = objective.metric().name();
    if (!found.containsKey(selects)) {
      throw new IllegalArgumentException(
          "expected the metric '%s' that selects among those evaluated, found %s"
              .formatted(selects, found.keySet()));
    }
    Map<String, Double> all = new LinkedHashMap<>();
    all.put(selects, found.get(selects));
    new TreeMap<>(found).forEach(all::putIfAbsent);
    return all;
  }

  /** What a checkpoint holds besides the best. */
  private record State(
      long step, long bestStep, List<Evaluation> history, Map<String, float[]> variables) {}

  /** Others, such as codes, do not change. */
  private List<Variable> saved() {
    return variables.all().stream().filter(v -> v.type() == TFloat32.class).toList();
  }

  private void save(Session session, Checkpointing checkpointing, long step) throws IOException {
    Map<String, float[]> numbers = new LinkedHashMap<>();
    variables.floats(session, saved()).forEach((v, values) -> numbers.put(v.name(), values));
    ArrayFile.write(checkpointing.file(), new State(step, bestStep, history, numbers), best);
  }

  private long restore(Session session, Checkpointing checkpointing) throws IOException {
    State state;
    M former;
    try {
      ArrayFile.Contents stored = ArrayFile.read(checkpointing.file());
      state = stored.get(0, State.class);
      former = stored.get(1, objective.type());
      check(checkpointing.file(), state);
    } catch (IOException e) {
      throw new Checkpointing.UnusableException(checkpointing.file(), e.getMessage(), e);
    }
    initialize(session);
    try (Variables.Assignment saved = variables.assignment(session)) {
      for (Variable variable : saved()) {
        saved.set(variable, state.variables().get(variable.name()));
      }
      saved.set(globalStep, state.step()).run();
    }
    best = former;
    bestStep = state.bestStep();
    history.addAll(state.history());
    bestMetric =
        history.stream().filter(e -> e.step() == bestStep).findFirst().orElseThrow().selected();
    return state.step();
  }

  /**
   * Whether {@code state} is one of this training; another version may have had other variables.
   */
  private void check(Path file, State state) throws IOException {
    for (Variable variable : saved()) {
      float[] values = state.variables().get(variable.name());
      if (values == null || values.length != variable.size()) {
        throw new IOException(
            "%s is of another training: expected %d numbers of %s, found %s"
                .formatted(
                    file,
                    variable.size(),
                    variable.name(),
                    values == null ? "none" : values.length));
      }
    }
    if (state.history().stream().noneMatch(e -> e.step() == state.bestStep())) {
      throw new IOException(
          "%s is of another training: expected an evaluation of step %d, found none"
              .formatted(file, state.bestStep()));
    }
  }
}
