package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Schedule;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.util.Optional;

/**
 * Like {@link TrainWith}, but at its own rate, whatever that of the trial is: the beginning of
 * methods whose rates are searched for what comes later. Trials that differ in their rates alone
 * share it.
 *
 * @param share of the budget, in (0, 1]
 * @param optimizer update rule
 * @param shape shape of the schedule
 * @param rate highest learning rate
 */
@JsonTypeName("train-at")
public record TrainAt(double share, Optimizer optimizer, Shape shape, double rate) implements Step {
  public TrainAt {
    Train.check(share);
    if (!(rate > 0)) {
      throw new IllegalArgumentException("expected a rate above 0, found " + rate);
    }
  }

  @Override
  public State apply(State before, Workbench bench) throws IOException {
    return bench.train(before, share, optimizer, new Fixed(shape, rate));
  }

  @Override
  public Optional<Shape> shape(Plan plan, int trainings) {
    return Optional.of(new Fixed(shape, rate));
  }

  @Override
  public boolean usesPlan() {
    return false;
  }

  @Override
  public boolean usesRate() {
    return false;
  }

  private record Fixed(Shape shape, double rate) implements Shape {
    @Override
    public String name() {
      return shape.name();
    }

    @Override
    public Schedule schedule(double rateOfTrial, long steps) {
      return shape.schedule(rate, steps);
    }
  }
}
