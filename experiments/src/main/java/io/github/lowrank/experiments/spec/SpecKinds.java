package io.github.lowrank.experiments.spec;

import io.github.lowrank.io.Kinds;
import java.util.List;

/** The names of the steps in files. */
public final class SpecKinds implements Kinds {
  @Override
  public List<Class<?>> kinds() {
    return List.of(
        Train.class,
        TrainWith.class,
        Factorize.class,
        FactorizeToBytes.class,
        Project.class,
        Quantize.class,
        FakeQuantize.class,
        Pack.class,
        TensorTrainToBytes.class,
        RandomFactors.class);
  }
}
