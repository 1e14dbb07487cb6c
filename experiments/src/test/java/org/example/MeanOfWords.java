package org.example;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.io.Kinds;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Dropout;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.WordLayer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The mean of the word vectors through one linear layer.
 *
 * @param width of the layer
 */
@JsonTypeName("mean-of-words")
public record MeanOfWords(int width) implements Encoder {
  private static final String WEIGHT = "linear";

  @Override
  public String name() {
    return "mean-of-words";
  }

  @Override
  public int width(int dimension) {
    return width;
  }

  @Override
  public Map<String, Matrix> initialWeights(int dimension, Random random) {
    return Map.of(WEIGHT, Matrix.glorot(dimension, width, random));
  }

  @Override
  public Optional<String> inputWeight() {
    return Optional.of(WEIGHT);
  }

  @Override
  public Operand<TFloat32> encode(
      Ops tf,
      WordLayer words,
      Map<String, Operand<TFloat32>> weights,
      Operand<TInt32> ids,
      Dropout dropout) {
    Operand<TFloat32> mean =
        words.embedding().bag(tf, ids, Encoder.mean(tf, Encoder.mask(tf, ids)));
    return words.project(tf, mean);
  }

  @Override
  public boolean pools() {
    return true;
  }

  @Override
  public long multiplyAdds(Map<String, Matrix> weights, int tokens) {
    return 0; // the input layer is counted by the framework
  }

  /** What files call it. */
  public static final class Names implements Kinds {
    @Override
    public List<Class<?>> kinds() {
      return List.of(MeanOfWords.class);
    }
  }
}
