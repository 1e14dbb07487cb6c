package io.github.lowrank.op;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Output;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.TFJ_GradFuncAdapter;
import org.tensorflow.internal.c_api.global.tensorflow;
import org.tensorflow.op.Ops;
import org.tensorflow.op.RawCustomGradient;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.FunctionDefLibrary;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.VersionDef;

/**
 * TensorFlow functions used as op types.
 *
 * <p>A node whose op type is the name of a function in the graph's library runs in every TensorFlow
 * runtime, for the function travels with the graph, and it keeps its own gradient, registered here.
 */
final class FunctionOps {
  // TensorFlow 2.18's own GraphDef version; any later runtime reads it.
  private static final VersionDef VERSIONS =
      VersionDef.newBuilder().setProducer(1882).setMinConsumer(12).build();

  private static final Map<String, RawCustomGradient> GRADIENTS = new ConcurrentHashMap<>();

  // TensorFlow Java crashes at the eleventh registered gradient of a process, so all of ours share
  // one adapter, which must stay reachable while native code holds it.
  private static final TFJ_GradFuncAdapter DISPATCHER =
      RawCustomGradient.adapter(FunctionOps::dispatch);

  static {
    TensorFlow.version(); // loads the native library
  }

  private FunctionOps() {}

  private static List<Operand<?>> dispatch(Ops tf, GraphOperation op, List<Output<?>> gradients) {
    return GRADIENTS.get(op.type()).call(tf, op, gradients);
  }

  /** Registers {@code gradient} for {@code opType}, once a process. */
  static void gradient(String opType, RawCustomGradient gradient) {
    if (GRADIENTS.putIfAbsent(opType, gradient) == null
        && !tensorflow.TFJ_RegisterCustomGradient(opType, DISPATCHER)) {
      throw new IllegalStateException(opType + " has a gradient already");
    }
  }

  /**
   * Makes functions known to a graph. A gradient's function must be known before {@code
   * tf.gradients}: the graph is locked while gradients are built, and an import would wait forever.
   */
  static void declare(Ops tf, FunctionDef... functions) {
    ((Graph) tf.scope().env())
        .importGraphDef(
            GraphDef.newBuilder()
                .setVersions(VERSIONS)
                .setLibrary(FunctionDefLibrary.newBuilder().addAllFunction(List.of(functions)))
                .build());
  }

  /** The op named after a declared {@code function}, applied to {@code inputs}. */
  static Operation call(Ops tf, FunctionDef function, Operand<?>... inputs) {
    String type = function.getSignature().getName();
    OperationBuilder builder = tf.scope().opBuilder(type, type);
    for (Operand<?> input : inputs) {
      builder.addInput(input.asOutput());
    }
    return builder.build();
  }
}
