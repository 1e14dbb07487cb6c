package io.github.lowrank.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.lowrank.Eval;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Distance;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Euclidean;
import io.github.lowrank.model.Lorentz;
import io.github.lowrank.model.Prototypes;
import io.github.lowrank.model.Residual;
import io.github.lowrank.model.Sphere;
import io.github.lowrank.predictor.ClassMeans;
import io.github.lowrank.predictor.FormatException;
import io.github.lowrank.predictor.Predictor;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.train.Classification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** Classes that come and go in all three forms of a model. */
class PrototypeModelTest {
  private static final int TEXTS = 60;
  private static final int OLD = 3;
  private static final List<String> LABELS = List.of("a", "b", "c", "d");

  @TempDir Path folder;

  private final Vocabulary vocabulary =
      Vocabulary.of(IntStream.range(0, 40).mapToObj(i -> new String[] {"w" + i, "v" + i}).toList());
  private final int[][] ids = new int[TEXTS][];
  private final int[] labels = new int[TEXTS];
  private final List<String> texts = new ArrayList<>();

  PrototypeModelTest() {
    Random random = new Random(5);
    for (int i = 0; i < TEXTS; i++) {
      ids[i] = random.ints(1 + i % 5, 1, vocabulary.size()).toArray();
      labels[i] = i % LABELS.size();
      texts.add(String.join(" ", IntStream.of(ids[i]).mapToObj(vocabulary.words()::get).toList()));
    }
  }

  static List<Arguments> models() {
    List<Arguments> all = new ArrayList<>();
    for (Distance distance : List.of(new Euclidean(), new Lorentz(), new Sphere())) {
      for (Encoder encoder : List.of(new Residual(5, 0), new Dan(List.of(7), 0))) {
        all.add(Arguments.of(distance, encoder, false));
        all.add(Arguments.of(distance, encoder, true));
      }
    }
    return all;
  }

  private Classifier classifier(
      Distance distance, Encoder encoder, boolean factors, int classes, double farthest) {
    int d = 6;
    Matrix rows = new Matrix(vocabulary.size(), d, Eval.random(d * vocabulary.size(), 3));
    Classifier raw =
        Classifier.initial(
            encoder,
            new Prototypes(distance, 2.5, farthest),
            factors
                ? new LowRank(new Dense(rows), new Matrix(d, d, Eval.random(d * d, 4)))
                : new Dense(rows),
            classes,
            1);
    return Classification.withState(raw, texts().part(i -> labels[i] < classes));
  }

  private EncodedTexts texts() {
    return EncodedTexts.of(ids, labels);
  }

  private List<String> of(int label) {
    return IntStream.range(0, TEXTS).filter(i -> labels[i] == label).mapToObj(texts::get).toList();
  }

  private Path write(Classifier classifier, int classes, String name) throws IOException {
    List<Double> prior = new ArrayList<>();
    for (int c = 0; c < classes; c++) {
      prior.add(1.0 / classes);
    }
    Path model = folder.resolve(name);
    SavedModelWriter.write(
        new TextModel(
            classifier, Tokenizer.WORDS, vocabulary, LABELS.subList(0, classes), prior, 12),
        model);
    return model;
  }

  private static void assertSame(
      List<TextClassifier.Prediction> expected, List<float[]> found, double tolerance) {
    for (int i = 0; i < found.size(); i++) {
      float[] probabilities = expected.get(i).probabilities();
      for (int c = 0; c < probabilities.length; c++) {
        assertThat((double) found.get(i)[c]).isCloseTo(probabilities[c], within(tolerance));
      }
    }
  }

  /** A label that is added later is as one that was there from the start. */
  @ParameterizedTest
  @MethodSource("models")
  void labelsThatComeAreAsIfTheyHadBeenThere(Distance distance, Encoder encoder, boolean factors)
      throws IOException {
    Path whole = write(classifier(distance, encoder, factors, 4, -1), 4, "whole");
    Path saved = write(classifier(distance, encoder, factors, OLD, -1), OLD, "saved");
    Path compact = folder.resolve("model.lrk");
    CompactFile.write(saved, compact, CompactFile.EXACT, false);
    for (Path path : List.of(saved, compact)) {
      try (PrototypeModel model = PrototypeModel.load(path, false)) {
        assertThat(model.classes().labels()).isEqualTo(LABELS.subList(0, OLD));
        model.write(model.classes().add("d", model.points(of(3))), path);
      }
    }
    Predictor predictor = Predictor.load(compact);
    try (TextClassifier before = TextClassifier.load(whole);
        TextClassifier after = TextClassifier.load(saved)) {
      assertThat(after.labels()).isEqualTo(LABELS);
      assertThat(predictor.labels()).isEqualTo(LABELS);
      List<TextClassifier.Prediction> expected = before.predict(texts);
      assertSame(
          expected,
          after.predict(texts).stream().map(TextClassifier.Prediction::probabilities).toList(),
          1e-5);
      assertSame(
          expected,
          texts.stream().map(text -> predictor.predict(text).probabilities()).toList(),
          1e-5);
    }
    assertThat(Predictor.of(predictor.toBytes(), "again").labels()).isEqualTo(LABELS);
  }

