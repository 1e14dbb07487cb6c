package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.util.Optional;

/**
 * Trains for a share of the step budget with the plan's optimizer. The first training of a method
 * uses the plan's first schedule, the others its later schedule.
 *
 * @param share of the budget, in (0, 1]
 */
@JsonTypeName("train")
public record Train(double share) implements Step {
  public Train {
    check(share);
  }

  static void check(double share) {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          "expected a share of the training steps in (0, 1], found " + share);
    }
  }

  @Override
  public State apply(State before, Workbench bench) throws IOException {
    Plan plan = bench.plan();
    Shape shape = shape(plan, before.trainings()).orElseThrow();
    return bench.train(before, share, plan.optimizer(), shape);
  }

  @Override
  public Optional<Shape> shape(Plan plan, int trainings) {
    return Optional.of(trainings == 0 ? plan.first() : plan.later());
  }
}
