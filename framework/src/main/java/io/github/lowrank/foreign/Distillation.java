package io.github.lowrank.foreign;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.LowRankEmbedding;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.op.SparseRows;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.train.Evaluation;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
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
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
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
 * Trains the factors of a table inside a model that somebody else made: on given texts, its outputs
 * shall be those that it had with the whole table. Needs no labels. The model itself is not
 * changed; only both factors learn, by Adam.
 *
 * <p>A step asks the model for its outputs and for the row numbers that it looks up; puts {@code
 * Gather(W_a, ids) W_b} in the place of the looked-up rows; and takes the gradient of the mean
 * squared difference by those rows back to the factors.
 */
final class Distillation {
  private static final int BATCH = 32;
  private static final int LOOKS = 10;
  private static final double RATE = 1e-3;
  private static final int MOST_DEV = 1000;

  /**
   * What is trained on.
   *
   * @param texts for the model's only input
   * @param steps of {@value #BATCH} texts
   * @param seed of the order of the texts
   * @param listener is shown the difference on dev as 1 - relative difference
   */
  record Plan(List<String> texts, long steps, long seed, TrainingListener listener) {}

  private final SavedModelBundle bundle;
  private final EmbeddingTable.LowRank initial;
  private final Plan plan;
  private final String input;
  private final String output;
  private final String ids;
  private final boolean longIds;
  private final String gather;
  private final Operand<TFloat32> rowsGradient;
  private final Operand<TFloat32> loss;
  private final Placeholder<TFloat32> target;