  /** Without a new graph: the server is fed with the classes. */
  @ParameterizedTest
  @MethodSource("models")
  void serversAreGivenLabelsAsData(Distance distance, Encoder encoder, boolean factors)
      throws IOException, OrtException {
    Path whole = write(classifier(distance, encoder, factors, 4, -1), 4, "whole");
    Path saved = write(classifier(distance, encoder, factors, OLD, -1), OLD, "saved");
    ClassMeans all;
    try (PrototypeModel model = PrototypeModel.load(whole, false)) {
      all = model.classes();
    }
    float[][] means = all.means().toArray(float[][]::new);
    float[] counts = new float[4];
    for (int c = 0; c < counts.length; c++) {
      counts[c] = all.counts().get(c);
    }
    String[] names = all.labels().toArray(String[]::new);
    try (TextClassifier expected = TextClassifier.load(whole);
        SavedModelBundle bundle = SavedModelBundle.load(saved.toString(), "serve");
        TString text = TString.vectorOf(texts.toArray(new String[0]));
        TString label = TString.vectorOf(names);
        TFloat32 mean = TFloat32.tensorOf(StdArrays.ndCopyOf(means));
        TFloat32 count = TFloat32.tensorOf(NdArrays.vectorOf(counts));
        Result result =
            bundle
                .function(SavedModelWriter.CLASSIFY_WITH)
                .call(
                    Map.of(
                        SavedModelWriter.TEXT,
                        text,
                        SavedModelWriter.LABELS,
                        label,
                        Prototypes.MEANS,
                        mean,
                        Prototypes.COUNTS,
                        count))) {
      float[] flat = new float[TEXTS * 4];
      ((TFloat32) result.get(SavedModelWriter.PROBABILITIES).orElseThrow())
          .copyTo(DataBuffers.of(flat));
      List<float[]> found =
          IntStream.range(0, TEXTS)
              .mapToObj(i -> Arrays.copyOfRange(flat, 4 * i, 4 * i + 4))
              .toList();
      assertSame(expected.predict(texts), found, 1e-5);
      TString answers = (TString) result.get(SavedModelWriter.LABEL).orElseThrow();
      for (int i = 0; i < TEXTS; i++) {
        assertThat(answers.getObject(i)).isEqualTo(expected.predict(texts).get(i).label());
      }
    }

    Path onnx = folder.resolve("model.onnx");
    OnnxFile.write(saved, onnx, OnnxFile.Input.TEXT, false);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (TextClassifier expected = TextClassifier.load(whole);
        OrtSession session = environment.createSession(withoutDefaults(Files.readAllBytes(onnx)));
        OnnxTensor text = OnnxTensor.createTensor(environment, texts.toArray(new String[0]));
        OnnxTensor label = OnnxTensor.createTensor(environment, names);
        OnnxTensor mean = OnnxTensor.createTensor(environment, means);
        OnnxTensor count = OnnxTensor.createTensor(environment, counts);
        OrtSession.Result result =
            session.run(
                Map.of(
                    SavedModelWriter.TEXT,
                    text,
                    SavedModelWriter.LABELS,
                    label,
                    Prototypes.MEANS,
                    mean,
                    Prototypes.COUNTS,
                    count))) {
      float[][] found =
          (float[][]) result.get(SavedModelWriter.PROBABILITIES).orElseThrow().getValue();
      assertSame(expected.predict(texts), List.of(found), 1e-4);
    }
  }

