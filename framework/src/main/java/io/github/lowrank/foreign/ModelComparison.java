package io.github.lowrank.foreign;

import io.github.lowrank.graphdef.SavedModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;

/**
 * How far two SavedModels of the same signatures are apart: on given texts, or on random inputs:
 * row numbers for inputs whose values are looked up in the table, else ones; words of the model's
 * assets for strings; normal numbers for floats. Open sizes are 4 for the first and 16 for the
 * others.
 */
public final class ModelComparison {
  private static final int BATCH = 4;
  private static final int LENGTH = 16;
  private static final int TEXTS = 64;
  private static final int CALLS = 20;
  private static final int LARGEST = 1 << 24;
  private static final int FEW = 5;
  private static final long MOST_NANOS = 3_000_000_000L;
  private static final Set<DataType> FLOATS =
      Set.of(DataType.DT_FLOAT, DataType.DT_DOUBLE, DataType.DT_HALF, DataType.DT_BFLOAT16);
  private static final double NaN = Double.NaN;
  private static final List<String> WORDS =
      List.of("the", "film", "is", "a", "small", "good", "bad", "story", "of", "time");

  private ModelComparison() {}

  /**
   * The difference in one float output.
   *
   * @param signature name
   * @param output name
   * @param largest absolute difference
   * @param relative Frobenius norm of the difference over that of the first model's output
   * @param agreement fraction of rows whose largest number stands in the same place; NaN for
   *     outputs of one column
   * @param inputs how many there were
   * @param random whether they were random, not the given texts
   * @param microsBefore microseconds per call of the first model, all inputs at once
   * @param microsAfter likewise
   * @param note why nothing could be compared; empty if it could
   */
  public record Difference(
      String signature,
      String output,
      double largest,
      double relative,
      double agreement,
      int inputs,
      boolean random,
      double microsBefore,
      double microsAfter,
      String note) {}

  /**
   * Compares all signatures.
   *
   * @param limits row numbers are below the first of them with which the first model can be run
   * @param lookedUp names of the input tensors that lead to a lookup; the other integers are ones
   * @param texts for signatures whose only input is strings; empty: random words
   * @param trusted whether the models may run whatever ops they hold
   * @throws IOException if the second model does not take what the first takes
   */
  static List<Difference> compare(
      Path first,
      Path second,
      List<Integer> limits,
      List<String> lookedUp,
      List<String> texts,
      boolean trusted)
      throws IOException {
    List<Difference> differences = new ArrayList<>();
    List<String> words = words(first);
    try (SavedModelBundle a = SavedModels.load(first, SavedModels.metaGraph(first), trusted);
        SavedModelBundle b = SavedModels.load(second, SavedModels.metaGraph(second), trusted)) {
      Map<String, SignatureDef> signatures = new TreeMap<>(a.metaGraphDef().getSignatureDefMap());
      signatures.remove("__saved_model_init_op");
      for (Map.Entry<String, SignatureDef> signature : signatures.entrySet()) {
        differences.addAll(
            compare(
                signature,
                limits,
                limit -> batches(signature.getValue(), limit, lookedUp, words, texts),
                !givenTexts(signature.getValue(), texts),
                a.session(),
                b.session()));
      }
    }
    return differences;
  }

  /**
   * With the first limit of row numbers that the first model takes: it may have small tables, too.
   */
  private static List<Difference> compare(
      Map.Entry<String, SignatureDef> signature,
      List<Integer> limits,
      IntFunction<List<Map<String, Tensor>>> batchesBelow,
      boolean random,
      Session before,
      Session after)
      throws IOException {
    String message = "";
    for (int limit : limits) {
      try {
        List<Map<String, Tensor>> batches = batchesBelow.apply(limit);
        try {
          return compare(signature, batches, random, before, after);
        } finally {
          batches.forEach(batch -> batch.values().forEach(Tensor::close));
        }
      } catch (UncheckedIOException e) {
        throw e.getCause();
      } catch (RuntimeException e) { // whatever TensorFlow says about inputs that nobody chose
        message = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      }
    }
    return List.of(
        new Difference(signature.getKey(), "", NaN, NaN, NaN, 0, random, NaN, NaN, message));
  }

  private static boolean givenTexts(SignatureDef signature, List<String> texts) {
    return !texts.isEmpty()
        && signature.getInputsCount() == 1
        && takesTexts(signature.getInputsMap().values().iterator().next());
  }

