package io.github.lowrank.foreign;

import io.github.lowrank.embedding.EmbeddingLayer;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.train.Loop;
import io.github.lowrank.train.Metric;
import io.github.lowrank.train.Objective;
import io.github.lowrank.train.TrainingConfig;
import io.github.lowrank.train.TrainingResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDefOrBuilder;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * Trains the factors of a table inside a model that somebody else made, towards a {@link Goal}: on
 * given texts, its outputs shall be those that it had with the whole table, or give the texts'
 * labels. The model itself is not changed; only both factors learn, by Adam.
 *
 * <p>Lookups in functions and loops are made visible first, see {@link FlatGraph}. A step asks the
 * model for its outputs and for the row numbers that it looks up; puts {@code Gather(W_a, ids) W_b}
 * in the place of the looked-up rows; and takes the gradient of the loss by those rows back to the
 * factors. The factors that came closest on a tenth of the texts are kept.
 *
 * <p>They begin as a factorization in which words count as often as the texts hold them, if that
 * comes closer than one in which all words count alike. Where TensorFlow Java has no gradient, they
 * stay so.
 */
final class Distillation implements Objective<LowRank> {
  private static final int BATCH = 32;
  private static final int EVALUATIONS = 10;
  private static final double RATE = 1e-3;
  private static final int MOST_DEV = 1000;
  private static final int MOST_VARIANTS = 64;
  private static final String DEFAULT_SIGNATURE = "serving_default";
  private static final Set<String> LOOPS =
      Set.of("Enter", "RefEnter", "Exit", "RefExit", "NextIteration", "RefNextIteration");
  private static final String PREFIX = "lowrank_flat";

  private final SavedModelBundle bundle;
  private final EmbeddingSite site;
  private final Map<Part, Integer> starts = new LinkedHashMap<>();
  private final long seed;
  private final List<Example> train;
  private final List<Example> dev;
  private final Goal goal;
  private final boolean column;

  private final String modelInput;
  private final String modelOutput;
  private final ModelGraph model;
  private final String name;
  private boolean direct;
  private final Map<Map<String, Integer>, Looped> partly = new LinkedHashMap<>();
  private final Map<Map<String, Integer>, Variant> variants = new LinkedHashMap<>();

  /**
   * The model's way from texts to its output, for loops that turn so often.
   *
   * @param gradients of {@code loss} by the rows of each lookup
   * @param target what the output shall be
   */
  private record Variant(
      String input,
      String output,
      List<FlatGraph.Lookup> lookups,
      List<Operand<TFloat32>> gradients,
      Operand<TFloat32> loss,
      Placeholder<TFloat32> target) {}

  /** A text with the number of its class, 0 where there are no labels. */
  private record Example(String text, int label) {}

  /** A way whose loops and choices are not all known yet, and what they depend on, by path. */
  private record Looped(String input, Map<String, String> open) {}

