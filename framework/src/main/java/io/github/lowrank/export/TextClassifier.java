package io.github.lowrank.export;

import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.model.Prototypes;
import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/**
 * A loaded SavedModel of {@link SavedModelWriter}: raw strings in, labels out. Any number of
 * threads may predict at the same time.
 */
public final class TextClassifier implements AutoCloseable {
  private static final Map<String, DataType> OUTPUTS =
      Map.of(
          SavedModelWriter.PROBABILITIES,
          DataType.DT_FLOAT,
          SavedModelWriter.LABEL,
          DataType.DT_STRING,
          SavedModelWriter.LABELS,
          DataType.DT_STRING);

  private final Path directory;
  private final SavedModelBundle bundle;
  private final SignatureDef signature;
  private final String text;
  private final boolean lines;
  private final List<String> labels;
  private final OptionalDouble threshold;
  private final OptionalDouble farthest;

  /**
   * The answer for one text.
   *
   * @param label the most likely label
   * @param probability its probability
   * @param probabilities probabilities of all classes, in the order of {@link
   *     TextClassifier#labels}
   * @param rejected whether the text is too far from all prototypes to have a label at all
   */
  public record Prediction(
      String label, float probability, float[] probabilities, boolean rejected) {}

  private TextClassifier(Path directory, SavedModelBundle bundle, SignatureDef signature)
      throws IOException {
    this.directory = directory;
    this.bundle = bundle;
    this.signature = signature;
    this.text = signature.getInputsOrThrow(SavedModelWriter.TEXT).getName();
    this.lines =
        bundle.metaGraphDef().getGraphDef().getNodeList().stream()
            .anyMatch(node -> node.getName().equals(SavedModelWriter.LINES));
    this.labels = new ArrayList<>();
    try (Result result = bundle.session().runner().fetch(output(SavedModelWriter.LABELS)).run()) {
      ((TString) result.get(0)).scalars().forEach(label -> labels.add(label.getObject()));
      threshold = number(SavedModelWriter.THRESHOLD);
      farthest = number(SavedModelWriter.FARTHEST);
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      bundle.close();
      throw SavedModels.refused(directory + " does not tell its labels", e);
    }
  }

  /** The value of a constant output; empty if there is none of that name. */
  private OptionalDouble number(String name) {
    if (!is(DataType.DT_FLOAT, signature.getOutputsMap().get(name))) {
      return OptionalDouble.empty();
    }
    try (Result result = bundle.session().runner().fetch(output(name)).run()) {
      return OptionalDouble.of(((TFloat32) result.get(0)).getFloat());
    }
  }

  /**
   * Loads a model.
   *
   * @throws IOException if {@code directory} is not such a SavedModel; the message says what is
   *     missing
   */
  public static TextClassifier load(Path directory) throws IOException {
    return load(directory, false);
  }

  /**
   * Loads a model.
   *
   * @param trusted whether it may run whatever ops it has, see {@link
   *     io.github.lowrank.graphdef.Safety}
   * @throws IOException if {@code directory} is not such a SavedModel; the message says what is
   *     missing
   */
  public static TextClassifier load(Path directory, boolean trusted) throws IOException {
    MetaGraphDef meta = SavedModels.metaGraph(directory);
    SavedModelBundle bundle = SavedModels.load(directory, meta, trusted);
    SignatureDef signature =
        bundle.metaGraphDef().getSignatureDefMap().get(SavedModelWriter.SIGNATURE);
    for (Map.Entry<String, DataType> output : OUTPUTS.entrySet()) {
      String name = output.getKey();
      if (signature == null
          || !is(DataType.DT_STRING, signature.getInputsMap().get(SavedModelWriter.TEXT))
          || !is(output.getValue(), signature.getOutputsMap().get(name))) {
        bundle.close();
        throw new IOException(
            "%s is not a SavedModel of Lowrank: expected the signature %s with input %s and output %s, found the signatures %s"
                .formatted(
                    directory,
                    SavedModelWriter.SIGNATURE,
                    SavedModelWriter.TEXT,
                    name,
                    new TreeSet<>(bundle.metaGraphDef().getSignatureDefMap().keySet())));
      }
    }
    return new TextClassifier(directory, bundle, signature);
  }

  private static boolean is(DataType type, TensorInfo tensor) {
    return tensor != null && tensor.getDtype() == type;
  }