  private static List<Map<String, Tensor>> batches(
      SignatureDef signature,
      int rows,
      List<String> lookedUp,
      List<String> words,
      List<String> texts) {
    List<Map<String, Tensor>> batches = new ArrayList<>();
    // In order of their names: a map from TensorFlow has another order in each process.
    List<TensorInfo> inputs = List.copyOf(new TreeMap<>(signature.getInputsMap()).values());
    if (givenTexts(signature, texts)) {
      boolean column = inputs.get(0).getTensorShape().getDimCount() == 2;
      for (int i = 0; i < texts.size(); i += TEXTS) {
        String[] some = texts.subList(i, Math.min(texts.size(), i + TEXTS)).toArray(new String[0]);
        batches.add(new TreeMap<>(Map.of(inputs.get(0).getName(), strings(some, column))));
      }
      return batches;
    }
    Map<String, Tensor> batch = new TreeMap<>();
    batches.add(batch);
    Random random = new Random(1);
    for (TensorInfo input : inputs) {
      boolean ids = lookedUp.contains(input.getName());
      batch.put(input.getName(), random(input, ids ? rows : 0, words, random));
    }
    return batches;
  }

  /** Whether an input is a list of texts, or a column of them. */
  static boolean takesTexts(TensorInfo input) {
    List<TensorShapeProto.Dim> dims = input.getTensorShape().getDimList();
    return input.getDtype() == DataType.DT_STRING
        && (dims.size() < 2 || dims.size() == 2 && Math.abs(dims.get(1).getSize()) == 1);
  }

  /** Texts, in a column if asked for. */
  static TString strings(String[] values, boolean column) {
    NdArray<String> array = NdArrays.vectorOfObjects(values);
    if (!column) {
      return TString.tensorOf(StandardCharsets.UTF_8, array);
    }
    NdArray<String> rows = NdArrays.ofObjects(String.class, Shape.of(values.length, 1));
    for (int i = 0; i < values.length; i++) {
      rows.setObject(values[i], i, 0);
    }
    return TString.tensorOf(StandardCharsets.UTF_8, rows);
  }

  private static List<Difference> compare(
      Map.Entry<String, SignatureDef> signature,
      List<Map<String, Tensor>> batches,
      boolean random,
      Session before,
      Session after) {
    List<Difference> differences = new ArrayList<>();
    for (Map.Entry<String, TensorInfo> output :
        new TreeMap<>(signature.getValue().getOutputsMap()).entrySet()) {
      if (!FLOATS.contains(output.getValue().getDtype())) {
        continue;
      }
      Sums sums = new Sums();
      String name = output.getValue().getName();
      for (Map<String, Tensor> batch : batches) {
        Values expected = run(before, batch, name);
        try {
          sums.add(expected, run(after, batch, name));
        } catch (TensorFlowException | IllegalArgumentException e) {
          throw new UncheckedIOException(
              SavedModels.refused(
                  "the compressed model does not run where the original does (%s, output %s)"
                      .formatted(signature.getKey(), output.getKey()),
                  e));
        }
      }
      differences.add(
          new Difference(
              signature.getKey(),
              output.getKey(),
              sums.largest,
              sums.all == 0 ? 0 : Math.sqrt(sums.squares / sums.all),
              sums.rows == 0 ? NaN : (double) sums.same / sums.rows,
              sums.inputs,
              random,
              micros(before, batches.get(0), name),
              micros(after, batches.get(0), name),
              ""));
    }
    return differences;
  }

  /** The fastest quarter's time of a call. */
  private static double micros(Session session, Map<String, Tensor> inputs, String output) {
    List<Double> times = new ArrayList<>();
    for (long spent = 0; times.isEmpty() || times.size() < CALLS && spent < MOST_NANOS; ) {
      long start = System.nanoTime();
      run(session, inputs, output);
      long time = System.nanoTime() - start;
      times.add(time / 1e3);
      spent += time;
    }
    Collections.sort(times);
    return times.get(times.size() / 4);
  }

  private record Values(Shape shape, float[] numbers) {}

  private static Values run(Session session, Map<String, Tensor> inputs, String output) {
    Session.Runner runner = session.runner();
    inputs.forEach(runner::feed);
    try (Result result = runner.fetch(output).run()) {
      Tensor tensor = result.get(0);
      float[] values = new float[Math.toIntExact(tensor.size())];
      if (tensor instanceof TFloat64 doubles) {
        int[] at = {0};
        doubles.scalars().forEach(d -> values[at[0]++] = (float) d.getDouble());
      } else { // half and bfloat16 are read as floats
        ((FloatNdArray) tensor).copyTo(DataBuffers.of(values));
      }
      return new Values(tensor.shape(), values);
    }
  }

