package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.IOException;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * One thing that a method does to a classifier. One of your own is a record that implements it,
 * with a {@code @JsonTypeName} that {@link io.github.lowrank.io.Kinds} announces.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
public interface Step {
  /** Does it: a pure function of what it is given and of this step. */
  State apply(State before, Workbench bench) throws IOException;

  /** The share of the step budget that it trains for, in [0, 1]; 0 if it does not train. */
  default double share() {
    return 0;
  }

  /** What distinguishes it, for rows and reports. */
  default List<Parameter> parameters() {
    return List.of();
  }

  /** The same step, if it removes numbers, with another fraction to remove. */
  default Step withRemoved(DoubleUnaryOperator fraction) {
    return this;
  }

  /**
   * A parameter of a method.
   *
   * @param name of its column
   * @param value a number or a string
   * @param text how the method's label shows it, such as {@code 90 %}; empty if it does not
   */
  record Parameter(String name, Object value, String text) {}
}