  private String output(String name) {
    return signature.getOutputsOrThrow(name).getName();
  }

  /** All label strings, by class number. */
  public List<String> labels() {
    return List.copyOf(labels);
  }

  /**
   * Probability from which on a label is an answer; empty if each text has exactly one, the most
   * likely.
   */
  public OptionalDouble threshold() {
    return threshold;
  }

  /** Whether texts may be too far from all prototypes to have a label. */
  public boolean rejects() {
    return farthest.isPresent();
  }

  /**
   * The answers for {@code texts}, in their order.
   *
   * @throws UncheckedIOException if the model cannot answer, which happens only to damaged ones
   */
  public List<Prediction> predict(List<String> texts) {
    List<Prediction> predictions = new ArrayList<>(texts.size());
    List<String> wanted = new ArrayList<>(List.of(output(SavedModelWriter.PROBABILITIES)));
    if (rejects()) {
      wanted.add(output(Prototypes.DISTANCE));
    }
    List<List<float[]>> found = rows(texts, wanted);
    for (int i = 0; i < texts.size(); i++) {
      float[] probabilities = found.get(0).get(i);
      if (probabilities.length != labels.size()) {
        throw new UncheckedIOException(
            new IOException(
                "%s is damaged: expected a probability for each of %d labels, found %d"
                    .formatted(directory, labels.size(), probabilities.length)));
      }
      int best = 0;
      for (int c = 1; c < probabilities.length; c++) {
        if (probabilities[c] > probabilities[best]) {
          best = c;
        }
      }
      boolean rejected = rejects() && found.get(1).get(i)[0] > farthest.getAsDouble();
      predictions.add(
          new Prediction(labels.get(best), probabilities[best], probabilities, rejected));
    }
    return predictions;
  }

  /**
   * The encoder's vector of each text.
   *
   * @throws IllegalStateException if the model was written without its signature for them
   */
  public List<float[]> vectors(List<String> texts) {
    // What is no signature's output was not checked for what it would run.
    TensorInfo vector =
        bundle
            .metaGraphDef()
            .getSignatureDefOrDefault(SavedModelWriter.ENCODE, SignatureDef.getDefaultInstance())
            .getOutputsMap()
            .get(SavedModelWriter.VECTOR);
    if (!is(DataType.DT_FLOAT, vector)) {
      throw new IllegalStateException(
          "%s has no signature %s with the output %s"
              .formatted(directory, SavedModelWriter.ENCODE, SavedModelWriter.VECTOR));
    }
    return rows(texts, List.of(vector.getName())).get(0);
  }

  /** The rows of each output. */
  private List<List<float[]>> rows(List<String> texts, List<String> wanted) {
    if (texts.isEmpty()) {
      return wanted.stream().map(name -> List.<float[]>of()).toList();
    }
    boolean inLines = lines && texts.size() > 1;
    // Every tokenizer treats line breaks as white space.
    String[] strings =
        inLines
            ? new String[] {
              texts.stream().map(t -> t.replace('\n', ' ')).collect(Collectors.joining("\n"))
            }
            : texts.toArray(new String[0]);
    try (TString input =
        TString.tensorOf(StandardCharsets.UTF_8, NdArrays.vectorOfObjects(strings))) {
      Session.Runner runner =
          Sessions.caller(bundle.session()).feed(inLines ? SavedModelWriter.LINES : text, input);
      wanted.forEach(runner::fetch);
      try (Result result = runner.run()) {
        List<List<float[]>> all = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
          all.add(rows((TFloat32) result.get(i), texts.size()));
        }
        return all;
      }
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      throw new UncheckedIOException(SavedModels.refused(directory + " cannot answer", e));
    }
  }

  /** Whether each text has a known word, by a model of prototypes. */
  List<Boolean> known(List<String> texts) {
    return rows(texts, List.of(output(Prototypes.DISTANCE))).get(0).stream()
        .map(distance -> distance[0] < SavedModelWriter.UNKNOWN)
        .toList();
  }

  private static List<float[]> rows(TFloat32 found, int count) {
    float[] flat = new float[Math.toIntExact(found.size())];
    found.copyTo(DataBuffers.of(flat));
    int columns = flat.length / count;
    List<float[]> rows = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      rows.add(Arrays.copyOfRange(flat, i * columns, (i + 1) * columns));
    }
    return rows;
  }

  @Override
  public void close() {
    bundle.close();
  }
}
