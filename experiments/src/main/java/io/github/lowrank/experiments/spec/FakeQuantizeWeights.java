package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.embedding.FakeQuantizedWeight;
import io.github.lowrank.model.Classifier;
import java.util.List;

/**
 * From here on the matrices of encoder and head train as if they were stored in b-bit codes, with
 * one step per row; biases and other vectors stay floats. {@link Pack} stores the codes.
 *
 * @param bits width of a code
 */
@JsonTypeName("fake-quantize-weights")
public record FakeQuantizeWeights(int bits) implements Step {
  public FakeQuantizeWeights {
    if (bits < 2 || bits > 16) {
      throw new IllegalArgumentException("bits must be in 2 .. 16, but is " + bits);
    }
  }

  @Override
  public State apply(State before, Workbench bench) {
    return bench.changed(before, classifier(before.classifier()));
  }

  private Classifier classifier(Classifier before) {
    return before.withMatrices(
        weight -> weight.withMatrices(matrix -> FakeQuantizedWeight.of(matrix, bits)));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter("weight_bits", bits, "weights " + bits + " bit"));
  }
}
