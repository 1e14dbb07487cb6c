package io.github.lowrank.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One evaluation on dev.
 *
 * @param step number of steps done
 * @param loss mean training loss since the last evaluation; NaN at step 0
 * @param rate learning rate of the last step
 * @param dev metrics by name; the first one is used for selection
 */
public record Evaluation(long step, double loss, double rate, Map<String, Double> dev) {
  public Evaluation {
    dev = Collections.unmodifiableMap(new LinkedHashMap<>(dev));
  }

  /** The metric used for selection. */
  public double selected() {
    return dev.values().iterator().next();
  }

  /** The same, with its steps counted on from an earlier training. */
  public Evaluation after(long steps) {
    return new Evaluation(steps + step, loss, rate, dev);
  }
}
