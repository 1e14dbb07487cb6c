package io.github.lowrank.model;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.fasterxml.jackson.annotation.OptBoolean;
import io.github.lowrank.embedding.Weight;
import io.github.lowrank.io.Json;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.onnx.OnnxWords;
import io.github.lowrank.predictor.CompactFormat;
import io.github.lowrank.predictor.CompactOutput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.tensorflow.Operand;
import org.tensorflow.framework.activations.ReLU;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Deep averaging network of <a href="https://aclanthology.org/P15-1162/">Iyyer et al. (2015)</a>:
 * the mean of the word vectors, dropout, hidden ReLU layers.
 *
 * @param hidden sizes of the hidden layers; with none the classifier is linear, as fastText's
 * @param dropout rate on the mean
 * @param wordDropout share of a text's words that are left out of the mean in training
 */
@JsonTypeName("dan")
public record Dan(
    List<Integer> hidden,
    double dropout,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) double wordDropout)
    implements Encoder {
  /** Without word dropout. */
  public Dan(List<Integer> hidden, double dropout) {
    this(hidden, dropout, 0);
  }

  @JsonCreator
  static Dan read(
      @JsonProperty("hidden") List<Integer> hidden,
      @JsonProperty("dropout") double dropout,
      @JsonProperty("wordDropout")
          @JacksonInject(value = Json.ABSENT_IS_ZERO, useInput = OptBoolean.TRUE)
          double wordDropout) {
    return new Dan(hidden, dropout, wordDropout);
  }

  public Dan {
    hidden = List.copyOf(hidden);
    if (hidden.stream().anyMatch(units -> units < 1)) {
      throw new IllegalArgumentException(
          "a DAN's hidden layers need at least one unit each, but hidden is " + hidden);
    }
    for (double rate : new double[] {dropout, wordDropout}) {
      if (!(rate >= 0 && rate < 1)) {
        throw new IllegalArgumentException("dropout must be in [0, 1), but is " + rate);
      }
    }
  }

  /** The paper's configuration: 30 and 25 hidden units. */
  public static Dan ofPaper() {
    return new Dan(List.of(30, 25), 0.3);
  }

  @Override
  public String name() {
    return hidden.isEmpty() ? "linear" : "dan";
  }

  @Override
  public int width(int dimension) {
    return hidden.isEmpty() ? dimension : hidden.get(hidden.size() - 1);
  }

  @Override
  public Map<String, Matrix> initialWeights(int dimension, Random random) {
    Map<String, Matrix> weights = new LinkedHashMap<>();
    int in = dimension;
    for (int i = 0; i < hidden.size(); i++) {
      int out = hidden.get(i);
      weights.put("hidden" + i, Matrix.glorot(in, out, random));
      weights.put("hidden" + i + "_bias", Matrix.zeros(1, out));
      in = out;
    }
    return weights;
  }

  @Override
  public Optional<String> inputWeight() {
    return hidden.isEmpty() ? Optional.empty() : Optional.of("hidden0");
  }

  @Override
  public Operand<TFloat32> encode(
      Ops tf,
      WordLayer words,
      Map<String, Operand<TFloat32>> weights,
      Operand<TInt32> ids,
      Dropout dropout) {
    Operand<TFloat32> shares = Encoder.mean(tf, Encoder.mask(tf, ids));
    Operand<TFloat32> mean =
        words.embedding().bag(tf, ids, dropout.apply(tf, shares, wordDropout, 1));
    Operand<TFloat32> x = words.project(tf, dropout.apply(tf, mean, this.dropout, 0));
    for (int i = 0; i < hidden.size(); i++) {
      if (i > 0) {
        x = tf.linalg.matMul(x, weights.get("hidden" + i));
      }
      x = ReLU.relu(tf, tf.nn.biasAdd(x, weights.get("hidden" + i + "_bias")));
    }
    return x;
  }

  @Override
  public boolean pools() {
    return true;
  }

  @Override
  public long multiplyAdds(Map<String, Matrix> weights, int tokens) {
    long sum = 0;
    for (int i = 1; i < hidden.size(); i++) {
      sum += weights.get("hidden" + i).size();
    }
    return sum;
  }

  @Override
  public void writeCompact(Map<String, Weight> weights, CompactOutput out) {
    out.kind(CompactFormat.EncoderKind.MEAN).integer(hidden.size());
    for (int i = 0; i < hidden.size(); i++) {
      String name = "hidden" + i;
      CompactLayer.write(weights.get(name), weights.get(name + "_bias"), true, out);
    }
  }

  @Override
  public String onnx(
      OnnxGraph graph, OnnxTable table, Map<String, Weight> weights, OnnxWords words) {
    OnnxTable first =
        hidden.isEmpty() ? table : table.plus(weights.get("hidden0_bias").toMatrix().values());
    String x = first.vectors(graph, words.mean(graph, table.numbers().apply(words.rows())));
    for (int i = 0; i < hidden.size(); i++) {
      if (i > 0) {
        float[] bias = weights.get("hidden" + i + "_bias").toMatrix().values();
        x = graph.linear(x, weights.get("hidden" + i).toMatrix(), bias);
      }
      x = graph.op("Relu", x).value();
    }
    return x;
  }
}
