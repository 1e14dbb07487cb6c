package io.github.lowrank.experiments.spec;

import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A comparison, as data: it says what is compared, and a runner does it.
 *
 * @param name as on the command line
 * @param description one line
 * @param dataset texts
 * @param vectors pretrained word vectors
 * @param model architecture
 * @param methods ways to compress; the first is what the others are compared with
 * @param plan how to train
 * @param seeds number of repetitions, with seeds 1, 2, ...
 */
public record Experiment(
    String name,
    String description,
    DatasetSource dataset,
    VectorSource vectors,
    Model model,
    List<Method> methods,
    Plan plan,
    int seeds) {
  public Experiment {
    methods = List.copyOf(methods);
    if (seeds < 1) {
      throw new IllegalArgumentException("seeds must be at least 1, but is " + seeds);
    }
  }

  /** Every method with every seed, seed by seed. */
  public List<Trial> trials() {
    List<Trial> trials = new ArrayList<>();
    for (int seed = 1; seed <= seeds; seed++) {
      for (Method method : methods) {
        trials.add(new Trial(method, seed));
      }
    }
    return trials;
  }

  /** The same with another plan. */
  public Experiment withPlan(Function<Plan, Plan> change) {
    return new Experiment(
        name, description, dataset, vectors, model, methods, change.apply(plan), seeds);
  }

  /** The same with other methods. */
  public Experiment withMethods(List<Method> other) {
    return new Experiment(name, description, dataset, vectors, model, other, plan, seeds);
  }

  /** The same with another number of seeds. */
  public Experiment withSeeds(int other) {
    return new Experiment(name, description, dataset, vectors, model, methods, plan, other);
  }

  /** A setting that {@code --set key=value} changes. */
  public enum Setting {
    STEPS {
      @Override
      Experiment apply(Experiment e, String value) {
        return e.withPlan(p -> p.withSteps(Long.parseLong(value)));
      }
    },
    BATCH {
      @Override
      Experiment apply(Experiment e, String value) {
        return e.withPlan(p -> p.withBatch(Integer.parseInt(value)));
      }
    },
    EVALUATE_EVERY {
      @Override
      Experiment apply(Experiment e, String value) {
        return e.withPlan(p -> p.withEvaluateEvery(Integer.parseInt(value)));
      }
    },
    RATES {
      @Override
      Experiment apply(Experiment e, String value) {
        return e.withPlan(
            p ->
                p.withRates(
                    java.util.Arrays.stream(value.split(",")).map(Double::valueOf).toList()));
      }
    },
    FIRST {
      @Override
      Experiment apply(Experiment e, String value) {
        return e.withPlan(p -> p.withFirst(Plan.Shape.parse(value)));
      }
    },
    LATER {
      @Override
      Experiment apply(Experiment e, String value) {
        return e.withPlan(p -> p.withLater(Plan.Shape.parse(value)));
      }
    },
    MAX_LENGTH {
      @Override
      Experiment apply(Experiment e, String value) {
        return e.withPlan(p -> p.withMaxLength(Integer.parseInt(value)));
      }
    },
    LIMIT {
      @Override
      Experiment apply(Experiment e, String value) {
        return e.withPlan(p -> p.withLimit(Integer.parseInt(value)));
      }
    },
    REMOVED {
      @Override
      Experiment apply(Experiment e, String value) {
        double removed = Double.parseDouble(value);
        if (!(removed > 0 && removed < 1)) {
          throw new IllegalArgumentException(
              "the removed fraction R must be in (0, 1), but is " + removed);
        }
        return e.withMethods(e.methods().stream().map(m -> m.withRemoved(removed)).toList());
      }
    };

    abstract Experiment apply(Experiment e, String value);

    /** As on the command line. */
    public String key() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * The same with one setting changed.
   *
   * @param assignment {@code key=value}
   * @throws IllegalArgumentException saying what keys there are, or what the value should be
   */
  public Experiment set(String assignment) {
    int equals = assignment.indexOf('=');
    String key = equals < 0 ? assignment : assignment.substring(0, equals);
    for (Setting setting : Setting.values()) {
      if (equals > 0 && setting.key().equals(key)) {
        try {
          return setting.apply(this, assignment.substring(equals + 1));
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "--set %s: expected a number, found '%s'"
                  .formatted(key, assignment.substring(equals + 1)),
              e);
        } catch (IllegalArgumentException e) {
          throw new IllegalArgumentException("--set " + assignment + ": " + e.getMessage(), e);
        }
      }
    }
    throw new IllegalArgumentException(
        "--set %s: expected key=value with one of the keys %s"
            .formatted(
                assignment, java.util.Arrays.stream(Setting.values()).map(Setting::key).toList()));
  }
}
