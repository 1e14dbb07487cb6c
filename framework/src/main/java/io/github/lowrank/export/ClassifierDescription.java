package io.github.lowrank.export;

import io.github.lowrank.embedding.EmbeddingTable;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.io.NamedArrays;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Head;
import io.github.lowrank.op.Variables;
import io.github.lowrank.text.Tokenizer;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/**
 * What a SavedModel computes, as data, so that it can be written in other forms: a constant of its
 * graph holds it as JSON, in which names of variables and constants stand for their values.
 *
 * @param tokenizer how texts become words
 * @param maxLength number of words read from a text
 * @param ngrams 2 if pairs of neighbouring words have rows, otherwise 1
 * @param prior probabilities of the classes for a text without a known word
 * @param encoder from words to a vector
 * @param head from the vector to scores
 * @param table word vectors, with the linear layer after them if that is folded
 * @param weights weights of encoder and head
 */
record ClassifierDescription(
    Tokenizer tokenizer,
    int maxLength,
    int ngrams,
    List<Double> prior,
    Encoder encoder,
    Head head,
    EmbeddingTable table,
    Map<String, Weight> weights) {
  /** Name of the constant. */
  static final String NODE = "lowrank_classifier";

  /**
   * The description of {@code model}.
   *
   * @param folded its classifier as it is served
   */
  static ClassifierDescription of(TextModel model, Classifier folded) {
    return new ClassifierDescription(
        model.tokenizer(),
        model.maxLength(),
        model.vocabulary().ngrams(),
        model.prior(),
        model.classifier().encoder(),
        model.classifier().head(),
        folded.table(),
        folded.weights());
  }

  /**
   * As JSON; empty if it has numbers that are in no variable, or an encoder or head that is no
   * data. Such a model serves, but nothing else can be made of it.
   */
  Optional<String> json(Variables.Assignment assigned) {
    return NamedArrays.write(this, assigned::nameOf);
  }

  /**
   * The description in a SavedModel.
   *
   * @throws IOException if it has none
   */
  static ClassifierDescription read(java.nio.file.Path model, boolean trusted) throws IOException {
    MetaGraphDef meta = SavedModels.metaGraph(model);
    Map<String, String> reads = new HashMap<>();
    String json = null;
    for (NodeDef node : meta.getGraphDef().getNodeList()) {
      if (node.getOp().equals("ReadVariableOp")) {
        reads.put(node.getInput(0), node.getName());
      } else if (node.getName().equals(NODE) && node.getOp().equals("Const")) {
        json =
            node.getAttrOrThrow("value").getTensor().getStringValList().stream()
                .findFirst()
                .map(s -> s.toStringUtf8())
                .orElse("");
      } else if (node.getOp().equals("Const")) {
        reads.put(node.getName(), node.getName());
      }
    }
    if (json == null) {
      throw new IOException(
          "%s does not describe its classifier: expected a model of this version of Lowrank whose encoder, head and forms are data; train it again"
              .formatted(model));
    }
    try (SavedModelBundle bundle = SavedModels.load(model, meta, trusted)) {
      return NamedArrays.read(
          json,
          model + ", " + NODE,
          ClassifierDescription.class,
          name -> reads.containsKey(name) ? value(bundle, reads.get(name)) : Optional.empty());
    } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
      throw SavedModels.refused(model + " does not tell the values of its variables", e);
    }
  }

  private static Optional<Object> value(SavedModelBundle bundle, String read) {
    try (Result result = bundle.session().runner().fetch(read).run()) {
      TType found = (TType) result.get(0);
      int size = Math.toIntExact(found.size());
      if (found instanceof TFloat32 floats) {
        float[] values = new float[size];
        floats.copyTo(DataBuffers.of(values));
        return Optional.of(values);
      } else if (found instanceof TUint8 bytes) {
        byte[] values = new byte[size];
        bytes.copyTo(DataBuffers.of(values));
        return Optional.of(values);
      }
      return Optional.empty();
    }
  }
}
