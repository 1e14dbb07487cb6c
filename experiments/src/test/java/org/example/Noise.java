package org.example;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.experiments.spec.State;
import io.github.lowrank.experiments.spec.Step;
import io.github.lowrank.experiments.spec.Workbench;
import io.github.lowrank.io.Kinds;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.op.Parameter;
import java.util.List;
import java.util.Random;

/**
 * Adds normal noise to the rows of all words.
 *
 * @param noise its standard deviation
 */
@JsonTypeName("noise")
public record Noise(double noise) implements Step {
  @Override
  public State apply(State before, Workbench bench) {
    Classifier classifier = before.classifier();
    Random random = new Random(bench.seed());
    Classifier noisy =
        classifier.withTable(
            classifier.table().withRows(rows -> new Dense(disturbed(rows, random))));
    State after = bench.changed(before, noisy);
    return after.measured("noise_cost", before.devAccuracy() - after.devAccuracy());
  }

  private Matrix disturbed(Matrix rows, Random random) {
    float[] values = rows.values().clone();
    for (int i = rows.columns(); i < values.length; i++) { // not the padding's
      values[i] += (float) (noise * random.nextGaussian());
    }
    return rows.with(values);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter("noise", noise, Double.toString(noise)));
  }

  /** What files call it. */
  public static final class Names implements Kinds {
    @Override
    public List<Class<?>> kinds() {
      return List.of(Noise.class);
    }
  }
}
