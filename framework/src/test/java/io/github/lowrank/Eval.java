package io.github.lowrank;

import io.github.lowrank.op.Variables;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Builds a small graph, sets its variables and fetches floats. */
public final class Eval {
  private Eval() {}

  /** A graph under construction. */
  public static final class Build {
    public final Ops tf;
    public final Variables variables;
    public final List<Consumer> initializers = new ArrayList<>();

    Build(Ops tf) {
      this.tf = tf;
      this.variables = new Variables(tf);
    }
  }

  /** Sets something in a session. */
  public interface Consumer {
    void accept(Session session);
  }

  /** The values of the operands that {@code graph} returns. */
  public static List<float[]> floats(Function<Build, List<Operand<TFloat32>>> graph) {
    try (Graph g = new Graph()) {
      Build build = new Build(Ops.create(g));
      List<Operand<TFloat32>> fetched = graph.apply(build);
      try (Session session = new Session(g)) {
        build.initializers.forEach(i -> i.accept(session));
        Session.Runner runner = session.runner();
        fetched.forEach(runner::fetch);
        try (Result result = runner.run()) {
          List<float[]> all = new ArrayList<>();
          for (int i = 0; i < fetched.size(); i++) {
            TFloat32 tensor = (TFloat32) result.get(i);
            float[] values = new float[(int) tensor.size()];
            tensor.copyTo(DataBuffers.of(values));
            all.add(values);
          }
          return all;
        }
      }
    }
  }

  /** Normal numbers. */
  public static float[] random(int length, long seed) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