  /** A table that cannot be trained, and why. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;

    Refused(String message) {
      super(message);
    }
  }

  private LowRank initial;
  private EmbeddingLayer factors;
  private Placeholder<TInt32> rowNumbers;
  private Operand<TFloat32> rows;
  private Placeholder<TFloat32> gradient;
  private Placeholder<TFloat32> shownValue;
  private Operand<TFloat32> shown;
  private Operand<TFloat32> loss;
  private Variables variables;

  private Distillation(
      SavedModelBundle bundle,
      ModelGraph model,
      EmbeddingSite site,
      CompressionRequest.Retraining plan,
      String name)
      throws IOException {
    this.bundle = bundle;
    this.site = site;
    this.seed = plan.seed();
    int[] classes = Goal.Labels.classes(plan.labels());
    List<Example> shuffled = new ArrayList<>();
    for (int i = 0; i < plan.texts().size(); i++) {
      shuffled.add(new Example(plan.texts().get(i), classes.length == 0 ? 0 : classes[i]));
    }
    Collections.shuffle(shuffled, new Random(seed));
    int held = Math.min(MOST_DEV, shuffled.size() / 10);
    if (held == 0) {
      throw new IOException(
          "cannot retrain on %d texts: expected at least 10".formatted(shuffled.size()));
    }
    this.dev = shuffled.subList(0, held);
    this.train = shuffled.subList(held, shuffled.size());
    int start = 0;
    for (Part part : site.parts()) {
      starts.put(part, start);
      start += part.rows;
      if (part.type != DataType.DT_FLOAT) {
        throw refused("it is of the type " + part.type);
      }
      if (!part.whole.isEmpty()) {
        throw refused("the whole table is used, too");
      }
    }
    SignatureDef signature = signature(model.meta);
    TensorInfo texts = signature.getInputsMap().values().iterator().next();
    this.column = texts.getTensorShape().getDimCount() == 2;
    this.modelInput = texts.getName();
    this.modelOutput =
        signature.getOutputsMap().entrySet().stream()
            .filter(e -> e.getValue().getDtype() == DataType.DT_FLOAT)
            .sorted(Map.Entry.comparingByKey())
            .map(e -> e.getValue().getName())
            .findFirst()
            .orElseThrow();
    this.model = model;
    this.name = name;
    this.direct =
        site.parts().stream()
            .flatMap(p -> p.lookups.stream())
            .allMatch(l -> l.scope().isGraph() && !l.sparse());
    List<Example> sample = sample(0);
    try (TString text = strings(sample)) {
      if (plan.labels().isEmpty()) {
        this.goal = new Goal.Outputs();
      } else {
        try (Result answer =
            bundle.session().runner().feed(modelInput, text).fetch(modelOutput).run()) {
          this.goal = Goal.Labels.of(answer.get(0), sample.size(), plan.labels());
        }
      }
      try {
        variant(turns(text)); // what cannot be retrained is said at once
      } catch (Refused e) {
        if (!direct) {
          throw e;
        }
        direct = false; // a loop or choice may follow the lookup
        try {
          variant(turns(text));
        } catch (Refused notFlat) {
          throw e;
        }
      }
    }
  }

  private Refused refused(String why) {
    return new Refused("%s cannot be retrained: %s".formatted(site.name(), why));
  }

  /** How often each loop turns on some texts, and which branches are taken. */
  private Map<String, Integer> turns(TString text) throws IOException {
    Map<String, Integer> turns = new LinkedHashMap<>();
    Looped looped = direct ? null : looped(turns);
    while (looped != null && !looped.open().isEmpty()) {
      Session.Runner runner = bundle.session().runner();
      looped.open().values().forEach(runner::fetch);
      try (Result found = runner.feed(looped.input(), text).run()) {
        int at = 0;
        for (String path : looped.open().keySet()) {
          Tensor value = found.get(at++);
          turns.put(
              path,
              value instanceof TBool choice
                  ? (choice.getBoolean() ? 1 : 0)
                  : ((TInt32) value).getInt());
        }
      }
      looped = looped(turns); // one loop or choice may stand in another
    }
    turns.put("", 0); // all is known
    return turns;
  }

  private Looped looped(Map<String, Integer> turns) throws IOException {
    Looped looped = partly.get(turns);
    if (looped == null) {
      if (partly.size() == MOST_VARIANTS) {
        throw refused("its loops turn in more than %d ways".formatted(MOST_VARIANTS));
      }
      FlatGraph flat = flatGraph(turns);
      Map<String, String> open = new LinkedHashMap<>();
      if (!flat.loops().isEmpty()) {
        String prefix = "%s_loops%d".formatted(name, partly.size());
        bundle.graph().importGraphDef(flat.graph(), prefix);
        flat.loops().forEach((path, value) -> open.put(path, prefix + "/" + value));
        looped = new Looped(prefix + "/" + flat.input(modelInput), open);
      } else {
        looped = new Looped(modelInput, open);
      }
      partly.put(Map.copyOf(turns), looped);
    }
    return looped;
  }

  private FlatGraph flatGraph(Map<String, Integer> turns) throws IOException {
    try {
      return new FlatGraph(model, List.of(site), modelOutput, turns);
    } catch (IOException e) {
      throw refused(e.getMessage());
    }
  }

