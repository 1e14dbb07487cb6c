package io.github.lowrank.experiments.spec;

import io.github.lowrank.io.Kinds;
import java.util.List;

/** What the steps are called in files. */
public final class SpecKinds implements Kinds {
  @Override
  public List<Class<?>> kinds() {
    return List.of(Train.class, TrainWith.class, Factorize.class, Project.class, Quantize.class);
  }
}
