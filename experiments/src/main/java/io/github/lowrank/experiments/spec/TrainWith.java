package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.op.Parameter;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Like {@link Train}, but with its own optimizer and schedule.
 *
 * @param share of the budget, in (0, 1]
 * @param optimizer update rule
 * @param shape shape of the schedule
 */
@JsonTypeName("train-with")
public record TrainWith(double share, Optimizer optimizer, Shape shape) implements Step {
  public TrainWith {
    Train.check(share);
  }

  @Override
  public State apply(State before, Workbench bench) throws IOException {
    return bench.train(before, share, optimizer, shape);
  }

  @Override
  public boolean usesPlan() {
    return false;
  }

  @Override
  public Optional<Shape> shape(Plan plan, int trainings) {
    return Optional.of(shape);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(
        new Parameter("optimizer", optimizer.name(), ""),
        new Parameter("schedule", shape.name(), ""));
  }
}
