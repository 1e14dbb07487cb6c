package io.github.lowrank.schedule;

import io.github.lowrank.op.CalrSchedule;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;

/**
 * A learning rate as a pure function of the step, {@code t = 0, 1, ...}, and its counterpart in the
 * graph. To add a schedule, write a record that implements this interface. Schedules compose:
 *
 * <pre>{@code
 * Schedule warmup = Schedule.linear(0, 1e-2, 100);
 * Schedule schedule = warmup.then(100, Schedule.sgdr(1e-4, 1e-2, 900)).times(0.5);
 * }</pre>
 */
public interface Schedule {

  /** The learning rate of step {@code t}. */
  double rate(long t);

  /** The same in the graph: a float scalar, computed from the int64 global step. */
  Operand<TFloat32> build(Ops tf, Operand<TInt64> step);

  /**
   * This schedule for {@code steps} steps, then {@code next} from its own step 0.
   *
   * <pre>rate(t) = t < steps ? this(t) : next(t - steps)</pre>
   */
  default Schedule then(long steps, Schedule next) {
    return new Sequence(this, steps, next);
  }

  /** This schedule with every rate multiplied by {@code factor}. */
  default Schedule times(double factor) {
    return new Scaled(this, factor);
  }

  /** Linear from one rate to another, then constant. */
  static Schedule linear(double from, double to, long steps) {
    return new Linear(from, to, steps);
  }

  /**
   * Along half a cosine from one rate to another, then constant: annealing as in {@link #sgdr}, but
   * without a restart.
   */
  static Schedule cosine(double from, double to, long steps) {
    return new Cosine(from, to, steps);
  }

  /** The same rate at every step. */
  static Schedule constant(double rate) {
    return new Constant(rate);
  }

  /** {@code rate * decay^(t / period)}, continuously. */
  static Schedule exponentialDecay(double rate, double decay, long period) {
    return new ExponentialDecay(rate, decay, period);
  }

  /**
   * Triangular cyclical learning rate of <a href="https://arxiv.org/abs/1506.01186">Smith
   * (2017)</a>.
   */
  static Schedule triangular(double low, double high, long halfCycle) {
    return new Triangular(low, high, halfCycle, Triangular.Policy.TRIANGULAR, 1);
  }

  /** Smith's triangular2: the height halves at every cycle. */
  static Schedule triangular2(double low, double high, long halfCycle) {
    return new Triangular(low, high, halfCycle, Triangular.Policy.TRIANGULAR2, 1);
  }

  /** Smith's exp_range: the height shrinks by {@code decay} at every step. */
  static Schedule expRange(double low, double high, long halfCycle, double decay) {
    return new Triangular(low, high, halfCycle, Triangular.Policy.EXP_RANGE, decay);
  }

  /**
   * Cosine annealing with warm restarts, <a href="https://arxiv.org/abs/1608.03983">Loshchilov and
   * Hutter (2017)</a>, with cycles of equal length.
   */
  static Schedule sgdr(double low, double high, long cycle) {
    return new CosineRestarts(low, high, cycle);
  }

  /**
   * One-cycle policy of <a href="https://arxiv.org/abs/1708.07120">Smith and Topin (2018)</a>:
   * linearly up for the share {@code warmup} of the steps, then down along a cosine, never up
   * again.
   */
  static Schedule oneCycle(double high, long steps, double warmup) {
    return new OneCycle(high, steps, warmup);
  }

  /**
   * Cyclically annealed learning rate (CALR) of <a href="https://arxiv.org/abs/1811.00641">Acharya
   * et al. (2019)</a>: a triangle whose upper bound is multiplied by {@code decay} every {@code
   * period} steps and returns to its first value (a warm restart) once it has met the lower bound.
   */
  static Schedule calr(double low, double high, double decay, long halfCycle, long period) {
    return new Calr(low, high, decay, halfCycle, period);
  }

