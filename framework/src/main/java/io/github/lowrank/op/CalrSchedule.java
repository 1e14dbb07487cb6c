package io.github.lowrank.op;

import static io.github.lowrank.op.FunctionBuilder.type;

import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
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

  private static final FunctionDef FUNCTION = function();

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
    FunctionOps.declare(tf, FUNCTION);
    return FunctionOps.call(
            tf,
            FUNCTION,
            step,
            tf.constant(low),
            tf.constant(high),
            tf.constant(decay),
            tf.constant(halfCycle),
            tf.constant(period),
            tf.constant(annealings))
        .output(0);
  }

  private static FunctionDef function() {
    FunctionBuilder f =
        new FunctionBuilder(OP)
            .input("step", DataType.DT_INT64)
            .input("low", DataType.DT_DOUBLE)
            .input("high", DataType.DT_DOUBLE)
            .input("decay", DataType.DT_DOUBLE)
            .input("half_cycle", DataType.DT_INT64)
            .input("period", DataType.DT_INT64)
            .input("annealings", DataType.DT_INT64);
    Map<String, AttrValue> int64 = Map.of("T", type(DataType.DT_INT64));
    Map<String, AttrValue> real = Map.of("T", type(DataType.DT_DOUBLE));
    String annealing =
        f.node(
            "FloorMod",
            "annealing",
            "z",
            int64,
            f.node("FloorDiv", "periods", "z", int64, "step", "period"),
            "annealings");
    String bound =
        f.node(
            "Mul",
            "upper_bound",
            "z",
            real,
            "high",
            f.node("Pow", "annealed", "z", real, "decay", toDouble(f, "annealing_f", annealing)));
    String position =
        f.node(
            "FloorMod",
            "position",
            "z",
            int64,
            "step",
            f.node("AddV2", "cycle", "z", int64, "half_cycle", "half_cycle"));
    String fraction =
        f.node(
            "RealDiv",
            "fraction",
            "z",
            real,
            toDouble(f, "position_f", position),
            toDouble(f, "half_cycle_f", "half_cycle"));
    String one = f.scalar("one", 1.0);
    String triangle =
        f.node(
            "Sub",
            "triangle",
            "z",
            real,
            one,
            f.node(
                "Abs", "distance", "y", real, f.node("Sub", "offset", "z", real, fraction, one)));
    String rate =
        f.node(
            "AddV2",
            "rate_f",
            "z",
            real,
            "low",
            f.node(
                "Mul",
                "height",
                "z",
                real,
                f.node("Sub", "range", "z", real, bound, "low"),
                triangle));
    return f.output(
            "rate",
            DataType.DT_FLOAT,
            f.node(
                "Cast",
                "rate",
                "y",
                Map.of("SrcT", type(DataType.DT_DOUBLE), "DstT", type(DataType.DT_FLOAT)),
                rate))
        .build();
  }

  private static String toDouble(FunctionBuilder f, String name, String value) {
    return f.node(
        "Cast",
        name,
        "y",
        Map.of("SrcT", type(DataType.DT_INT64), "DstT", type(DataType.DT_DOUBLE)),
        value);
  }
}
