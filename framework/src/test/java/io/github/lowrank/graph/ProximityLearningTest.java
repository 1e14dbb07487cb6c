package io.github.lowrank.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProximityLearningTest {
  private static final ProximityLearning.Settings SMALL =
      new ProximityLearning.Settings(60, 8, 1e-3, 0.5, 1, 0.1);

  @Test
  void theGradientOfTheWholeChainIsThatOfDifferences() {
    for (boolean directed : new boolean[] {false, true}) {
      Network network =
          ProximityLearning.sample(Networks.random(80, 320, directed, true, 9), 60, new Random(1));
      double[] theta = new double[StoppingProbabilities.HOPS];
      Random random = new Random(2);
      for (int i = 0; i < theta.length; i++) {
        theta[i] = random.nextGaussian() - 1;
      }
      try (ProximityLearning learning = new ProximityLearning(SMALL, 60)) {
        double[] found = learning.step(network, theta).gradient();
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < theta.length; i++) {
          double at = theta[i];
          double h = 1e-4;
          theta[i] = at + h;
          double up = learning.step(network, theta).loss();
          theta[i] = at - h;
          double down = learning.step(network, theta).loss();
          theta[i] = at;
          double expected = (up - down) / (2 * h);
          difference += Math.pow(found[i] - expected, 2);
          norm += expected * expected;
        }
        assertThat(norm).isPositive();
        assertThat(Math.sqrt(difference / norm)).isLessThan(1e-6);
      }
    }
  }

  @Test
  void theLossOfASampleFalls() {
    Network network = Networks.random(60, 240, false, false, 10);
    StoppingProbabilities start = StoppingProbabilities.poisson(1);
    List<StoppingProbabilities> all = ProximityLearning.learn(network, start, SMALL, 30, 1);
    assertThat(all).hasSize(31).startsWith(start);
    assertThat(loss(network, all.get(30))).isLessThan(loss(network, start));
    assertThat(ProximityLearning.learn(network, start, SMALL, 30, 1)).isEqualTo(all);
  }

  private static double loss(Network network, StoppingProbabilities stopping) {
    double[] theta = new double[stopping.hops()];
    for (int i = 0; i < theta.length; i++) {
      double a = Math.min(0.999, stopping.alpha()[i]);
      theta[i] = Math.log(a / (1 - a));
    }
    try (ProximityLearning learning = new ProximityLearning(SMALL, network.nodes())) {
      return learning.step(network, theta).loss();
    }
  }

  @Test
  void samplesAreConnectedAndBreadthFirst() {
    Network network = Networks.random(200, 800, false, false, 11);
    Network sample = ProximityLearning.sample(network, 50, new Random(1));
    assertThat(sample.nodes()).isEqualTo(50);
    for (int i = 1; i < 50; i++) {
      boolean reached = false;
      for (int j = 0; j < i; j++) {
        reached |= sample.connects(j, i);
      }
      assertThat(reached).isTrue();
    }
  }
}
