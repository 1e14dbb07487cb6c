package io.github.lowrank.export;

import io.github.lowrank.graphdef.SavedModels;
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

  /**
   * The answer for one text.
   *
   * @param label the most likely label
   * @param probability its probability
   * @param probabilities probabilities of all classes, in the order of {@link
   *     TextClassifier#labels}
   */
  public record Prediction(String label, float probability, float[] probabilities) {}

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
      threshold =
          is(DataType.DT_FLOAT, signature.getOutputsMap().get(SavedModelWriter.THRESHOLD))
              ? OptionalDouble.of(number(output(SavedModelWriter.THRESHOLD)))
              : OptionalDouble.empty();
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      bundle.close();
      throw SavedModels.refused(directory + " does not tell its labels", e);
    }
  }

  private float number(String output) {
    try (Result result = bundle.session().runner().fetch(output).run()) {
      return ((TFloat32) result.get(0)).getFloat();
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

  /**
   * The answers for {@code texts}, in their order.
   *
   * @throws UncheckedIOException if the model cannot answer, which happens only to damaged ones
   */
  public List<Prediction> predict(List<String> texts) {
    List<Prediction> predictions = new ArrayList<>(texts.size());
    for (float[] probabilities : rows(texts, output(SavedModelWriter.PROBABILITIES))) {
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
      predictions.add(new Prediction(labels.get(best), probabilities[best], probabilities));
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
    return rows(texts, vector.getName());
  }

  private List<float[]> rows(List<String> texts, String wanted) {
    if (texts.isEmpty()) {
      return List.of();
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
            TString.tensorOf(StandardCharsets.UTF_8, NdArrays.vectorOfObjects(strings));
        Result result =
            Sessions.caller(bundle.session())
                .feed(inLines ? SavedModelWriter.LINES : text, input)
                .fetch(wanted)
                .run()) {
      TFloat32 found = (TFloat32) result.get(0);
      float[] flat = new float[Math.toIntExact(found.size())];
      found.copyTo(DataBuffers.of(flat));
      int columns = flat.length / texts.size();
      List<float[]> rows = new ArrayList<>(texts.size());
      for (int i = 0; i < texts.size(); i++) {
        rows.add(Arrays.copyOfRange(flat, i * columns, (i + 1) * columns));
      }
      return rows;
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      throw new UncheckedIOException(SavedModels.refused(directory + " cannot answer", e));
    }
  }

  @Override
  public void close() {
    bundle.close();
  }
}
