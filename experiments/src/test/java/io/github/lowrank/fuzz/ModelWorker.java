package io.github.lowrank.fuzz;

import io.github.lowrank.export.FrozenGraph;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.foreign.CompressionRequest;
import io.github.lowrank.foreign.ModelCompressor;
import io.github.lowrank.foreign.ModelInspection;
import io.github.lowrank.graphdef.SavedModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/**
 * Reads, loads, runs and compresses damaged models, in a process of its own: TensorFlow may abort
 * it. Standard output says which input is next and how each ended.
 */
final class ModelWorker {
  /** What a line begins with: before an input, after it, and after one that must be looked at. */
  static final String START = "start ";

  static final String DONE = "done ";
  static final String FAILED = "failed ";

  private final List<Model> models = new ArrayList<>();

  private record Model(Path folder, SavedModel saved, Map<String, List<Object>> values) {}

  /** What became of a model. */
  enum Outcome {
    REFUSED,
    LOADED,
    RUN,
    COMPRESSED
  }

  private ModelWorker(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      for (Path model : all.sorted().toList()) {
        SavedModel saved = SavedModels.parse(model);
        models.add(new Model(model, saved, Mutations.values(saved)));
      }
    }
  }

  /**
   * Tries the inputs with the seeds from {@code args[1]} on, until it is killed.
   *
   * @param args folder of models, each in a folder, which are overwritten; first seed; number of
   *     seeds
   */
  public static void main(String[] args) throws IOException {
    ModelWorker worker = new ModelWorker(Path.of(args[0]));
    long first = Long.parseLong(args[1]);
    for (long seed = first; seed < first + Long.parseLong(args[2]); seed++) {
      System.out.println(START + seed);
      String result;
      try {
        result = DONE + worker.attempt(seed);
      } catch (Throwable e) {
        result = FAILED + Fuzz.describe(e);
      }
      System.out.println(result);
    }
  }

  /** Damages a model by the rule of {@code seed} and uses it. */
  Outcome attempt(long seed) throws IOException {
    Mutations mutations = new Mutations(seed);
    Model model = mutations.one(models);
    Path file = model.folder().resolve(SavedModels.FILE);
    Path damaged = file;
    byte[] was = model.saved().toByteArray();
    byte[] bytes;
    int kind = mutations.below(20);
    if (kind == 0) {
      bytes = mutations.bytes(List.of(was));
    } else if (kind == 1) {
      List<Path> others;
      try (Stream<Path> files = Files.walk(model.folder())) {
        others = files.filter(f -> Files.isRegularFile(f) && !f.equals(file)).sorted().toList();
      }
      damaged = others.isEmpty() ? file : mutations.one(others);
      was = Files.readAllBytes(damaged);
      bytes = mutations.bytes(List.of(was));
    } else {
      bytes = mutations.message(model.saved(), model.values()).toByteArray();
    }
    try {
      Fuzz.put(file, model.saved().toByteArray());
      Fuzz.put(damaged, bytes);
      return use(model.folder(), mutations.below(2) == 0, mutations.below(6));
    } finally {
      Fuzz.put(damaged, was);
    }
  }

  private Outcome use(Path model, boolean trusted, int how) {
    Outcome outcome = Outcome.REFUSED;
    outcome = Fuzz.refuses(model, () -> ModelInspection.of(model)) ? outcome : Outcome.LOADED;
    boolean tables = !Fuzz.refuses(model, () -> ModelCompressor.tables(model, how % 2 == 0));
    Path out = model.resolveSibling("." + model.getFileName() + "-out");
    if (how == 0 && tables) {
      CompressionRequest plain = CompressionRequest.of(0.5);
      CompressionRequest request = trusted ? plain.trusting() : plain;
      try {
        if (!Fuzz.refuses(model, () -> ModelCompressor.compress(model, request, out))) {
          outcome = Outcome.COMPRESSED;
        }
      } finally {
        Fuzz.delete(out);
      }
    }
    if (model.getFileName().toString().startsWith("own")) {
      Fuzz.refuses(
          model,
          () -> {
            try (TextClassifier classifier = TextClassifier.load(model)) {
              classifier.predict(List.of("w1 w2", ""));
            }
          });
      if (how == 1) {
        Fuzz.refuses(model, () -> FrozenGraph.write(model, out));
        Fuzz.delete(out);
      }
    }
    boolean refused =
        Fuzz.refuses(
            model,
            () -> {
              MetaGraphDef meta = SavedModels.metaGraph(model);
              try (SavedModelBundle bundle = SavedModels.load(model, meta, trusted)) {
                for (SignatureDef signature : meta.getSignatureDefMap().values()) {
                  run(bundle.session(), signature);
                }
              }
            });
    return refused || outcome == Outcome.COMPRESSED ? outcome : Outcome.RUN;
  }

  private static NdArray<String> strings(Shape shape) {
    NdArray<String> strings = NdArrays.ofObjects(String.class, shape);
    strings.scalars().forEach(s -> s.setObject("w1 w2"));
    return strings;
  }

  private static void run(Session session, SignatureDef signature) {
    Map<String, Tensor> inputs = new HashMap<>();
    try {
      Session.Runner runner = session.runner();
      for (TensorInfo info : signature.getInputsMap().values()) {
        long[] sizes =
            info.getTensorShape().getDimList().stream()
                .mapToLong(d -> d.getSize() < 0 || d.getSize() > 20 ? 2 : d.getSize())
                .toArray();
        Shape shape = Shape.of(sizes);
        inputs.computeIfAbsent(
            info.getName(),
            name ->
                switch (info.getDtype()) {
                  case DT_INT32 ->
                      TInt32.tensorOf(shape, t -> t.scalars().forEach(s -> s.setInt(1)));
                  case DT_INT64 ->
                      TInt64.tensorOf(shape, t -> t.scalars().forEach(s -> s.setLong(1)));
                  case DT_STRING -> TString.tensorOf(StandardCharsets.UTF_8, strings(shape));
                  default -> TFloat32.tensorOf(shape, t -> t.scalars().forEach(s -> s.setFloat(1)));
                });
      }
      inputs.forEach(runner::feed);
      for (TensorInfo info : signature.getOutputsMap().values()) {
        runner.fetch(info.getName());
      }
      runner.run().close();
    } catch (TensorFlowException | IllegalArgumentException | IndexOutOfBoundsException e) {
      // TensorFlow says no: what the worker asks is its own affair
    } finally {
      inputs.values().forEach(Tensor::close);
    }
  }
}