  private static final class Sums {
    private double largest;
    private double squares;
    private double all;
    private int rows;
    private int same;
    private int inputs;

    void add(Values before, Values after) {
      float[] x = before.numbers();
      float[] y = after.numbers();
      if (!before.shape().equals(after.shape())) {
        throw new UnsupportedOperationException(
            "an output changed its shape from %s to %s".formatted(before.shape(), after.shape()));
      }
      for (int i = 0; i < x.length; i++) {
        double d = x[i] - (double) y[i];
        largest = Math.max(largest, Double.isNaN(d) ? Double.POSITIVE_INFINITY : Math.abs(d));
        squares += d * d;
        all += (double) x[i] * x[i];
      }
      int dimensions = before.shape().numDimensions();
      inputs += dimensions == 0 ? 1 : (int) before.shape().get(0);
      int columns = dimensions < 2 ? 1 : (int) before.shape().get(dimensions - 1);
      for (int i = 0; columns > 1 && i + columns <= x.length; i += columns) {
        rows++;
        same += largest(x, i, columns) == largest(y, i, columns) ? 1 : 0;
      }
    }

    private static int largest(float[] values, int start, int count) {
      int best = start;
      for (int i = start; i < start + count; i++) {
        best = values[i] > values[best] ? i : best;
      }
      return best - start;
    }
  }

  private static List<String> words(Path model) throws IOException {
    Path assets = model.resolve("assets");
    if (Files.isDirectory(assets)) {
      try (Stream<Path> files = Files.list(assets)) {
        for (Path file : files.filter(f -> f.toString().endsWith(".txt")).sorted().toList()) {
          List<String> lines = new ArrayList<>();
          for (String line :
              new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n")) {
            if (!line.isBlank()) {
              lines.add(line.strip());
            }
          }
          if (!lines.isEmpty()) {
            return lines;
          }
        }
      }
    }
    return WORDS;
  }

  private static Tensor random(TensorInfo info, int rows, List<String> words, Random random) {
    List<TensorShapeProto.Dim> dims = info.getTensorShape().getDimList();
    long[] sizes = new long[dims.size()];
    int size = 1;
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = dims.get(i).getSize() < 0 ? (i == 0 ? BATCH : LENGTH) : dims.get(i).getSize();
      if (sizes[i] > LARGEST || size * sizes[i] > LARGEST) {
        throw new UnsupportedOperationException(
            "an input of more than %,d values".formatted(LARGEST));
      }
      size *= (int) sizes[i];
    }
    Shape shape = Shape.of(sizes);
    switch (info.getDtype()) {
      case DT_INT32 -> {
        int[] values = random.ints(size, 0, Math.max(1, rows)).map(v -> rows > 0 ? v : 1).toArray();
        if (rows <= FEW) {
          Arrays.sort(values); // they may be places in a sparse tensor
        }
        return TInt32.tensorOf(shape, DataBuffers.of(values));
      }
      case DT_INT64 -> {
        long[] values =
            random.longs(size, 0, Math.max(1, rows)).map(v -> rows > 0 ? v : 1).toArray();
        if (rows <= FEW) {
          Arrays.sort(values);
        }
        return TInt64.tensorOf(shape, DataBuffers.of(values));
      }
      case DT_FLOAT -> {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
          values[i] = (float) random.nextGaussian();
        }
        return TFloat32.tensorOf(shape, DataBuffers.of(values));
      }
      case DT_UINT8 -> {
        byte[] values = new byte[size];
        for (int i = 0; i < size; i++) {
          values[i] = (byte) (rows > 0 ? random.nextInt(Math.min(rows, 256)) : 1);
        }
        return TUint8.tensorOf(shape, DataBuffers.of(values));
      }
      case DT_STRING -> {
        boolean texts = sizes.length == 1 || sizes.length == 2 && sizes[1] == 1;
        String[] values = new String[size];
        for (int i = 0; i < size; i++) {
          StringBuilder text = new StringBuilder();
          for (int w = 0; w < (texts ? LENGTH : 1); w++) {
            text.append(w == 0 ? "" : " ").append(words.get(random.nextInt(words.size())));
          }
          values[i] = text.toString();
        }
        NdArray<String> array = NdArrays.ofObjects(String.class, shape);
        int[] at = {0};
        array.scalars().forEach(cell -> cell.setObject(values[at[0]++]));
        return TString.tensorOf(StandardCharsets.UTF_8, array);
      }
      case DT_BOOL -> {
        return TBool.tensorOf(shape);
      }
      default -> throw new UnsupportedOperationException("an input of the type " + info.getDtype());
    }
  }
}