  private Distillation(
      SavedModelBundle bundle,
      MetaGraphDef meta,
      EmbeddingSite site,
      EmbeddingTable.LowRank factors,
      Plan plan)
      throws IOException {
    this.bundle = bundle;
    this.initial = factors;
    this.plan = plan;
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
    this.longIds =
        site.gathers().get(0).node().getAttrOrThrow("Tindices").getType() == DataType.DT_INT64;
    Graph graph = bundle.graph();
    Ops tf = Ops.create(graph);
    Operand<TFloat32> rows = graph.operation(gather).<TFloat32>output(0);
    String[] name = output.split(":");
    Operand<TFloat32> answer =
        graph.operation(name[0]).output(name.length > 1 ? Integer.parseInt(name[1]) : 0);
    this.target = tf.placeholder(TFloat32.class);
    Operand<TFloat32> squares = tf.math.squaredDifference(answer, target);
    this.loss = tf.math.mean(tf.reshape(squares, tf.array(-1)), tf.constant(0));
    try {
      Gradients gradients = tf.gradients(loss, List.of(rows));
      this.rowsGradient = gradients.dy(0);
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new IOException(
          "%s cannot be retrained: TensorFlow Java has no gradient of the way from the lookup to %s: %s"
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

  /** The trained factors: those that came closest on a tenth of the texts. */
  static EmbeddingTable.LowRank train(
      SavedModelBundle bundle,
      MetaGraphDef meta,
      EmbeddingSite site,
      EmbeddingTable.LowRank factors,
      Plan plan)
      throws IOException {
    return new Distillation(bundle, meta, site, factors, plan).run();
  }

  private EmbeddingTable.LowRank run() throws IOException {
    List<String> shuffled = new ArrayList<>(plan.texts());
    Random random = new Random(plan.seed());
    Collections.shuffle(shuffled, random);
    int held = Math.min(MOST_DEV, shuffled.size() / 10);
    if (held == 0) {
      throw new IOException(
          "cannot retrain on %d texts: expected at least 10".formatted(shuffled.size()));
    }
    List<String> dev = shuffled.subList(0, held);
    List<String> train = shuffled.subList(held, shuffled.size());
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variables variables = new Variables(tf);
      Matrix a = initial.wa().toMatrix();
      Variable wa = variables.create("wa", Shape.of(a.rows(), a.columns()), TFloat32.class);
      Variable wb =
          variables.create(
              "wb", Shape.of(initial.wb().rows(), initial.wb().columns()), TFloat32.class);
      Variable globalStep = variables.create("global_step", Shape.scalar(), TInt64.class);
      Operand<TInt64> step = tf.readVariableOp(globalStep.handle(), TInt64.class);
      Placeholder<TInt32> rowNumbers = tf.placeholder(TInt32.class);
      Operand<TFloat32> wbValue = wb.read(tf);
      Operand<TFloat32> rows = LowRankEmbedding.lookup(tf, wa, wbValue, rowNumbers);
      Placeholder<TFloat32> gradient = tf.placeholder(TFloat32.class);
      Operand<TFloat32> product =
          tf.math.mul(tf.reshape(rows, tf.array(-1)), tf.reshape(gradient, tf.array(-1)));
      Gradients by =
          tf.gradients(tf.reduceSum(product, tf.constant(0)), List.of(wa.handle(), wbValue));
      Operand<TFloat32> rate = Schedule.oneCycle(RATE, plan.steps(), 0.3).build(tf, step);
      Ops after = tf.withControlDependencies(List.<Op>of(by.dy(0), by.dy(1), rate));
      Optimizer adam = Optimizer.adam();
      List<Op> updates =
          List.of(
              adam.sparse(after, variables, wa, SparseRows.of(by.dy(0)), rate, step),
              adam.dense(after, variables, wb, by.<TFloat32>dy(1), rate, step));
      Op update =
          tf.withControlDependencies(updates)
              .assignAddVariableOp(globalStep.handle(), tf.constant(1L));
      try (Session session = Sessions.open(graph)) {
        try (Variables.Assignment first = variables.assignment(session)) {
          first
              .slots()
              .set(wa, a.values())
              .set(wb, initial.wb().values())
              .set(globalStep, 0L)
              .run();
        }
        EmbeddingTable.LowRank best = initial;
        double closest = difference(session, rowNumbers, rows, dev);
        plan.listener().started(0, plan.steps());
        plan.listener().evaluated(new Evaluation(0, Double.NaN, 0, 1 - closest), true);
        long look = Math.max(1, plan.steps() / LOOKS);
        for (long s = 0; s < plan.steps(); s++) {
          List<String> batch = new ArrayList<>();
          for (int i = 0; i < BATCH; i++) {
            batch.add(train.get(random.nextInt(train.size())));
          }
          float batchLoss = step(session, rowNumbers, rows, gradient, update, batch);
          plan.listener().stepped(s + 1, batchLoss, (float) RATE, BATCH);
          if ((s + 1) % look == 0 || s + 1 == plan.steps()) {
            double now = difference(session, rowNumbers, rows, dev);
            boolean better = now < closest;
            if (better) {
              closest = now;
              best =
                  new EmbeddingTable.LowRank(
                      new EmbeddingTable.Dense(
                          new Matrix(a.rows(), a.columns(), variables.floats(session, wa))),
                      new Matrix(
                          initial.wb().rows(),
                          initial.wb().columns(),
                          variables.floats(session, wb)));
            }
            plan.listener().evaluated(new Evaluation(s + 1, batchLoss, RATE, 1 - now), better);
          }
        }
        plan.listener().finished();
        return best;
      }
    }
  }

  private float step(
      Session factors,
      Placeholder<TInt32> rowNumbers,
      Operand<TFloat32> rows,
      Placeholder<TFloat32> gradient,
      Op update,
      List<String> texts) {
    try (TString text = strings(texts);
        Result asked = bundle.session().runner().feed(input, text).fetch(ids).fetch(output).run();
        TInt32 looked = numbers(asked.get(0));
        Result low = factors.runner().feed(rowNumbers, looked).fetch(rows).run();
        Result back =
            bundle
                .session()
                .runner()
                .feed(input, text)
                .feed(gather, low.get(0))
                .feed(target, asked.get(1))
                .fetch(rowsGradient)
                .fetch(loss)
                .run()) {
      factors
          .runner()
          .feed(rowNumbers, looked)
          .feed(gradient, back.get(0))
          .addTarget(update)
          .run()
          .close();
      return ((TFloat32) back.get(1)).getFloat();
    }
  }

  /** Frobenius norm of the difference of the outputs over that of the outputs. */
  private double difference(
      Session factors, Placeholder<TInt32> rowNumbers, Operand<TFloat32> rows, List<String> texts) {
    double squares = 0;
    double all = 0;
    for (int i = 0; i < texts.size(); i += BATCH) {
      try (TString text = strings(texts.subList(i, Math.min(texts.size(), i + BATCH)));
          Result asked =
              bundle.session().runner().feed(input, text).fetch(ids).fetch(output).run();
          TInt32 looked = numbers(asked.get(0));
          Result low = factors.runner().feed(rowNumbers, looked).fetch(rows).run();
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
    return Math.sqrt(squares / all);
  }

  private TInt32 numbers(Tensor found) {
    int[] values = new int[Math.toIntExact(found.size())];
    if (longIds) {
      long[] longs = new long[values.length];
      ((TInt64) found).copyTo(DataBuffers.of(longs));
      java.util.Arrays.setAll(values, i -> (int) longs[i]);
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
