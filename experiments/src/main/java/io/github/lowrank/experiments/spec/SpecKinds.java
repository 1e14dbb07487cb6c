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
        TrainAt.class,
        Teach.class,
        TeachByEncoder.class,
        Teacher.Trained.class,
        Teacher.Encoder.class,
        Factorize.class,
        FactorizeByUse.class,
        MultiplyFactors.class,
        FactorizeToBytes.class,
        FactorizeToRank.class,
        Truncate.class,
        Project.class,
        WeightByFrequency.class,
        CodewordsToBytes.class,
        LearnCodes.class,
        ShareRows.class,
        HashRows.class,
        Quantize.class,
        FakeQuantize.class,
        FakeQuantizeWeights.class,
        FactorizeWeights.class,
        Pack.class,
        Calibrate.class,
        ChooseThreshold.class,
        Reject.class,
        TensorTrainToBytes.class,
        RandomFactors.class);
  }
}
