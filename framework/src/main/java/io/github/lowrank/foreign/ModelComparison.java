package io.github.lowrank.foreign;

import io.github.lowrank.graphdef.SavedModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * Compares the outputs of two SavedModels with the same signatures on the same random inputs: row
 * numbers for integers that are looked up in the table, ones for other integers, words from the
 * model's assets for strings, and normally distributed numbers for floats. Unknown dimensions are 4
 * for the first and 16 for the others.
 */
public final class ModelComparison {
  private static final int BATCH = 4;
  private static final int LENGTH = 16;
  private static final List<String> WORDS =
      List.of("the", "film", "is", "a", "small", "good", "bad", "story", "of", "time");

  private ModelComparison() {}

  /**
   * The difference in one float output.
   *
   * @param signature name of the signature
   * @param output name of the output
   * @param largest absolute difference
   * @param relative Frobenius norm of the difference over that of the first model's output
   * @param note why no comparison was possible; empty otherwise
   */
  public record Difference(
      String signature, String output, double largest, double relative, String note) {}

  /**
   * Compares all signatures.
   *
   * @param rows number of rows of the table: random row numbers are below it
   * @param lookedUp names of the input tensors that lead to a lookup; other integer inputs are ones
   */
  static List<Difference> compare(
      Path first, Path second, int rows, List<String> lookedUp, long seed) throws IOException {
    List<Difference> differences = new ArrayList<>();
    List<String> words = words(first);
    try (SavedModelBundle a = SavedModels.load(first);
        SavedModelBundle b = SavedModels.load(second)) {
      Map<String, SignatureDef> signatures = new TreeMap<>(a.metaGraphDef().getSignatureDefMap());
      signatures.remove("__saved_model_init_op");
      for (Map.Entry<String, SignatureDef> signature : signatures.entrySet()) {
        Map<String, Tensor> inputs = new TreeMap<>();
        try {
          Random random = new Random(seed);
          for (TensorInfo input : signature.getValue().getInputsMap().values()) {
            boolean ids = lookedUp.contains(input.getName());
            inputs.put(input.getName(), random(input, ids ? rows : 0, words, random));
          }
          for (Map.Entry<String, TensorInfo> output :
              new TreeMap<>(signature.getValue().getOutputsMap()).entrySet()) {
            if (output.getValue().getDtype() == DataType.DT_FLOAT) {
              float[] x = run(a.session(), inputs, output.getValue().getName());
              float[] y = run(b.session(), inputs, output.getValue().getName());
              differences.add(difference(signature.getKey(), output.getKey(), x, y));
            }
          }
        } catch (TensorFlowException | UnsupportedOperationException e) {
          differences.add(
              new Difference(
                  signature.getKey(),
                  "",
                  Double.NaN,
                  Double.NaN,
                  String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
        } finally {
          inputs.values().forEach(Tensor::close);
        }
      }
    }
    return differences;
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
      size = Math.toIntExact(size * sizes[i]);
    }
    Shape shape = Shape.of(sizes);
    switch (info.getDtype()) {
      case DT_INT32 -> {
        int[] values = random.ints(size, 0, Math.max(1, rows)).map(v -> rows > 0 ? v : 1).toArray();
        return TInt32.tensorOf(shape, DataBuffers.of(values));
      }
      case DT_INT64 -> {
        long[] values =
            random.longs(size, 0, Math.max(1, rows)).map(v -> rows > 0 ? v : 1).toArray();
        return TInt64.tensorOf(shape, DataBuffers.of(values));
      }
      case DT_FLOAT -> {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
          values[i] = (float) random.nextGaussian();
        }
        return TFloat32.tensorOf(shape, DataBuffers.of(values));
      }
      case DT_STRING -> {
        String[] values = new String[size];
        for (int i = 0; i < size; i++) {
          StringBuilder text = new StringBuilder();
          for (int w = 0; w < LENGTH; w++) {
            text.append(w == 0 ? "" : " ").append(words.get(random.nextInt(words.size())));
          }
          values[i] = text.toString();
        }
        if (sizes.length != 1) {
          throw new UnsupportedOperationException("strings of the shape " + shape);
        }
        return TString.tensorOf(StandardCharsets.UTF_8, NdArrays.vectorOfObjects(values));
      }
      case DT_BOOL -> {
        return TBool.tensorOf(shape);
      }
      default -> throw new UnsupportedOperationException("an input of the type " + info.getDtype());
    }
  }

  private static float[] run(Session session, Map<String, Tensor> inputs, String output) {
    Session.Runner runner = session.runner();
    inputs.forEach(runner::feed);
    try (Result result = runner.fetch(output).run()) {
      TFloat32 tensor = (TFloat32) result.get(0);
      float[] values = new float[Math.toIntExact(tensor.size())];
      tensor.copyTo(DataBuffers.of(values));
      return values;
    }
  }

  private static Difference difference(String signature, String output, float[] x, float[] y) {
    double largest = 0;
    double squares = 0;
    double all = 0;
    for (int i = 0; i < x.length; i++) {
      double d = x[i] - (double) y[i];
      largest = Math.max(largest, Math.abs(d));
      squares += d * d;
      all += (double) x[i] * x[i];
    }
    return new Difference(signature, output, largest, all == 0 ? 0 : Math.sqrt(squares / all), "");
  }
}
