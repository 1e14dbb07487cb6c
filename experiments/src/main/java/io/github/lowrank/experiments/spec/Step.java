package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/**
 * One step of a method. To add a step, write a record that implements this interface, with a
 * {@code @JsonTypeName} announced through {@link io.github.lowrank.io.Kinds}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public interface Step {
  /** Runs the step: a pure function of the arguments and of this record. */
  State apply(State before, Workbench bench) throws IOException;

  /** The share of the step budget that it uses, in [0, 1]; 0 if it does not train. */
  default double share() {
    return 0;
  }

  /** The share of the step budget that it trains beside the method's own; in [0, 1]. */
  default double beside() {
    return 0;
  }

  /** Whether it trains at all. */
  default boolean trains() {
    return share() + beside() > 0;
  }

  /** Whether its result depends on the trial's learning rate. */
  default boolean usesRate() {
    return trains();
  }

  /** Whether it trains with the optimizer and the schedules of the plan. */
  default boolean usesPlan() {
    return trains();
  }

  /**
   * The shape of the rate in the method's training that this step is; nothing if it is none. A step
   * with a {@link #share} has one.
   *
   * @param trainings number of the method's trainings before
   */
  default Optional<Shape> shape(Plan plan, int trainings) {
    return Optional.empty();
  }

  /** Its parameters, for rows and reports. */
  default List<Parameter> parameters() {
    return List.of();
  }

  /** This step with another fraction to remove, if it removes numbers; else this step. */
  default Step withRemoved(DoubleUnaryOperator fraction) {
    return this;
  }

  /**
   * A parameter of a method.
   *
   * @param name name of its column
   * @param value a number or a string
   * @param text how the method's label shows it, such as {@code 90 %}; empty if it is not shown
   */
  record Parameter(String name, Object value, String text) {}
}
