package io.github.lowrank.experiments.spec;

import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import java.util.List;

/**
 * How the trials of an experiment train.
 *
 * @param steps step budget of every method
 * @param batch texts a step
 * @param evaluateEvery steps between looks at dev
 * @param optimizer update rule
 * @param first schedule of a method's first training stage
 * @param later schedule of its later ones
 * @param rates learning rates to search over on dev, with the uncompressed model; one: no search
 * @param maxLength words read of a text
 * @param limit texts used of train; a fifth of it of dev and test; 0: all
 */
public record Plan(
    long steps,
    int batch,
    int evaluateEvery,
    Optimizer optimizer,
    Shape first,
    Shape later,
    List<Double> rates,
    int maxLength,
    int limit) {
  public Plan {
    rates = List.copyOf(rates);
    if (steps < 1 || batch < 1 || evaluateEvery < 1 || maxLength < 1 || limit < 0) {
      throw new IllegalArgumentException(
          "steps, batch, evaluate-every and max-length must be at least 1, limit at least 0");
    }
    if (rates.isEmpty() || rates.stream().anyMatch(r -> !(r > 0))) {
      throw new IllegalArgumentException("rates must be above 0, but are " + rates);
    }
  }

  /** The shape of a learning-rate schedule, to be scaled to a rate and a number of steps. */
  public enum Shape {
    /** The same rate throughout. */
    CONSTANT {
      @Override
      public Schedule schedule(double rate, long steps) {
        return Schedule.constant(rate);
      }
    },
    /** Continuously down to a hundredth. */
    EXPONENTIAL {
      @Override
      public Schedule schedule(double rate, long steps) {
        return Schedule.exponentialDecay(rate, 0.01, steps);
      }
    },
    /** Six triangles from a tenth of the rate. */
    TRIANGULAR {
      @Override
      public Schedule schedule(double rate, long steps) {
        return Schedule.triangular(rate / 10, rate, halfCycle(steps));
      }
    },
    /** Six triangles from a tenth of the rate, each half as high. */
    TRIANGULAR2 {
      @Override
      public Schedule schedule(double rate, long steps) {
        return Schedule.triangular2(rate / 10, rate, halfCycle(steps));
      }
    },
    /** Six triangles from a tenth of the rate, their height down to a hundredth. */
    EXP_RANGE {
      @Override
      public Schedule schedule(double rate, long steps) {
        return Schedule.expRange(rate / 10, rate, halfCycle(steps), Math.pow(0.01, 1.0 / steps));
      }
    },
    /** Three cosines down to a hundredth. */
    SGDR {
      @Override
      public Schedule schedule(double rate, long steps) {
        return Schedule.sgdr(rate / 100, rate, Math.max(1, steps / 3));
      }
    },
    /** Up for three tenths of the steps, then down. */
    ONE_CYCLE {
      @Override
      public Schedule schedule(double rate, long steps) {
        return Schedule.oneCycle(rate, steps, 0.3);
      }
    },
    /**
     * CALR with the paper's decay 0.1 and lower bound {@code rate * 0.1^3}; three annealings and
     * six triangles over the stage.
     */
    CALR {
      @Override
      public Schedule schedule(double rate, long steps) {
        long period = Math.max(1, steps / 3);
        return Schedule.calr(rate * 1e-3, rate, 0.1, Math.max(1, period / 4), period);
      }
    },
    /**
     * CALR with the constants of the authors' code: decay 0.1, lower bound {@code rate * 0.1^5},
     * 1000 steps up; an annealing every twelfth of the stage, which stands for an epoch.
     */
    CALR_AUTHORS {
      @Override
      public Schedule schedule(double rate, long steps) {
        return Schedule.calr(rate * 1e-5, rate, 0.1, 1000, halfCycle(steps));
      }
    },
    /** CALR that halves its upper bound ten times over the stage, a triangle each time. */
    CALR_HALVING {
      @Override
      public Schedule schedule(double rate, long steps) {
        long period = Math.max(2, steps / 10);
        return Schedule.calr(rate * Math.pow(0.5, 10), rate, 0.5, period / 2, period);
      }
    },
    /** CALR that anneals by the root of a tenth, four times over the stage, a triangle each. */
    CALR_ROOT {
      @Override
      public Schedule schedule(double rate, long steps) {
        long period = Math.max(2, steps / 4);
        return Schedule.calr(rate * 0.01, rate, Math.sqrt(0.1), period / 2, period);
      }
    },
    /**
     * {@link #CALR} below 0.3 of the rate, for stages that go on from a trained classifier: at the
     * full rate they first lose what it knew (chosen on dev, for baseline and online alike).
     */
    GENTLE_CALR {
      @Override
      public Schedule schedule(double rate, long steps) {
        return CALR.schedule(0.3 * rate, steps);
      }
    };

    /** As in names of methods: {@code one-cycle}. */
    public String title() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    private static long halfCycle(long steps) {
      return Math.max(1, steps / 12);
    }

    /** The shape of that name, in any case. */
    static Shape parse(String name) {
      for (Shape shape : values()) {
        if (shape.title().equalsIgnoreCase(name)) {
          return shape;
        }
      }
      throw new IllegalArgumentException(
          "expected one of %s, found '%s'".formatted(java.util.Arrays.toString(values()), name));
    }

    /** The schedule of a training stage of {@code steps} whose highest rate is {@code rate}. */
    public abstract Schedule schedule(double rate, long steps);
  }

  /** 50 texts a batch, Adam, a constant rate and then a gentle CALR, 40 words a text. */
  public static Plan of(long steps, int evaluateEvery, List<Double> rates) {
    return new Plan(
        steps,
        50,
        evaluateEvery,
        Optimizer.adam(),
        Shape.CONSTANT,
        Shape.GENTLE_CALR,
        rates,
        40,
        0);
  }

  Plan withSteps(long value) {
    return new Plan(value, batch, evaluateEvery, optimizer, first, later, rates, maxLength, limit);
  }

  Plan withBatch(int value) {
    return new Plan(steps, value, evaluateEvery, optimizer, first, later, rates, maxLength, limit);
  }

  Plan withEvaluateEvery(int value) {
    return new Plan(steps, batch, value, optimizer, first, later, rates, maxLength, limit);
  }

  Plan withRates(List<Double> value) {
    return new Plan(steps, batch, evaluateEvery, optimizer, first, later, value, maxLength, limit);
  }

  Plan withFirst(Shape value) {
    return new Plan(steps, batch, evaluateEvery, optimizer, value, later, rates, maxLength, limit);
  }

  Plan withLater(Shape value) {
    return new Plan(steps, batch, evaluateEvery, optimizer, first, value, rates, maxLength, limit);
  }

  Plan withMaxLength(int value) {
    return new Plan(steps, batch, evaluateEvery, optimizer, first, later, rates, value, limit);
  }

  Plan withLimit(int value) {
    return new Plan(steps, batch, evaluateEvery, optimizer, first, later, rates, maxLength, value);
  }
}
