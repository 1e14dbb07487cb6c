package io.github.lowrank.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProximityLearningTest {
  private static final ProximityLearning.Settings SMALL =
      new ProximityLearning.Settings(60, 8, 1e-3, 0.1);
  private static final ProximityLoss LINKS = new LinkLoss(0.5, 1);

  @Test
  void theGradientOfTheWholeChainIsThatOfDifferences() {
    for (boolean directed : new boolean[] {false, true}) {
      Network network = Networks.random(80, 320, directed, true, 9);
      assertThat(error(network, LINKS)).as("links, directed: %s", directed).isLessThan(1e-6);
      ProximityLoss classes = new ClassLoss(Networks.labels(80, 4, 40, 3), 3, 1);
      assertThat(error(network, classes)).as("classes, directed: %s", directed).isLessThan(1e-6);
    }
  }

  /** {@code ||gradient - differences|| / ||differences||} with respect to theta, on a sample. */
  private static double error(Network network, ProximityLoss loss) {
    Sample sample = ProximityLearning.sample(network, 60, new Random(1), 5);
    double[] theta = new double[StoppingProbabilities.HOPS];
    Random random = new Random(2);
    for (int i = 0; i < theta.length; i++) {
      theta[i] = random.nextGaussian() - 1;
    }
    try (ProximityLearning learning = new ProximityLearning(loss, SMALL, 60)) {
      double[] found = learning.step(sample, theta).gradient();
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < theta.length; i++) {
        double at = theta[i];
        double h = 1e-4;
        theta[i] = at + h;
        double up = learning.step(sample, theta).loss();
        theta[i] = at - h;
        double down = learning.step(sample, theta).loss();
        theta[i] = at;
        double expected = (up - down) / (2 * h);
        difference += Math.pow(found[i] - expected, 2);
        norm += expected * expected;
      }
      assertThat(norm).isPositive();
      return Math.sqrt(difference / norm);
    }
  }

  @Test
  void theLossOfASampleFalls() {
    Network network = Networks.random(60, 240, false, false, 10);
    falls(network, LINKS);
    falls(network, ClassLoss.standard(Networks.labels(60, 3, 60, 4)));
  }

  private static void falls(Network network, ProximityLoss of) {
    StoppingProbabilities start = StoppingProbabilities.poisson(1);
    List<StoppingProbabilities> all = ProximityLearning.learn(network, of, start, SMALL, 30, 1);
    assertThat(all).hasSize(31).startsWith(start);
    assertThat(loss(network, of, all.get(30))).isLessThan(loss(network, of, start));
    assertThat(ProximityLearning.learn(network, of, start, SMALL, 30, 1)).isEqualTo(all);
  }

  private static double loss(Network network, ProximityLoss of, StoppingProbabilities stopping) {
    double[] theta = new double[stopping.hops()];
    for (int i = 0; i < theta.length; i++) {
      double a = Math.min(0.999, stopping.alpha()[i]);
      theta[i] = Math.log(a / (1 - a));
    }
    Sample all = ProximityLearning.sample(network, network.nodes(), new Random(1), 5);
    try (ProximityLearning learning = new ProximityLearning(of, SMALL, network.nodes())) {
      return learning.step(all, theta).loss();
    }
  }

  @Test
  void samplesAreConnectedAndBreadthFirst() {
    Network network = Networks.random(200, 800, false, false, 11);
    Sample drawn = ProximityLearning.sample(network, 50, new Random(1), 5);
    Network sample = drawn.network();
    assertThat(sample.nodes()).isEqualTo(50);
    for (int i = 0; i < 50; i++) {
      assertThat(sample.names().get(i)).isEqualTo(network.names().get(drawn.nodes()[i]));
    }
    for (int i = 1; i < 50; i++) {
      boolean reached = false;
      for (int j = 0; j < i; j++) {
        reached |= sample.connects(j, i);
      }
      assertThat(reached).isTrue();
    }
  }
}
