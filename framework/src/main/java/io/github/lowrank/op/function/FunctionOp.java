package io.github.lowrank.op.function;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
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
 * A TensorFlow function whose name is used as an op type.
 *
 * <p>Such an op runs in every TensorFlow runtime, for the function travels with the graph, and it
 * keeps the gradient that is registered here.
 *
 * @param definition the function as a protocol buffer
 */
public record FunctionOp(FunctionDef definition) {
  // TensorFlow 2.18's own GraphDef version; any later runtime reads it.
  private static final VersionDef VERSIONS =
      VersionDef.newBuilder().setProducer(1882).setMinConsumer(12).build();

  private static final Map<String, RawCustomGradient> GRADIENTS = new ConcurrentHashMap<>();

  // TensorFlow Java crashes at the eleventh registered gradient of a process, so all of them share
  // one adapter, which must stay reachable while native code holds it.
  private static final TFJ_GradFuncAdapter DISPATCHER =
      RawCustomGradient.adapter(FunctionOp::dispatch);

  static {
    TensorFlow.version(); // loads the native library
  }

  private static List<Operand<?>> dispatch(Ops tf, GraphOperation op, List<Output<?>> gradients) {
    return GRADIENTS.get(op.type()).call(tf, op, gradients);
  }

  /**
   * Registers the gradient of any op type that has none, for the whole process. It must return a
   * gradient for every input: zeros for integers.
   *
   * @throws IllegalStateException if the op type has a gradient
   */
  public static void registerGradient(String opType, RawCustomGradient gradient) {
    if (GRADIENTS.putIfAbsent(opType, gradient) != null
        || !tensorflow.TFJ_RegisterCustomGradient(opType, DISPATCHER)) {
      throw new IllegalStateException(opType + " has a gradient already");
    }
  }

  /** {@link #registerGradient} for this op; returns the op. */
  public FunctionOp withGradient(RawCustomGradient gradient) {
    registerGradient(type(), gradient);
    return this;
  }

  /** The op type, which is the function's name. */
  public String type() {
    return definition.getSignature().getName();
  }

  /**
   * Makes functions known to a graph, together with those that they refer to. A gradient's function
   * must be known before {@code tf.gradients}: the graph is locked while gradients are built, and
   * an import would wait forever.
   */
  public static void declare(Ops tf, FunctionOp... functions) {
    FunctionDefLibrary.Builder library = FunctionDefLibrary.newBuilder();
    Stream.of(functions).map(FunctionOp::definition).forEach(library::addFunction);
    ((Graph) tf.scope().env())
        .importGraphDef(GraphDef.newBuilder().setVersions(VERSIONS).setLibrary(library).build());
  }

  /** This op, declared before, applied to {@code inputs}. */
  public Operation call(Ops tf, Operand<?>... inputs) {
    OperationBuilder builder = tf.scope().opBuilder(type(), type());
    for (Operand<?> input : inputs) {
      builder.addInput(input.asOutput());
    }
    return builder.build();
  }
}