  private Variant variant(Map<String, Integer> turns) throws IOException {
    Variant variant = variants.get(turns);
    if (variant == null) {
      if (variants.size() == MOST_VARIANTS) {
        throw refused("its loops turn in more than %d ways".formatted(MOST_VARIANTS));
      }
      variant = direct ? direct() : flat(turns);
      variants.put(turns, variant);
    }
    return variant;
  }

  private Variant direct() throws IOException {
    List<FlatGraph.Lookup> lookups = new ArrayList<>();
    for (Part part : site.parts()) {
      for (Part.Lookup lookup : part.lookups) {
        NodeDef node = lookup.scope().node(lookup.node());
        lookups.add(new FlatGraph.Lookup(part, node.getName(), node.getInput(1)));
      }
    }
    return variant(modelInput, modelOutput, lookups);
  }

  private Variant flat(Map<String, Integer> turns) throws IOException {
    FlatGraph flat = flatGraph(turns);
    String prefix = name + "_" + variants.size();
    bundle.graph().importGraphDef(flat.graph(), prefix);
    List<FlatGraph.Lookup> lookups = new ArrayList<>();
    for (FlatGraph.Lookup l : flat.lookups()) {
      lookups.add(new FlatGraph.Lookup(l.part(), prefix + "/" + l.node(), prefix + "/" + l.ids()));
    }
    return variant(prefix + "/" + flat.input(modelInput), prefix + "/" + flat.output(), lookups);
  }