  private static void positive(String what, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(what + " must be above 0, but is " + value);
    }
  }

  private static void ordered(double low, double high) {
    if (!(low >= 0 && low < high)) {
      throw new IllegalArgumentException(
          "the lower rate must be in [0, upper), but lower is " + low + " and upper " + high);
    }
  }

  private static void notNegative(double from, double to) {
    if (!(from >= 0 && to >= 0)) {
      throw new IllegalArgumentException(
          "rates must not be negative, but are %s and %s".formatted(from, to));
    }
  }

  private static Operand<TFloat64> real(Ops tf, Operand<TInt64> value) {
    return tf.dtypes.cast(value, TFloat64.class);
  }

  private static Operand<TFloat32> single(Ops tf, Operand<TFloat64> value) {
    return tf.dtypes.cast(value, TFloat32.class);
  }

  /**
   * See {@link #constant}.
   *
   * @param rate learning rate per step
   */
  record Constant(double rate) implements Schedule {
    public Constant {
      positive("the rate", rate);
    }

    @Override
    public double rate(long t) {
      return rate;
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      return tf.constant((float) rate);
    }
  }

  /**
   * See {@link #then}.
   *
   * @param first schedule of the first {@code steps} steps
   * @param steps step at which {@code next} begins
   * @param next schedule from then on
   */
  record Sequence(Schedule first, long steps, Schedule next) implements Schedule {
    @Override
    public double rate(long t) {
      return t < steps ? first.rate(t) : next.rate(t - steps);
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      Operand<TInt64> start = tf.constant(steps);
      Operand<TInt64> later = tf.math.maximum(tf.math.sub(step, start), tf.constant(0L));
      return tf.select(
          tf.math.less(step, start),
          first.build(tf, tf.math.minimum(step, start)),
          next.build(tf, later));
    }
  }

  /**
   * See {@link #times}.
   *
   * @param schedule the schedule whose rates are multiplied
   * @param factor above 0
   */
  record Scaled(Schedule schedule, double factor) implements Schedule {
    public Scaled {
      positive("the factor", factor);
    }

    @Override
    public double rate(long t) {
      return factor * schedule.rate(t);
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      return tf.math.mul(tf.constant((float) factor), schedule.build(tf, step));
    }
  }

  /**
   * See {@link #linear}.
   *
   * @param from rate at step 0
   * @param to rate from step {@code steps} on
   * @param steps number of steps from one rate to the other
   */
  record Linear(double from, double to, long steps) implements Schedule {
    public Linear {
      positive("the number of steps", steps);
      notNegative(from, to);
    }

    @Override
    public double rate(long t) {
      return from + (to - from) * (Math.min(t, steps) / (double) steps);
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      Operand<TFloat64> share = share(tf, step, steps);
      return single(tf, tf.math.add(tf.constant(from), tf.math.mul(tf.constant(to - from), share)));
    }
  }

  private static Operand<TFloat64> share(Ops tf, Operand<TInt64> step, long steps) {
    return tf.math.div(
        real(tf, tf.math.minimum(step, tf.constant(steps))), tf.constant((double) steps));
  }

  /**
   * See {@link #cosine}.
   *
   * @param from rate at step 0
   * @param to rate from step {@code steps} on
   * @param steps number of steps from one rate to the other
   */
  record Cosine(double from, double to, long steps) implements Schedule {
    public Cosine {
      positive("the number of steps", steps);
      notNegative(from, to);
    }

    @Override
    public double rate(long t) {
      return to + (from - to) * (1 + Math.cos(Math.PI * Math.min(t, steps) / steps)) / 2;
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      Operand<TFloat64> wave =
          tf.math.add(
              tf.constant(1.0),
              tf.math.cos(tf.math.mul(tf.constant(Math.PI), share(tf, step, steps))));
      return single(
          tf, tf.math.add(tf.constant(to), tf.math.mul(tf.constant((from - to) / 2), wave)));
    }
  }

  /**
   * See {@link #exponentialDecay}.
   *
   * @param initial rate at step 0
   * @param decay factor over one period
   * @param period steps
   */
  record ExponentialDecay(double initial, double decay, long period) implements Schedule {
    public ExponentialDecay {
      positive("the rate", initial);
      positive("the decay", decay);
      positive("the period", period);
    }

    @Override
    public double rate(long t) {
      return initial * Math.pow(decay, t / (double) period);
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      Operand<TFloat64> periods = tf.math.div(real(tf, step), tf.constant((double) period));
      return single(
          tf, tf.math.mul(tf.constant(initial), tf.math.pow(tf.constant(decay), periods)));
    }
  }

  /**
   * See {@link #triangular}, {@link #triangular2} and {@link #expRange}.
   *
   * @param low lower bound
   * @param high upper bound of the first cycle
   * @param halfCycle steps from the lower bound to the upper
   * @param policy how the height shrinks
   * @param decay factor of the height per step, for {@link Policy#EXP_RANGE}
   */
  record Triangular(double low, double high, long halfCycle, Policy policy, double decay)
      implements Schedule {
    /** How the height of the triangle changes. */
    public enum Policy {
      /** It does not change. */
      TRIANGULAR,
      /** It halves at every cycle. */
      TRIANGULAR2,
      /** It shrinks at every step. */
      EXP_RANGE
    }

    public Triangular {
      ordered(low, high);
      positive("the half cycle", halfCycle);
      positive("the decay", decay);
    }

    @Override
    public double rate(long t) {
      double triangle = 1 - Math.abs((t % (2 * halfCycle)) / (double) halfCycle - 1);
      double scale =
          switch (policy) {
            case TRIANGULAR -> 1;
            case TRIANGULAR2 -> Math.pow(0.5, (double) (t / (2 * halfCycle)));
            case EXP_RANGE -> Math.pow(decay, t);
          };
      return low + (high - low) * triangle * scale;
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      Operand<TInt64> cycle = tf.constant(2 * halfCycle);
      Operand<TFloat64> one = tf.constant(1.0);
      Operand<TFloat64> triangle =
          tf.math.sub(
              one,
              tf.math.abs(
                  tf.math.sub(
                      tf.math.div(
                          real(tf, tf.math.floorMod(step, cycle)), tf.constant((double) halfCycle)),
                      one)));
      Operand<TFloat64> scale =
          switch (policy) {
            case TRIANGULAR -> one;
            case TRIANGULAR2 ->
                tf.math.pow(tf.constant(0.5), real(tf, tf.math.floorDiv(step, cycle)));
            case EXP_RANGE -> tf.math.pow(tf.constant(decay), real(tf, step));
          };
      return single(
          tf,
          tf.math.add(
              tf.constant(low),
              tf.math.mul(tf.constant(high - low), tf.math.mul(triangle, scale))));
    }
  }

  /**
   * See {@link #sgdr}.
   *
   * @param low rate at the end of a cycle
   * @param high rate at its start
   * @param cycle length of a cycle in steps
   */
  record CosineRestarts(double low, double high, long cycle) implements Schedule {
    public CosineRestarts {
      ordered(low, high);
      positive("the cycle", cycle);
    }

    @Override
    public double rate(long t) {
      return low + (high - low) * (1 + Math.cos(Math.PI * (t % cycle) / cycle)) / 2;
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      Operand<TFloat64> position =
          tf.math.mul(
              real(tf, tf.math.floorMod(step, tf.constant(cycle))), tf.constant(Math.PI / cycle));
      Operand<TFloat64> wave = tf.math.add(tf.constant(1.0), tf.math.cos(position));
      return single(
          tf, tf.math.add(tf.constant(low), tf.math.mul(tf.constant((high - low) / 2), wave)));
    }
  }

  /**
   * See {@link #oneCycle}. Starts at {@code high / 25} and ends at {@code high / 10,000}.
   *
   * @param high highest rate
   * @param steps length of the cycle; later steps keep its last rate
   * @param warmup share of the steps spent going up, in (0, 1)
   */
  record OneCycle(double high, long steps, double warmup) implements Schedule {
    private static final double START = 1 / 25.0;
    private static final double END = 1e-4;

    public OneCycle {
      positive("the rate", high);
      positive("the number of steps", steps);
      if (!(warmup > 0 && warmup < 1)) {
        throw new IllegalArgumentException("the warm-up must be in (0, 1), but is " + warmup);
      }
    }

    private double peak() {
      return warmup * steps;
    }

    @Override
    public double rate(long t) {
      double up = START + (1 - START) * Math.min(1, t / peak());
      double down = Math.min(1, Math.max(0, (t - peak()) / (steps - peak())));
      double cosine = END + (1 - END) * (1 + Math.cos(Math.PI * down)) / 2;
      return high * Math.min(up, cosine);
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      Operand<TFloat64> t = real(tf, step);
      Operand<TFloat64> zero = tf.constant(0.0);
      Operand<TFloat64> one = tf.constant(1.0);
      Operand<TFloat64> up =
          tf.math.add(
              tf.constant(START),
              tf.math.mul(
                  tf.constant(1 - START),
                  tf.math.minimum(one, tf.math.div(t, tf.constant(peak())))));
      Operand<TFloat64> down =
          tf.math.minimum(
              one,
              tf.math.maximum(
                  zero,
                  tf.math.div(tf.math.sub(t, tf.constant(peak())), tf.constant(steps - peak()))));
      Operand<TFloat64> cosine =
          tf.math.add(
              tf.constant(END),
              tf.math.mul(
                  tf.constant((1 - END) / 2),
                  tf.math.add(one, tf.math.cos(tf.math.mul(tf.constant(Math.PI), down)))));
      return single(tf, tf.math.mul(tf.constant(high), tf.math.minimum(up, cosine)));
    }
  }

  /**
   * See {@link #calr}.
   *
   * @param low lower bound
   * @param high first upper bound
   * @param decay factor of the upper bound, in (0, 1)
   * @param halfCycle steps from the lower bound to the upper
   * @param period steps between annealings
   */
  record Calr(double low, double high, double decay, long halfCycle, long period)
      implements Schedule {
    public Calr {
      ordered(low, high);
      positive("the lower rate", low);
      positive("the half cycle", halfCycle);
      positive("the period", period);
      if (!(decay > 0 && decay < 1)) {
        throw new IllegalArgumentException("the decay must be in (0, 1), but is " + decay);
      }
    }

    /** Annealings until the upper bound meets the lower: the least n with high * decay^n <= low. */
    public long annealings() {
      // A bound that should meet exactly must not miss by a rounding error.
      return Math.max(1, (long) Math.ceil(Math.log(low / high) / Math.log(decay) - 1e-9));
    }

    @Override
    public double rate(long t) {
      double bound = high * Math.pow(decay, (t / period) % annealings());
      double triangle = 1 - Math.abs((t % (2 * halfCycle)) / (double) halfCycle - 1);
      return low + (bound - low) * triangle;
    }

    @Override
    public Operand<TFloat32> build(Ops tf, Operand<TInt64> step) {
      return CalrSchedule.create(tf, step, low, high, decay, halfCycle, period, annealings());
    }
  }
}
