package io.github.lowrank.foreign;

import com.google.protobuf.ByteString;
import io.github.lowrank.graphdef.GraphScope;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** The checkpoint of a SavedModel: what its graph restores, and under which keys. */
final class Checkpoint {
  private final Path model;
  private final SavedModelBundle bundle;
  private final Map<String, GraphScope> scopes;

  /** The checkpoint of a loaded model. */
  Checkpoint(Path model, SavedModelBundle bundle, Map<String, GraphScope> scopes) {
    this.model = model;
    this.bundle = bundle;
    this.scopes = scopes;
  }

  /** The key under which the checkpoint holds the variable. */
  String key(EmbeddingSite site) throws IOException {
    for (EmbeddingSite.Place place : site.assigned()) {
      GraphScope scope = place.scope();
      String value = scope.canonical(place.node().getInput(1));
      NodeDef producer = scope.producer(value);
      while (producer != null && producer.getOp().equals("Identity")) {
        value = scope.canonical(producer.getInput(0));
        producer = scope.producer(value);
      }
      if (producer != null && producer.getOp().equals("RestoreV2")) {
        int index = Integer.parseInt(value.substring(value.lastIndexOf(':') + 1));
        if (!strings(scope, producer, 2).get(index).isEmpty()) {
          throw new IOException(site.name() + " is one part of a partitioned variable");
        }
        return strings(scope, producer, 1).get(index);
      }
    }
    throw new IOException(
        site.name() + ": expected an op that restores it from the checkpoint, found none");
  }

  /** The constant strings at input {@code input} of {@code node}. */
  private List<String> strings(GraphScope scope, NodeDef node, int input) throws IOException {
    NodeDef constant = scope.producer(scope.canonical(node.getInput(input)));
    if (scope.isGraph()) {
      try (Result result = bundle.session().runner().fetch(node.getInput(input)).run()) {
        List<String> strings = new ArrayList<>();
        ((TString) result.get(0)).scalars().forEach(s -> strings.add(s.getObject()));
        return strings;
      } catch (TensorFlowException e) {
        throw new IOException(node.getName() + ": expected constant names of what it restores", e);
      }
    }
    if (constant == null || !constant.getOp().equals("Const")) {
      throw new IOException(node.getName() + ": expected constant names of what it restores");
    }
    TensorProto tensor = constant.getAttrOrThrow("value").getTensor();
    List<String> strings =
        new ArrayList<>(tensor.getStringValList().stream().map(ByteString::toStringUtf8).toList());
    long size =
        tensor.getTensorShape().getDimList().stream()
            .mapToLong(TensorShapeProto.Dim::getSize)
            .reduce(1, (a, b) -> a * b);
    while (strings.size() < size) { // a constant may leave out repetitions of its last entry
      strings.add(strings.isEmpty() ? "" : strings.get(strings.size() - 1));
    }
    return strings;
  }

  /** Everything that the model restores, by its key. */
  Map<String, DataType> entries() throws IOException {
    Map<String, DataType> entries = new LinkedHashMap<>();
    for (GraphScope scope : scopes.values()) {
      for (NodeDef node : scope.nodes()) {
        if (node.getOp().equals("RestoreV2")) {
          List<String> names = strings(scope, node, 1);
          List<DataType> types = node.getAttrOrThrow("dtypes").getList().getTypeList();
          for (int i = 0; i < names.size(); i++) {
            entries.put(names.get(i), types.get(i));
          }
        }
      }
    }
    return entries;
  }

  /** Rewrites the checkpoint with other values under {@code key}. */
  static void copy(
      Path model, Path target, Map<String, DataType> entries, String key, Matrix values)
      throws IOException {
    String[] names = entries.keySet().toArray(new String[0]);
    String[] slices = new String[names.length];
    java.util.Arrays.fill(slices, "");
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TFloat32> replaced = tf.placeholder(TFloat32.class);
      Operation restore =
          tf.scope()
              .opBuilder("RestoreV2", "restore")
              .addInput(
                  tf.constant(model.resolve("variables").resolve("variables").toString())
                      .asOutput())
              .addInput(tf.array(names).asOutput())
              .addInput(tf.array(slices).asOutput())
              .setAttr("dtypes", entries.values().toArray(new DataType[0]))
              .build();
      Output<?>[] all = new Output<?>[names.length];
      for (int i = 0; i < names.length; i++) {
        all[i] = names[i].equals(key) ? replaced.output() : restore.output(i);
      }
      OperationBuilder save =
          tf.scope()
              .opBuilder("SaveV2", "save")
              .addInput(
                  tf.constant(target.resolve("variables").resolve("variables").toString())
                      .asOutput())
              .addInput(tf.array(names).asOutput())
              .addInput(tf.array(slices).asOutput())
              .addInputList(all);
      Operation saving = save.build();
      try (Session session = Sessions.open(graph);
          TFloat32 value =
              TFloat32.tensorOf(
                  Shape.of(values.rows(), values.columns()), DataBuffers.of(values.values()))) {
        session.runner().feed(replaced, value).addTarget(saving).run().close();
      } catch (TensorFlowException e) {
        throw new IOException(
            "%s: cannot read the checkpoint: %s"
                .formatted(model, String.valueOf(e.getMessage()).lines().findFirst().orElse("")),
            e);
      }
    }
  }
}
