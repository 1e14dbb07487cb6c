package io.github.lowrank.foreign;

import com.google.protobuf.TextFormat;
import io.github.lowrank.linalg.Matrix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/** SavedModels as others make them, built on the spot. */
final class ForeignModels {
  static final int ROWS = 60;
  static final int COLUMNS = 12;

  private ForeignModels() {}

  /** A table of rank 3 and a little noise. */
  static Matrix table() {
    java.util.Random random = new java.util.Random(5);
    Matrix a = Matrix.uniform(ROWS, 3, 1, random);
    Matrix b = Matrix.uniform(3, COLUMNS, 1, random);
    Matrix noise = Matrix.uniform(ROWS, COLUMNS, 0.01, random);
    float[] values = a.times(b).values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] += noise.values()[i];
    }
    return new Matrix(ROWS, COLUMNS, values);
  }

  private static float[][] rows(Matrix m) {
    float[][] rows = new float[m.rows()][m.columns()];
    for (int i = 0; i < m.rows(); i++) {
      System.arraycopy(m.values(), i * m.columns(), rows[i], 0, m.columns());
    }
    return rows;
  }

  /**
   * TensorFlow 1: reference variables, {@code GatherV2} of int64 ids, an initializer in the graph,
   * and, if {@code tied}, scores by the transposed table.
   */
  static Path tensorFlow1(Path directory, boolean tied) throws IOException {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Variable<TFloat32> table =
          tf.withName("word_embeddings").variable(Shape.of(ROWS, COLUMNS), TFloat32.class);
      Variable<TFloat32> weight =
          tf.withName("weight").variable(Shape.of(COLUMNS, 3), TFloat32.class);
      var initial = tf.assign(table, tf.constant(rows(table())));
      var initialWeight =
          tf.assign(
              weight, tf.constant(rows(Matrix.uniform(COLUMNS, 3, 1, new java.util.Random(6)))));
      Placeholder<TInt64> ids =
          tf.withName("ids").placeholder(TInt64.class, Placeholder.shape(Shape.of(-1, -1)));
      Operand<TFloat32> rows = tf.gather(tf.identity(table), ids, tf.constant(0));
      Operand<TFloat32> mean = tf.math.mean(rows, tf.constant(1));
      Operand<TFloat32> scores =
          tied
              ? tf.linalg.matMul(mean, table, MatMul.transposeB(true))
              : tf.linalg.matMul(mean, weight);
      try (Session session = new Session(graph)) {
        session.runner().addTarget(initial).addTarget(initialWeight).run().close();
        SavedModelBundle.exporter(directory.toString())
            .withTags("serve")
            .withSession(session)
            .withSignature(
                Signature.builder()
                    .key("serving_default")
                    .input("ids", ids)
                    .output("scores", scores)
                    .build())
            .export();
      }
    }
    return directory;
  }

  /**
   * Keras: a resource variable handed to functions, which look up, save and restore; written as a
   * protocol buffer, for TensorFlow Java cannot make functions of resources.
   */
  static Path keras(Path directory) throws IOException {
    GraphDef.Builder graph = GraphDef.newBuilder();
    TextFormat.merge(KERAS, graph);
    MetaGraphDef.Builder meta =
        MetaGraphDef.newBuilder()
            .setMetaInfoDef(MetaGraphDef.MetaInfoDef.newBuilder().addTags("serve"))
            .setGraphDef(graph)
            .setSaverDef(
                SaverDef.newBuilder()
                    .setFilenameTensorName("saver_filename:0")
                    .setSaveTensorName("saver_filename:0")
                    .setRestoreOpName("StatefulPartitionedCall_1")
                    .setVersion(SaverDef.CheckpointFormatVersion.V2));
    TextFormat.merge(
        """
        signature_def { key: "serving_default" value {
          inputs { key: "ids" value { name: "serving_default_ids:0" dtype: DT_INT32
            tensor_shape { dim { size: -1 } dim { size: -1 } } } }
          outputs { key: "mean" value { name: "StatefulPartitionedCall:0" dtype: DT_FLOAT
            tensor_shape { dim { size: -1 } dim { size: 12 } } } }
          method_name: "tensorflow/serving/predict" } }
        object_graph_def { nodes { variable { dtype: DT_FLOAT name: "embedding/embeddings"
          shape { dim { size: 60 } dim { size: 12 } } } } }
        """,
        meta);
    Files.createDirectories(directory.resolve("variables"));
    try (Graph g = new Graph()) {
      Ops tf = Ops.create(g);
      var save =
          tf.train.save(
              tf.constant(directory.resolve("variables").resolve("variables").toString()),
              tf.array("layer/embeddings/.ATTRIBUTES/VARIABLE_VALUE"),
              tf.array(""),
              List.of(tf.constant(rows(table()))));
      try (Session session = new Session(g)) {
        session.runner().addTarget(save).run().close();
      }
    }
    Files.write(
        directory.resolve("saved_model.pb"),
        SavedModel.newBuilder()
            .setSavedModelSchemaVersion(1)
            .addMetaGraphs(meta)
            .build()
            .toByteArray());
    Files.createDirectories(directory.resolve("assets"));
    Files.writeString(directory.resolve("assets").resolve("words.txt"), "a\nb\n");
    Files.writeString(directory.resolve("keras_metadata.pb"), "kept");
    return directory;
  }

  static float[][] run(Path model, String input, String output, Object ids) {
    try (SavedModelBundle bundle = SavedModelBundle.load(model.toString(), "serve");
        var tensor =
            ids instanceof long[][] l
                ? (org.tensorflow.Tensor) TInt64.tensorOf(StdArrays.ndCopyOf(l))
                : org.tensorflow.types.TInt32.tensorOf(StdArrays.ndCopyOf((int[][]) ids));
        var result =
            bundle
                .session()
                .runner()
                .feed(info(bundle, input, true), tensor)
                .fetch(info(bundle, output, false))
                .run()) {
      return StdArrays.array2dCopyOf((TFloat32) result.get(0));
    }
  }

  private static String info(SavedModelBundle bundle, String name, boolean input) {
    var signature = bundle.metaGraphDef().getSignatureDefOrThrow("serving_default");
    return (input ? signature.getInputsOrThrow(name) : signature.getOutputsOrThrow(name)).getName();
  }

  private static final String KERAS =
      """
      node { name: "embedding/embeddings" op: "VarHandleOp"
        attr { key: "dtype" value { type: DT_FLOAT } }
        attr { key: "shape" value { shape { dim { size: 60 } dim { size: 12 } } } }
        attr { key: "shared_name" value { s: "embedding/embeddings" } }
        attr { key: "container" value { s: "" } } }
      node { name: "serving_default_ids" op: "Placeholder"
        attr { key: "dtype" value { type: DT_INT32 } }
        attr { key: "_output_shapes" value { list { shape { dim { size: -1 } dim { size: -1 } } } } }
        attr { key: "shape" value { shape { dim { size: -1 } dim { size: -1 } } } } }
      node { name: "StatefulPartitionedCall" op: "StatefulPartitionedCall"
        input: "serving_default_ids" input: "embedding/embeddings"
        attr { key: "Tin" value { list { type: DT_INT32 type: DT_RESOURCE } } }
        attr { key: "Tout" value { list { type: DT_FLOAT } } }
        attr { key: "f" value { func { name: "__inference_signature_wrapper" } } } }
      node { name: "saver_filename" op: "Placeholder"
        attr { key: "dtype" value { type: DT_STRING } }
        attr { key: "shape" value { shape { } } } }
      node { name: "StatefulPartitionedCall_1" op: "StatefulPartitionedCall"
        input: "saver_filename" input: "embedding/embeddings"
        attr { key: "Tin" value { list { type: DT_STRING type: DT_RESOURCE } } }
        attr { key: "Tout" value { list { type: DT_STRING } } }
        attr { key: "f" value { func { name: "__inference__traced_restore" } } } }
      versions { producer: 1882 min_consumer: 12 }
      library {
        function { signature { name: "__inference_signature_wrapper" is_stateful: true
            input_arg { name: "ids" type: DT_INT32 }
            input_arg { name: "unknown" type: DT_RESOURCE }
            output_arg { name: "identity" type: DT_FLOAT } }
          node_def { name: "StatefulPartitionedCall" op: "StatefulPartitionedCall"
            input: "ids" input: "unknown"
            attr { key: "Tin" value { list { type: DT_INT32 type: DT_RESOURCE } } }
            attr { key: "Tout" value { list { type: DT_FLOAT } } }
            attr { key: "f" value { func { name: "__inference_model" } } } }
          node_def { name: "Identity" op: "Identity" input: "StatefulPartitionedCall:output:0"
            attr { key: "T" value { type: DT_FLOAT } } }
          ret { key: "identity" value: "Identity:output:0" } }
        function { signature { name: "__inference_model" is_stateful: true
            input_arg { name: "inputs" type: DT_INT32 }
            input_arg { name: "embedding_lookup_3" type: DT_RESOURCE }
            output_arg { name: "mean" type: DT_FLOAT } }
          node_def { name: "embedding_lookup" op: "ResourceGather"
            input: "embedding_lookup_3" input: "inputs"
            attr { key: "Tindices" value { type: DT_INT32 } }
            attr { key: "batch_dims" value { i: 0 } }
            attr { key: "dtype" value { type: DT_FLOAT } }
            attr { key: "_output_shapes" value { list { shape { dim { size: -1 } dim { size: -1 } dim { size: 12 } } } } }
            attr { key: "validate_indices" value { b: true } } }
          node_def { name: "axis" op: "Const"
            attr { key: "dtype" value { type: DT_INT32 } }
            attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 1 } } } }
          node_def { name: "Mean" op: "Mean" input: "embedding_lookup:output:0" input: "axis:output:0"
            attr { key: "T" value { type: DT_FLOAT } }
            attr { key: "Tidx" value { type: DT_INT32 } }
            attr { key: "keep_dims" value { b: false } } }
          ret { key: "mean" value: "Mean:output:0" } }
        function { signature { name: "__inference__traced_restore" is_stateful: true
            input_arg { name: "file_prefix" type: DT_STRING }
            input_arg { name: "assignvariableop" type: DT_RESOURCE }
            output_arg { name: "identity" type: DT_STRING } }
          node_def { name: "names" op: "Const"
            attr { key: "dtype" value { type: DT_STRING } }
            attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape { dim { size: 1 } }
              string_val: "layer/embeddings/.ATTRIBUTES/VARIABLE_VALUE" } } } }
          node_def { name: "slices" op: "Const"
            attr { key: "dtype" value { type: DT_STRING } }
            attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape { dim { size: 1 } }
              string_val: "" } } } }
          node_def { name: "RestoreV2" op: "RestoreV2"
            input: "file_prefix" input: "names:output:0" input: "slices:output:0"
            attr { key: "dtypes" value { list { type: DT_FLOAT } } } }
          node_def { name: "Identity" op: "Identity" input: "RestoreV2:tensors:0"
            attr { key: "T" value { type: DT_FLOAT } } }
          node_def { name: "AssignVariableOp" op: "AssignVariableOp"
            input: "assignvariableop" input: "Identity:output:0"
            attr { key: "dtype" value { type: DT_FLOAT } } }
          node_def { name: "Done" op: "Identity" input: "file_prefix" input: "^AssignVariableOp"
            attr { key: "T" value { type: DT_STRING } } }
          ret { key: "identity" value: "Done:output:0" } } }
      """;
}
