package io.github.lowrank.op;

import static org.tensorflow.proto.DataType.DT_DOUBLE;
import static org.tensorflow.proto.DataType.DT_FLOAT;
import static org.tensorflow.proto.DataType.DT_INT64;

import io.github.lowrank.op.function.FunctionBuilder;
import io.github.lowrank.op.function.FunctionOp;
import io.github.lowrank.op.function.Value;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * The op of the cyclically annealed learning rate (CALR) of <a
 * href="https://arxiv.org/abs/1811.00641">Acharya et al. (AAAI 2019)</a>, a TensorFlow function of
 * core ops whose name is the op type:
 *
 * <pre>
 * hi(t) = high * decay^(floor(t / period) mod annealings)
 * u     = t mod (2 half_cycle)
 * rate  = low + (hi(t) - low) * (1 - |u / half_cycle - 1|)
 * </pre>
 */
public final class CalrSchedule {
  /** Op type. */
  public static final String OP = "CalrSchedule";

  private static final FunctionOp FUNCTION = function();

  private CalrSchedule() {}

  /**
   * The rate at {@code step}.
   *
   * @param step global step, int64 scalar
   * @param low lower bound of the triangle
   * @param high first upper bound
   * @param decay factor of the upper bound at every annealing
   * @param halfCycle steps from the lower to the upper bound
   * @param period steps between annealings
   * @param annealings annealings until the warm restart
   * @return float scalar
   */
  public static Operand<TFloat32> create(
      Ops tf,
      Operand<TInt64> step,
      double low,
      double high,
      double decay,
      long halfCycle,
      long period,
      long annealings) {
    FunctionOp.declare(tf, FUNCTION);
    return FUNCTION
        .call(
            tf,
            step,
            tf.constant(low),
            tf.constant(high),
            tf.constant(decay),
            tf.constant(halfCycle),
            tf.constant(period),
            tf.constant(annealings))
        .output(0);
  }

  private static FunctionOp function() {
    FunctionBuilder f = new FunctionBuilder(OP);
    Value step = f.input("step", DT_INT64);
    Value low = f.input("low", DT_DOUBLE);
    Value high = f.input("high", DT_DOUBLE);
    Value decay = f.input("decay", DT_DOUBLE);
    Value halfCycle = f.input("half_cycle", DT_INT64);
    Value period = f.input("period", DT_INT64);
    Value annealings = f.input("annealings", DT_INT64);
    Value annealing =
        f.op("FloorMod", "annealing", f.op("FloorDiv", "periods", step, period), annealings);
    Value annealed = f.op("Pow", "annealed", decay, f.cast("annealing_f", annealing, DT_DOUBLE));
    Value bound = f.op("Mul", "upper_bound", high, annealed);
    Value position =
        f.op("FloorMod", "position", step, f.op("AddV2", "cycle", halfCycle, halfCycle));
    Value fraction =
        f.op(
            "RealDiv",
            "fraction",
            f.cast("position_f", position, DT_DOUBLE),
            f.cast("half_cycle_f", halfCycle, DT_DOUBLE));
    Value one = f.scalar("one", 1.0);
    Value distance = f.op("Abs", "distance", f.op("Sub", "offset", fraction, one));
    Value triangle = f.op("Sub", "triangle", one, distance);
    Value height = f.op("Mul", "height", f.op("Sub", "range", bound, low), triangle);
    Value rate = f.op("AddV2", "rate_f", low, height);
    return f.output("rate", f.cast("rate", rate, DT_FLOAT)).build();
  }
}
