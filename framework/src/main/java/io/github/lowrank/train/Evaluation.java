package io.github.lowrank.train;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One evaluation on dev.
 *
 * @param step steps done
 * @param loss mean training loss since the last evaluation; NaN at step 0
 * @param rate learning rate of the last step
 * @param dev metrics by name; the first one selects
 */
public record Evaluation(long step, double loss, double rate, Map<String, Double> dev) {
  public Evaluation {
    dev = Collections.unmodifiableMap(new LinkedHashMap<>(dev));
  }

  /** The metric that selects. */
  public double selected() {
    return dev.values().iterator().next();
  }

  /** The same, counted on from a former training. */
  public Evaluation after(long steps) {
    return new Evaluation(steps + step, loss, rate, dev);
  }
}
