package io.github.lowrank;

import io.github.lowrank.distributed.DgdLocal;
import io.github.lowrank.distributed.GramGossip;
import io.github.lowrank.embedding.CodedWeight;
import io.github.lowrank.embedding.Codes;
import io.github.lowrank.embedding.Codewords;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.FakeQuantizedWeight;
import io.github.lowrank.embedding.FixedPoint;
import io.github.lowrank.embedding.FloatWeight;
import io.github.lowrank.embedding.LearnedCodes;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.embedding.LowRankWeight;
import io.github.lowrank.embedding.QuantizationAware;
import io.github.lowrank.embedding.ScaledColumns;
import io.github.lowrank.embedding.TensorTrain;
import io.github.lowrank.embedding.TruncatedTable;
import io.github.lowrank.io.Kinds;
import io.github.lowrank.model.Cnn;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Euclidean;
import io.github.lowrank.model.Lorentz;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Prototypes;
import io.github.lowrank.model.Residual;
import io.github.lowrank.model.Sigmoid;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.model.Sphere;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.optimizer.ScheduleFree;
import io.github.lowrank.schedule.Shape;
import java.util.List;

/** The names of the framework's own classes in files. */
public final class FrameworkKinds implements Kinds {
  @Override
  public List<Class<?>> kinds() {
    return List.of(
        // forms of a table
        Dense.class,
        LowRank.class,
        FixedPoint.class,
        QuantizationAware.class,
        ScaledColumns.class,
        TensorTrain.class,
        TruncatedTable.class,
        // forms of a weight matrix
        FloatWeight.class,
        FakeQuantizedWeight.class,
        CodedWeight.class,
        LowRankWeight.class,
        Codewords.class,
        Codes.Stored.class,
        Codes.Hashed.class,
        LearnedCodes.class,
        // encoders and heads
        Dan.class,
        Cnn.class,
        Residual.class,
        Lstm.class,
        Softmax.class,
        Sigmoid.class,
        Prototypes.class,
        Euclidean.class,
        Lorentz.class,
        Sphere.class,
        // optimizers
        Optimizer.Sgd.class,
        Optimizer.Momentum.class,
        Optimizer.AdaGrad.class,
        Optimizer.RmsProp.class,
        Optimizer.Adam.class,
        ScheduleFree.Sgd.class,
        ScheduleFree.AdamW.class,
        // shapes of schedules
        Shape.Constant.class,
        Shape.Exponential.class,
        Shape.LinearToZero.class,
        Shape.CosineToZero.class,
        Shape.WarmUp.class,
        Shape.Triangles.class,
        Shape.Cosines.class,
        Shape.OneCycle.class,
        Shape.Calr.class,
        Shape.Scaled.class,
        Shape.Sequence.class,
        // decentralized factorizations
        GramGossip.class,
        DgdLocal.class);
  }
}
