package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.graph.NodeLabels;
import io.github.lowrank.linalg.Matrix;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NodeClassificationTest {
  private static final int NODES = 60;

  private static NodeLabels labels() {
    return new NodeLabels(
        List.of("a", "b"),
        IntStream.range(0, NODES)
            .mapToObj(i -> i % 3 == 2 ? new int[0] : new int[] {i % 3})
            .toArray(int[][]::new),
        0);
  }

  @Test
  void whatChoosesIsAmongWhatEveryScoreLearnsFrom() {
    NodeLabels few = NodeClassification.known(labels(), 0.1, 7);
    NodeLabels many = NodeClassification.known(labels(), 0.5, 7);
    assertThat(IntStream.range(0, NODES).filter(few::has).count()).isEqualTo(4);
    assertThat(IntStream.range(0, NODES).filter(many::has).count()).isEqualTo(20);
    assertThat(IntStream.range(0, NODES).filter(few::has)).allMatch(many::has);

    // A score learns from them: wrong labels of those nodes, and of no others, make it worse.
    Random random = new Random(1);
    float[] values = new float[2 * NODES];
    for (int i = 0; i < NODES; i++) {
      values[2 * i + i % 2] = 1 + 0.01f * random.nextFloat();
      values[2 * i + 1 - i % 2] = 0.01f * random.nextFloat();
    }
    NodeLabels parity = parity(new boolean[NODES]);
    boolean[] wrong = new boolean[NODES];
    NodeLabels known = NodeClassification.known(parity, 0.5, 7);
    for (int i = 0; i < NODES; i++) {
      wrong[i] = known.has(i);
    }
    Matrix features = new Matrix(NODES, 2, values);
    assertThat(NodeClassification.microF1(features, parity, 0.5, 7)).isEqualTo(1);
    assertThat(NodeClassification.microF1(features, parity(wrong), 0.5, 7)).isZero();
  }

  private static NodeLabels parity(boolean[] wrong) {
    return new NodeLabels(
        List.of("even", "odd"),
        IntStream.range(0, NODES)
            .mapToObj(i -> new int[] {wrong[i] ? 1 - i % 2 : i % 2})
            .toArray(int[][]::new),
        0);
  }
}
