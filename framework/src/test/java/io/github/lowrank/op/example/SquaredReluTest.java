package io.github.lowrank.op.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

/** Whether an op from outside the library works and trains. */
class SquaredReluTest {
  private static final float[] X = {0.5f, -1.5f, 2f, 1f};
  private static final float RATE = 0.01f;

  private record Step(float loss, float[] weights) {}

  /** The loss of {@code weights}, and the weights after one step of gradient descent. */
  private static Step step(float[] weights) {
    List<float[]> out =
        Eval.floats(
            b -> {
              Operand<TFloat32> w = b.tf.constant(weights);
              Operand<TFloat32> y = SquaredRelu.of(b.tf, b.tf.math.mul(w, b.tf.constant(X)));
              Operand<TFloat32> loss = b.tf.reduceSum(y, b.tf.constant(0));
              Operand<TFloat32> gradient = b.tf.gradients(loss, List.of(w)).dy(0);
              return List.of(loss, b.tf.math.sub(w, b.tf.math.mul(b.tf.constant(RATE), gradient)));
            });
    return new Step(out.get(0)[0], out.get(1));
  }

  @Test
  void oneStepOfTrainingFollowsFiniteDifferences() {
    float[] weights = {1f, 0.5f, -0.75f, 2f};
    Step step = step(weights);
    assertThat(step.loss()).isCloseTo(0.25f + 4f, within(1e-6f));
    float h = 0.125f; // central differences of a square are exact
    for (int i = 0; i < weights.length; i++) {
      float[] up = weights.clone();
      float[] down = weights.clone();
      up[i] += h;
      down[i] -= h;
      float slope = (step(up).loss() - step(down).loss()) / (2 * h);
      assertThat(step.weights()[i]).as("%d", i).isCloseTo(weights[i] - RATE * slope, within(1e-5f));
    }
    assertThat(step(step.weights()).loss()).isLessThan(step.loss());
  }

  @Test
  void theJavadocShowsThisVeryOp() throws IOException {
    String op = Files.readString(source("test", "op/example/SquaredRelu.java"));
    String javadoc =
        Files.readString(source("main", "op/function/package-info.java"))
            .replaceAll("(?m)^ \\* ?", "");
    assertThat(javadoc).contains(op.substring(op.indexOf("final class")));
  }

  private static Path source(String tree, String file) {
    return Path.of("src", tree, "java/io/github/lowrank", file);
  }
}