  /**
   * ONNX Runtime's Java interface, unlike those of C and Python, refuses inputs that have a usual
   * value. So it is taken away.
   */
  private static byte[] withoutDefaults(byte[] file) throws IOException {
    ModelProto model = ModelProto.parseFrom(file);
    GraphProto.Builder graph = model.getGraph().toBuilder().clearInitializer();
    List<String> inputs = graph.getInputList().stream().map(ValueInfoProto::getName).toList();
    assertThat(inputs).hasSize(4);
    model.getGraph().getInitializerList().stream()
        .filter(initializer -> !inputs.contains(initializer.getName()))
        .forEach(graph::addInitializer);
    return model.toBuilder().setGraph(graph).build().toByteArray();
  }

  @ParameterizedTest
  @MethodSource("models")
  void farTextsHaveNoLabelInEveryForm(Distance distance, Encoder encoder, boolean factors)
      throws IOException {
    Classifier usual = classifier(distance, encoder, factors, 4, -1);
    double[] nearest = new double[TEXTS];
    float[][] scores = io.github.lowrank.train.Predictor.scores(usual, texts());
    for (int i = 0; i < TEXTS; i++) {
      float[] row = scores[i];
      nearest[i] = IntStream.range(0, 4).mapToDouble(c -> row[c]).max().orElseThrow() / -2.5;
    }
    double[] sorted = nearest.clone();
    Arrays.sort(sorted);
    double limit = (sorted[TEXTS / 2 - 1] + sorted[TEXTS / 2]) / 2;
    Path saved = write(classifier(distance, encoder, factors, 4, limit), 4, "saved");
    Path compact = folder.resolve("model.lrk");
    CompactFile.write(saved, compact, CompactFile.EXACT, false);
    Predictor predictor = Predictor.load(compact);
    assertThat(predictor.rejects()).isTrue();
    try (TextClassifier classifier = TextClassifier.load(saved)) {
      List<TextClassifier.Prediction> found = classifier.predict(texts);
      for (int i = 0; i < TEXTS; i++) {
        assertThat(found.get(i).rejected()).isEqualTo(nearest[i] > limit);
        assertThat(predictor.predict(texts.get(i)).rejected()).isEqualTo(nearest[i] > limit);
        assertThat(predictor.labels(texts.get(i)).isEmpty()).isEqualTo(nearest[i] > limit);
      }
      assertThat(classifier.predict(List.of("nothing known")).get(0).rejected()).isTrue();
      assertThat(predictor.predict("nothing known").rejected()).isTrue();
    }
  }

  /** A million mutated files would take minutes: some thousand, as in the usual build. */
  @Test
  void damagedFilesAreRefused() throws IOException {
    Path saved = write(classifier(new Lorentz(), new Residual(5, 0), false, 4, 3), 4, "saved");
    Path compact = folder.resolve("model.lrk");
    CompactFile.write(saved, compact, CompactFile.EXACT, false);
    byte[] whole = Files.readAllBytes(compact);
    Random random = new Random(9);
    for (int i = 0; i < 5000; i++) {
      byte[] damaged = whole.clone();
      for (int n = random.nextInt(3); n >= 0; n--) {
        damaged[8 + random.nextInt(damaged.length - 12)] = (byte) random.nextInt(256);
      }
      // With a good checksum, so that the readers behind it are met.
      byte[] checked = withChecksum(damaged);
      try {
        Predictor.Prediction answer = Predictor.of(checked, "damaged").predict(texts.get(0));
        assertThat(answer.probabilities()).hasSizeGreaterThan(0);
      } catch (FormatException e) {
        assertThat(e).hasMessageContaining("expected");
      }
    }
  }

  private static byte[] withChecksum(byte[] file) {
    java.util.zip.CRC32 checksum = new java.util.zip.CRC32();
    checksum.update(file, 0, file.length - 4);
    byte[] changed = file.clone();
    for (int i = 0; i < 4; i++) {
      changed[file.length - 4 + i] = (byte) (checksum.getValue() >>> 8 * i);
    }
    return changed;
  }

  @Test
  void otherModelsAreRefused() throws IOException {
    Path saved = write(classifier(new Euclidean(), new Residual(5, 0), false, 2, -1), 2, "saved");
    try (PrototypeModel model = PrototypeModel.load(saved, false)) {
      assertThat(model.points(List.of("nothing known", texts.get(0)))).hasSize(1);
      long before = AtomicFiles.size(saved);
      assertThatThrownBy(() -> model.write(null, saved)).isInstanceOf(NullPointerException.class);
      assertThat(AtomicFiles.size(saved)).isEqualTo(before);
    }
    assertThatThrownBy(() -> PrototypeModel.load(folder.resolve("none"), false))
        .isInstanceOf(IOException.class);
  }
}