  private Variant variant(String input, String output, List<FlatGraph.Lookup> lookups)
      throws IOException {
    if (lookups.isEmpty()) {
      throw refused("%s does not need its lookups".formatted(modelOutput));
    }
    Graph graph = bundle.graph();
    Optional<String> loop = loopBetween(graph, lookups, output);
    if (loop.isPresent()) {
      // Asked for its gradient, TensorFlow would end the process.
      throw refused(
          "TensorFlow Java has no gradient of loops of TensorFlow 1 (%s)".formatted(loop.get()));
    }
    Ops tf = Ops.create(graph);
    String[] words = output.split(":");
    Operand<TFloat32> answer =
        graph.operation(words[0]).output(words.length > 1 ? Integer.parseInt(words[1]) : 0);
    Placeholder<TFloat32> target = tf.placeholder(TFloat32.class);
    Operand<TFloat32> loss = goal.loss(tf, answer, target);
    List<Operand<?>> lookedUp = new ArrayList<>();
    for (FlatGraph.Lookup lookup : lookups) {
      lookedUp.add(graph.operation(lookup.node()).<TFloat32>output(0));
    }
    List<Operand<TFloat32>> back = new ArrayList<>();
    try {
      Gradients gradients = tf.gradients(loss, lookedUp);
      for (int i = 0; i < lookedUp.size(); i++) {
        back.add(gradients.dy(i));
      }
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw refused(
          "TensorFlow Java has no gradient of the way from the lookup to %s: %s"
              .formatted(
                  modelOutput, String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
    }
    return new Variant(input, output, lookups, back, loss, target);
  }

  /** An op of a loop of TensorFlow 1 on the way from a lookup to the output. */
  private static Optional<String> loopBetween(
      Graph graph, List<FlatGraph.Lookup> lookups, String output) {
    Set<GraphOperation> leading = new HashSet<>();
    Deque<GraphOperation> open = new ArrayDeque<>();
    open.add(graph.operation(output.replaceFirst(":.*", "")));
    while (!open.isEmpty()) {
      GraphOperation op = open.pop();
      if (leading.add(op)) {
        for (int i = 0; i < op.numInputs(); i++) {
          open.add((GraphOperation) op.input(i).op());
        }
      }
    }
    Set<GraphOperation> seen = new HashSet<>();
    lookups.forEach(lookup -> open.add(graph.operation(lookup.node())));
    while (!open.isEmpty()) {
      GraphOperation op = open.pop();
      if (!leading.contains(op) || !seen.add(op)) {
        continue;
      }
      if (LOOPS.contains(op.type())) {
        return Optional.of(op.name());
      }
      open.addAll(op.consumers());
    }
    return Optional.empty();
  }

  /** A signature with strings as its only input and a float output: the default one, if it is. */
  static SignatureDef signature(MetaGraphDefOrBuilder meta) throws IOException {
    Optional<SignatureDef> found =
        new TreeMap<>(meta.getSignatureDefMap())
            .entrySet().stream()
                .sorted(Comparator.comparing(e -> !e.getKey().equals(DEFAULT_SIGNATURE)))
                .map(Map.Entry::getValue)
                .filter(
                    s ->
                        s.getInputsCount() == 1
                            && ModelComparison.takesTexts(
                                s.getInputsMap().values().iterator().next())
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

  /**
   * The trained factors of all tables, one after the other: those that came closest on a tenth of
   * the texts.
   */
  static List<LowRank> train(
      ModelGraph model,
      Path runnable,
      List<EmbeddingSite> sites,
      List<LowRank> factors,
      List<Matrix> tables,
      CompressionRequest.Retraining plan,
      boolean trusted,
      List<String> notes)
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
    List<LowRank> trained = new ArrayList<>();
    for (int i = 0; i < sites.size(); i++) {
      try (SavedModelBundle bundle =
          SavedModels.load(runnable, SavedModels.metaGraph(runnable), trusted)) {
        try {
          Distillation distillation =
              new Distillation(bundle, model, sites.get(i), plan, PREFIX + i);
          double whole = distillation.score(distillation.goal, rowsOf(tables.get(i)));
          if (whole < distillation.goal.least()) {
            throw new IOException(
                "the labels do not fit the model: it gives only %.1f %% of the held-out texts the class that they have; expected class numbers, or names in the order of its classes"
                    .formatted(100 * whole));
          }
          distillation.initial = distillation.closer(factors.get(i), tables.get(i));
          TrainingResult<LowRank> result =
              Loop.run(distillation, config, plan.listener(), Optional.empty());
          trained.add(result.best());
          notes.add(distillation.note(whole, result));
        } catch (Refused e) {
          double[] counts = WordCounts.of(bundle, model, sites.get(i), plan.texts());
          if (counts.length == 0) {
            throw e;
          }
          trained.add(weighted(tables.get(i), factors.get(i).rank(), counts));
          notes.add(
              e.getMessage()
                  + "; instead its factors were fitted so that a row counts as often as the texts"
                  + " look it up");
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      } catch (TensorFlowException | IllegalArgumentException e) {
        throw new IOException(
            "%s cannot be retrained: %s"
                .formatted(
                    sites.get(i).name(),
                    String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
            e);
      }
    }
    return trained;
  }

  /** What training reached on the held-out texts, beside the whole table. */
  private String note(double whole, TrainingResult<LowRank> result) {
    String name = goal.metric().name();
    return String.format(
        Locale.ROOT,
        "%s: %s on %,d held-out texts %.4f before training, %.4f after, %.4f with the whole table",
        site.name(),
        name,
        dev.size(),
        result.history().get(0).selected(),
        result.metric(),
        whole);
  }

  /** {@code plain}, or factors for which frequent words count more. */
  private LowRank closer(LowRank plain, Matrix table) {
    double[] counts = new double[table.rows()];
    for (int i = 0; i < train.size(); i += BATCH) {
      try (TString text = strings(train.subList(i, Math.min(train.size(), i + BATCH)));
          Asked asked = ask(text)) {
        for (int id : asked.ids()) {
          counts[id]++;
        }
      }
    }
    LowRank other = weighted(table, plain.rank(), counts);
    Goal outputs = new Goal.Outputs();
    return score(outputs, rowsOf(other.toMatrix())) < score(outputs, rowsOf(plain.toMatrix()))
        ? other
        : plain;
  }

  /** Factors with the least error if row {@code i} is looked up {@code counts[i]} times. */
  private static LowRank weighted(Matrix table, int rank, double[] counts) {
    double all = Arrays.stream(counts).sum();
    float[] weighted = table.values().clone();
    int columns = table.columns();
    for (int i = 0; i < weighted.length; i++) {
      weighted[i] *= (float) Math.sqrt(counts[i / columns] / all + 1e-3 / counts.length);
    }
    // Rows of any weight are best given by their projection on the directions that count.
    Matrix directions = TruncatedSvd.of(new Matrix(table.rows(), columns, weighted), rank).v();
    float[] transposed = new float[directions.values().length];
    for (int i = 0; i < directions.rows(); i++) {
      for (int j = 0; j < columns; j++) {
        transposed[j * directions.rows() + i] = directions.get(i, j);
      }
    }
    Matrix wa = table.times(new Matrix(columns, directions.rows(), transposed));
    // Factors of equal scale learn at equal rates.
    double share = Math.sqrt(norm(wa.values()) / norm(directions.values()));
    return LowRank.of(new TruncatedSvd.Factors(scaled(wa, 1 / share), scaled(directions, share)));
  }

  private static double norm(float[] values) {
    double squares = 0;
    for (float value : values) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares);
  }

  private static Matrix scaled(Matrix matrix, double by) {
    float[] values = matrix.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) by;
    }
    return matrix.with(values);
  }

  private static Rows rowsOf(Matrix table) {
    int columns = table.columns();
    return ids -> {
      float[] found = new float[Math.multiplyExact(ids.length, columns)];
      for (int i = 0; i < ids.length; i++) {
        System.arraycopy(table.values(), ids[i] * columns, found, i * columns, columns);
      }
      return found;
    };
  }

  private interface Rows {
    float[] of(int[] ids);
  }

  /** What the model answers and looks up. */
  private record Asked(Variant variant, Result result, int[] ids, List<Shape> shapes)
      implements AutoCloseable {
    Tensor answer() {
      return result.get(result.size() - 1);
    }

    @Override
    public void close() {
      result.close();
    }
  }

  private Asked ask(TString text) {
    Variant variant;
    try {
      variant = variant(turns(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<FlatGraph.Lookup> lookups = variant.lookups();
    Session.Runner runner = bundle.session().runner().feed(variant.input(), text);
    lookups.forEach(l -> runner.fetch(l.ids()));
    Result result = runner.fetch(variant.output()).run();
    List<int[]> found = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    int size = 0;
    for (int i = 0; i < lookups.size(); i++) {
      RowNumbers ids = ids(result.get(i), starts.get(lookups.get(i).part()));
      found.add(ids.numbers());
      boolean nd = gathersNd(lookups.get(i).node());
      Shape shape = result.get(i).shape();
      Shape leading = nd ? shape.take(shape.numDimensions() - 1) : shape;
      shapes.add(leading.append(site.columns()));
      size += ids.numbers().length;
    }
    int[] all = new int[size];
    int at = 0;
    for (int[] some : found) {
      System.arraycopy(some, 0, all, at, some.length);
      at += some.length;
    }
    return new Asked(variant, result, all, shapes);
  }

  private boolean gathersNd(String node) {
    return bundle.graph().operation(node).type().endsWith("GatherNd");
  }

  private record RowNumbers(int[] numbers) {}

  private static RowNumbers ids(Tensor found, int start) {
    int[] values = new int[Math.toIntExact(found.size())];
    if (found.dataType() == DataType.DT_INT64) {
      long[] longs = new long[values.length];
      ((TInt64) found).copyTo(DataBuffers.of(longs));
      Arrays.setAll(values, i -> (int) longs[i]);
    } else {
      ((TInt32) found).copyTo(DataBuffers.of(values));
    }
    Arrays.setAll(values, i -> values[i] + start);
    return new RowNumbers(values);
  }

  /** A run of the model with other rows in the place of those that it looked up. */
  private Session.Runner with(TString text, Asked asked, float[] rows, List<Tensor> fed) {
    List<FlatGraph.Lookup> lookups = asked.variant().lookups();
    Session.Runner runner = bundle.session().runner().feed(asked.variant().input(), text);
    int at = 0;
    for (int i = 0; i < lookups.size(); i++) {
      Shape shape = asked.shapes().get(i);
      int size = Math.toIntExact(shape.size());
      TFloat32 some =
          TFloat32.tensorOf(shape, DataBuffers.of(Arrays.copyOfRange(rows, at, at + size)));
      fed.add(some);
      runner.feed(lookups.get(i).node(), some);
      at += size;
    }
    return runner;
  }

  /** The metric of {@code measured} on dev with other rows in the place of the table's. */
  private double score(Goal measured, Rows rowsOf) {
    Goal.Score score = measured.score();
    for (int i = 0; i < dev.size(); i += BATCH) {
      List<Example> batch = dev.subList(i, Math.min(dev.size(), i + BATCH));
      List<Tensor> fed = new ArrayList<>();
      try (TString text = strings(batch);
          Asked asked = ask(text);
          Result changed =
              with(text, asked, rowsOf.of(asked.ids()), fed)
                  .fetch(asked.variant().output())
                  .run()) {
        score.add(floats(asked.answer()), floats(changed.get(0)), classes(batch));
      } finally {
        fed.forEach(Tensor::close);
      }
    }
    return score.value();
  }

  private static int[] classes(List<Example> examples) {
    return examples.stream().mapToInt(Example::label).toArray();
  }

  @Override
  public void build(Ops tf, Variables variables, Operand<TInt64> step) {
    this.variables = variables;
    factors = initial.layer(tf, variables, "factors");
    rowNumbers = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(1, -1)));
    rows = factors.rows(tf, rowNumbers);
    gradient = tf.placeholder(TFloat32.class);
    shownValue = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
    shown = tf.identity(shownValue); // what is fed cannot be fetched
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

  private List<Example> sample(long step) {
    Random random = new Random(seed * 1_000_003L + step);
    List<Example> texts = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      texts.add(train.get(random.nextInt(train.size())));
    }
    return texts;
  }

  private float[] rows(Session session, int[] ids) {
    try (TInt32 looked = TInt32.tensorOf(Shape.of(1, ids.length), DataBuffers.of(ids));
        Result low = session.runner().feed(rowNumbers, looked).fetch(rows).run()) {
      return floats(low.get(0));
    }
  }

  @Override
  public Batch batch(Session session, long step) {
    List<Tensor> fed = new ArrayList<>();
    List<Example> sample = sample(step);
    try (TString text = strings(sample);
        Asked asked = ask(text)) {
      Session.Runner runner = with(text, asked, rows(session, asked.ids()), fed);
      List<Operand<TFloat32>> gradientsOf = asked.variant().gradients();
      runner.feed(asked.variant().target(), goal.target(asked.answer(), classes(sample), fed));
      gradientsOf.forEach(runner::fetch);
      try (Result back = runner.fetch(asked.variant().loss()).run()) {
        float[] gradients = new float[asked.ids().length * site.columns()];
        int at = 0;
        for (int i = 0; i < gradientsOf.size(); i++) {
          float[] some = floats(back.get(i));
          System.arraycopy(some, 0, gradients, at, some.length);
          at += some.length;
        }
        Map<Operand<?>, Tensor> feeds = new LinkedHashMap<>();
        feeds.put(
            rowNumbers,
            TInt32.tensorOf(Shape.of(1, asked.ids().length), DataBuffers.of(asked.ids())));
        feeds.put(
            gradient, TFloat32.tensorOf(Shape.of(gradients.length), DataBuffers.of(gradients)));
        feeds.put(
            shownValue, TFloat32.scalarOf(((TFloat32) back.get(gradientsOf.size())).getFloat()));
        return new Batch(feeds, BATCH);
      }
    } finally {
      fed.forEach(Tensor::close);
    }
  }

  @Override
  public Metric metric() {
    return goal.metric();
  }

  @Override
  public Map<String, Double> evaluate(Session session) {
    return Map.of(goal.metric().name(), score(goal, ids -> rows(session, ids)));
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

  private TString strings(List<Example> texts) {
    return ModelComparison.strings(
        texts.stream().map(Example::text).toArray(String[]::new), column);
  }

  static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.size())];
    ((TFloat32) tensor).copyTo(DataBuffers.of(values));
    return values;
  }
}
