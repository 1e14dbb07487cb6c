package io.github.lowrank.schedule;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.List;

/**
 * The shape of a schedule, which is scaled to a highest rate and a number of steps. In JSON it is
 * an object with a {@code type}. To add a shape, write a record that implements this interface.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public interface Shape {
  /** Name in tables and in the names of methods. */
  String name();

  /** The schedule of a training of {@code steps} steps whose highest rate is {@code rate}. */
  Schedule schedule(double rate, long steps);

  /** CALR with the paper's decay, three annealings, and two triangles in each. */
  Shape CALR = new Calr("calr", 1e-3, 0.1, 3, 2, 0);

  /** The shapes that have a name on the command line. */
  List<Shape> NAMED =
      List.of(
          new Constant(),
          new Exponential(0.01),
          new Triangles("triangular", Schedule.Triangular.Policy.TRIANGULAR, 10, 6),
          new Triangles("triangular2", Schedule.Triangular.Policy.TRIANGULAR2, 10, 6),
          new Triangles("exp-range", Schedule.Triangular.Policy.EXP_RANGE, 10, 6),
          new Cosines("sgdr", 100, 3),
          new OneCycle(0.3),
          new LinearToZero(),
          warmedUp("warmup-constant", new Constant()),
          // Warm-up over a tenth of the steps, then constant, and down over the last fifth.
          warmedUp(
              "warmup-stable-decay",
              new Sequence("stable-decay", 7 / 9.0, new Constant(), new LinearToZero())),
          warmedUp("warmup-cosine", new CosineToZero()),
          CALR,
          // The constants of the authors' code, with a twelfth of the steps in place of an epoch.
          new Calr("calr-authors", 1e-5, 0.1, 12, 0, 1000),
          new Calr("calr-halving", Math.pow(0.5, 10), 0.5, 10, 1, 0),
          new Calr("calr-root", 0.01, Math.sqrt(0.1), 4, 1, 0),
          // At the full rate, a classifier that is already trained first loses what it has learned.
          new Scaled("gentle-calr", 0.3, CALR));

  private static Shape warmedUp(String name, Shape next) {
    return new Sequence(name, 0.1, new WarmUp(), next);
  }

  /** The shape of that name among {@link #NAMED}. */
  static Shape named(String name) {
    return NAMED.stream()
        .filter(shape -> shape.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected one of %s, found '%s'"
                        .formatted(NAMED.stream().map(Shape::name).toList(), name)));
  }

  /** {@link Schedule#constant}. */
  @JsonTypeName("constant")
  record Constant() implements Shape {
    @Override
    public String name() {
      return "constant";
    }

    @Override
    public Schedule schedule(double rate, long steps) {
      return Schedule.constant(rate);
    }
  }

  /**
   * {@link Schedule#exponentialDecay} over all steps.
   *
   * @param end last rate, as a share of the highest
   */
  @JsonTypeName("exponential")
  record Exponential(double end) implements Shape {
    @Override
    public String name() {
      return "exponential";
    }

    @Override
    public Schedule schedule(double rate, long steps) {
      return Schedule.exponentialDecay(rate, end, steps);
    }
  }

  /** {@link Schedule#linear} from the highest rate down to zero. */
  @JsonTypeName("linear-to-zero")
  record LinearToZero() implements Shape {
    @Override
    public String name() {
      return "linear-to-zero";
    }

    @Override
    public Schedule schedule(double rate, long steps) {
      return Schedule.linear(rate, 0, steps);
    }
  }

  /** {@link Schedule#cosine} from the highest rate down to zero. */
  @JsonTypeName("cosine-to-zero")
  record CosineToZero() implements Shape {
    @Override
    public String name() {
      return "cosine-to-zero";
    }

    @Override
    public Schedule schedule(double rate, long steps) {
      return Schedule.cosine(rate, 0, steps);
    }
  }

  /**
   * Linearly up to the highest rate, {@code rate(t) = rate (t + 1) / steps}: the beginning of a
   * {@link Sequence}.
   *
   * <p>Followed by a constant rate and a decay it is the warmup-stable-decay of <a
   * href="https://arxiv.org/abs/2404.06395">Hu et al. (2024)</a>; the decay of the named shape is
   * linear to zero, where theirs is exponential over the last tenth.
   */
  @JsonTypeName("warm-up")
  record WarmUp() implements Shape {
    @Override
    public String name() {
      return "warm-up";
    }

    @Override
    public Schedule schedule(double rate, long steps) {
      return Schedule.linear(rate / steps, rate, Math.max(1, steps - 1));
    }
  }

  /**
   * Smith's triangles; with {@code EXP_RANGE} their height ends at a hundredth.
   *
   * @param name name of the shape
   * @param policy how their height changes
   * @param ratio highest over lowest rate
   * @param count of triangles
   */
  @JsonTypeName("triangles")
  record Triangles(String name, Schedule.Triangular.Policy policy, double ratio, int count)
      implements Shape {
    @Override
    public Schedule schedule(double rate, long steps) {
      return new Schedule.Triangular(
          rate / ratio,
          rate,
          Math.max(1, steps / (2L * count)),
          policy,
          policy == Schedule.Triangular.Policy.EXP_RANGE ? Math.pow(0.01, 1.0 / steps) : 1);
    }
  }

  /**
   * {@link Schedule#sgdr}.
   *
   * @param name name of the shape
   * @param ratio highest over lowest rate
   * @param count of cosines
   */
  @JsonTypeName("cosines")
  record Cosines(String name, double ratio, int count) implements Shape {
    @Override
    public Schedule schedule(double rate, long steps) {
      // Rounded up: else the last steps would be the beginning of one cosine too many.
      return Schedule.sgdr(rate / ratio, rate, Math.max(1, (steps + count - 1) / count));
    }
  }

  /**
   * {@link Schedule#oneCycle}.
   *
   * @param warmup share of the steps spent going up
   */
  @JsonTypeName("one-cycle")
  record OneCycle(double warmup) implements Shape {
    public OneCycle {
      schedule(1, 1, warmup);
    }

    private static Schedule schedule(double rate, long steps, double warmup) {
      return Schedule.oneCycle(rate, steps, warmup);
    }

    @Override
    public String name() {
      return "one-cycle";
    }

    @Override
    public Schedule schedule(double rate, long steps) {
      return schedule(rate, steps, warmup);
    }
  }

  /**
   * {@link Schedule#calr}.
   *
   * @param name name of the shape
   * @param low lower bound, as a share of the highest rate
   * @param decay factor of the upper bound at every annealing
   * @param periods number of periods over all steps, with an annealing after each
   * @param number of triangles in a period; 0 if {@code halfCycle} sets their length
   * @param halfCycle steps from the lower bound to the upper; 0 if {@code triangles} sets it
   */
  @JsonTypeName("calr")
  record Calr(String name, double low, double decay, int periods, int triangles, long halfCycle)
      implements Shape {
    public Calr {
      if (periods < 1 || triangles < 0 || halfCycle < 0 || triangles > 0 == halfCycle > 0) {
        throw new IllegalArgumentException(
            "CALR needs at least one period, and either triangles or halfCycle above 0");
      }
    }

    @Override
    public Schedule schedule(double rate, long steps) {
      long period = Math.max(1, steps / periods);
      long half = triangles > 0 ? Math.max(1, period / (2L * triangles)) : halfCycle;
      return Schedule.calr(rate * low, rate, decay, half, period);
    }
  }

  /**
   * Another shape with its rates multiplied by a factor.
   *
   * @param name name of the shape
   * @param factor multiplies the rate
   * @param shape the shape that is scaled
   */
  @JsonTypeName("scaled")
  record Scaled(String name, double factor, Shape shape) implements Shape {
    @Override
    public Schedule schedule(double rate, long steps) {
      return shape.schedule(factor * rate, steps);
    }
  }

  /**
   * One shape after another.
   *
   * @param name name of the shape
   * @param share of the steps that use {@code first}, in (0, 1)
   * @param first shape at the beginning
   * @param next shape of the remaining steps
   */
  @JsonTypeName("sequence")
  record Sequence(String name, double share, Shape first, Shape next) implements Shape {
    public Sequence {
      if (!(share > 0 && share < 1)) {
        throw new IllegalArgumentException("the share must be in (0, 1), but is " + share);
      }
    }

    @Override
    public Schedule schedule(double rate, long steps) {
      long before = Math.max(1, Math.round(share * steps));
      return first
          .schedule(rate, before)
          .then(before, next.schedule(rate, Math.max(1, steps - before)));
    }
  }
}
