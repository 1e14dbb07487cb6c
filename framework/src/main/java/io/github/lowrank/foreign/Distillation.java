package io.github.lowrank.foreign;

import io.github.lowrank.embedding.EmbeddingLayer;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.train.Loop;
import io.github.lowrank.train.Metric;
import io.github.lowrank.train.Objective;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * Trains the factors of a table inside somebody else's model so that, on given texts, its outputs
 * come close to those with the whole table. No labels are needed. Only the two factors are trained,
 * with Adam; the rest of the model does not change.
 *
 * <p>Each step runs the model to get its outputs and the row numbers that it looks up, replaces the
 * looked-up rows by {@code Gather(W_a, ids) W_b}, and propagates the gradient of the mean squared
 * difference with respect to those rows to the factors. The factors with the smallest difference on
 * a held-out tenth of the texts are kept.
 */
final class Distillation implements Objective<LowRank> {
  private static final int BATCH = 32;
  private static final int EVALUATIONS = 10;
  private static final double RATE = 1e-3;
  private static final int MOST_DEV = 1000;
  private static final Metric DIFFERENCE = new Metric("relative difference", false);

  /**
   * Data and settings of a training.
   *
   * @param texts values of the model's only input
   * @param steps number of steps, of {@value #BATCH} texts each
   * @param seed seed of the order of the texts
   * @param listener receives the relative difference of the outputs on dev
   */
  record Plan(List<String> texts, long steps, long seed, TrainingListener listener) {}

  private final SavedModelBundle bundle;
  private final LowRank initial;
  private final long seed;
  private final List<String> train;
  private final List<String> dev;

  private final String input;
  private final String output;
  private final String ids;
  private final String gather;
  private final Operand<TFloat32> rowsGradient;
  private final Operand<TFloat32> modelLoss;
  private final Placeholder<TFloat32> target;

  private EmbeddingLayer factors;
  private Placeholder<TInt32> rowNumbers;
  private Operand<TFloat32> rows;
  private Placeholder<TFloat32> gradient;
  private Placeholder<TFloat32> modelLossFed;
  private Operand<TFloat32> shown;
  private Operand<TFloat32> loss;
  private Variables variables;

  private Distillation(
      SavedModelBundle bundle, MetaGraphDef meta, EmbeddingSite site, LowRank initial, Plan plan)
      throws IOException {
    this.bundle = bundle;
    this.initial = initial;
    this.seed = plan.seed();
    List<String> shuffled = new ArrayList<>(plan.texts());
    Collections.shuffle(shuffled, new Random(seed));
    int held = Math.min(MOST_DEV, shuffled.size() / 10);
    if (held == 0) {
      throw new IOException(
          "cannot retrain on %d texts: expected at least 10".formatted(shuffled.size()));
    }
    this.dev = shuffled.subList(0, held);
    this.train = shuffled.subList(held, shuffled.size());
    if (site.gathers().size() != 1
        || !site.gathers().get(0).scope().isGraph()
        || !site.whole().isEmpty()) {
      throw new IOException(
          site.name()
              + " cannot be retrained: expected one lookup, in the graph itself and not in one of its functions");
    }
    SignatureDef signature = signature(meta);
    this.input = signature.getInputsMap().values().iterator().next().getName();
    this.output =
        signature.getOutputsMap().entrySet().stream()
            .filter(e -> e.getValue().getDtype() == DataType.DT_FLOAT)
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getValue().getName())
            .findFirst()
            .orElseThrow();
    this.gather = site.gathers().get(0).node().getName();
    this.ids = site.gathers().get(0).node().getInput(1);
    Graph graph = bundle.graph();
    Ops tf = Ops.create(graph);
    Operand<TFloat32> lookedUp = graph.operation(gather).<TFloat32>output(0);
    String[] name = output.split(":");
    Operand<TFloat32> answer =
        graph.operation(name[0]).output(name.length > 1 ? Integer.parseInt(name[1]) : 0);
    this.target = tf.placeholder(TFloat32.class);
    Operand<TFloat32> squares = tf.math.squaredDifference(answer, target);
    this.modelLoss = tf.math.mean(tf.reshape(squares, tf.array(-1)), tf.constant(0));
    try {
      this.rowsGradient = tf.gradients(modelLoss, List.of(lookedUp)).dy(0);
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new IOException(
          "%s cannot be retrained: TensorFlow Java has no gradient for the path from the lookup to %s: %s"
              .formatted(
                  site.name(),
                  output,
                  String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
          e);
    }
  }

  /** The signature with strings as its only input and a float output. */
  private static SignatureDef signature(MetaGraphDef meta) throws IOException {
    Optional<SignatureDef> found =
        meta.getSignatureDefMap().values().stream()
            .filter(
                s ->
                    s.getInputsCount() == 1
                        && s.getInputsMap().values().iterator().next().getDtype()
                            == DataType.DT_STRING
                        && s.getOutputsMap().values().stream()
                            .map(TensorInfo::getDtype)
                            .anyMatch(DataType.DT_FLOAT::equals))
            .findFirst();
    return found.orElseThrow(
        () ->
            new IOException(
                "cannot retrain: expected a signature whose only input is texts and that has a float output, found "
                    + meta.getSignatureDefMap().keySet()));
  }

  /** The trained factors with the smallest difference on a held-out tenth of the texts. */
  static LowRank train(
      SavedModelBundle bundle, MetaGraphDef meta, EmbeddingSite site, LowRank factors, Plan plan)
      throws IOException {
    TrainingConfig config =
        new TrainingConfig(
            Optimizer.adam(),
            Schedule.oneCycle(RATE, plan.steps(), 0.3),
            plan.steps(),
            BATCH,
            (int) Math.max(1, plan.steps() / EVALUATIONS),
            0,
            plan.seed());
    Distillation distillation = new Distillation(bundle, meta, site, factors, plan);
    return Loop.run(distillation, config, plan.listener(), Optional.empty()).best();
  }

  @Override
  public void build(Ops tf, Variables variables, Operand<TInt64> step) {
    this.variables = variables;
    factors = initial.layer(tf, variables, "factors");
    rowNumbers = tf.placeholder(TInt32.class);
    rows = factors.rows(tf, rowNumbers);
    gradient = tf.placeholder(TFloat32.class);
    modelLossFed = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    shown = tf.identity(modelLossFed); // what is fed cannot be fetched
    // Its gradient by the factors is that of the model's loss, if `gradient` is that by the rows.
    loss =
        tf.reduceSum(
            tf.math.mul(tf.reshape(rows, tf.array(-1)), tf.reshape(gradient, tf.array(-1))),
            tf.constant(0));
  }

  @Override
  public Operand<TFloat32> loss() {
    return loss;
  }

  @Override
  public Operand<TFloat32> shownLoss() {
    return shown;
  }

  @Override
  public List<Variable> tables() {
    return factors.tables();
  }

  @Override
  public List<Parameter> parameters() {
    return factors.parameters();
  }

  @Override
  public void initialize(Variables.Assignment assignment) {
    factors.initialize(assignment);
  }

  @Override
  public Batch batch(Session session, long step) {
    Random random = new Random(seed * 1_000_003L + step);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      texts.add(train.get(random.nextInt(train.size())));
    }
    try (TString text = strings(texts);
        Result asked = bundle.session().runner().feed(input, text).fetch(ids).fetch(output).run();
        TInt32 looked = numbers(asked.get(0));
        Result low = session.runner().feed(rowNumbers, looked).fetch(rows).run();
        Result back =
            bundle
                .session()
                .runner()
                .feed(input, text)
                .feed(gather, low.get(0))
                .feed(target, asked.get(1))
                .fetch(rowsGradient)
                .fetch(modelLoss)
                .run()) {
      Map<Operand<?>, Tensor> feeds = new LinkedHashMap<>();
      feeds.put(rowNumbers, numbers(asked.get(0)));
      feeds.put(
          gradient, TFloat32.tensorOf(back.get(0).shape(), DataBuffers.of(floats(back.get(0)))));
      feeds.put(modelLossFed, TFloat32.scalarOf(((TFloat32) back.get(1)).getFloat()));
      return new Batch(feeds, BATCH);
    }
  }

  @Override
  public Metric metric() {
    return DIFFERENCE;
  }

  /** Frobenius norm of the difference of the outputs, divided by that of the outputs. */
  @Override
  public Map<String, Double> evaluate(Session session) {
    double squares = 0;
    double all = 0;
    for (int i = 0; i < dev.size(); i += BATCH) {
      try (TString text = strings(dev.subList(i, Math.min(dev.size(), i + BATCH)));
          Result asked =
              bundle.session().runner().feed(input, text).fetch(ids).fetch(output).run();
          TInt32 looked = numbers(asked.get(0));
          Result low = session.runner().feed(rowNumbers, looked).fetch(rows).run();
          Result changed =
              bundle
                  .session()
                  .runner()
                  .feed(input, text)
                  .feed(gather, low.get(0))
                  .fetch(output)
                  .run()) {
        float[] was = floats(asked.get(1));
        float[] is = floats(changed.get(0));
        for (int j = 0; j < was.length; j++) {
          squares += (was[j] - (double) is[j]) * (was[j] - (double) is[j]);
          all += (double) was[j] * was[j];
        }
      }
    }
    return Map.of(DIFFERENCE.name(), Math.sqrt(squares / all));
  }

  @Override
  public LowRank read(Session session) {
    List<Variable> trained = new ArrayList<>(factors.tables());
    factors.parameters().forEach(p -> trained.add(p.variable()));
    return (LowRank) factors.with(variables.floats(session, trained));
  }

  @Override
  public Class<LowRank> type() {
    return LowRank.class;
  }

  private static TInt32 numbers(Tensor found) {
    int[] values = new int[Math.toIntExact(found.size())];
    if (found.dataType() == DataType.DT_INT64) {
      long[] longs = new long[values.length];
      ((TInt64) found).copyTo(DataBuffers.of(longs));
      Arrays.setAll(values, i -> (int) longs[i]);
    } else {
      ((TInt32) found).copyTo(DataBuffers.of(values));
    }
    return TInt32.tensorOf(found.shape(), DataBuffers.of(values));
  }

  private static TString strings(List<String> texts) {
    return TString.tensorOf(
        StandardCharsets.UTF_8, NdArrays.vectorOfObjects(texts.toArray(new String[0])));
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.size())];
    ((TFloat32) tensor).copyTo(DataBuffers.of(values));
    return values;
  }
}
