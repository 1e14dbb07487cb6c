package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Head;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.train.Predictor;

/**
 * Divides all scores by the temperature that makes the cross-entropy on dev smallest, after Guo et
 * al., <a href="https://arxiv.org/abs/1706.04599">On Calibration of Modern Neural Networks</a>
 * (2017). The temperature becomes part of the head; no answer changes. As Platt (1999) does, the n
 * labels of dev count as slightly uncertain, since a dev without an error would else ask for
 * infinite certainty.
 *
 * <pre>
 * T = argmin mean over dev of CE(softmax(z / T), t),  t = 1 - e for the label, e / (classes - 1) else,
 * e = 1 / (n + 2)
 * </pre>
 */
@JsonTypeName("calibrate")
public record Calibrate() implements Step {
  private static final double LARGEST = Math.log(20);

  @Override
  public State apply(State before, Workbench bench) {
    Classifier classifier = before.classifier();
    double temperature =
        temperature(classifier.head(), Predictor.scores(classifier, bench.dev()), bench.dev());
    State after =
        before.with(
            classifier
                .with(
                    new Classifier.Numbers(
                        classifier.table(),
                        classifier.head().scaled(classifier.weights(), (float) (1 / temperature))))
                .withHead(classifier.head().scaled(1 / temperature)),
            before.devAccuracy());
    return after.measured("temperature", temperature);
  }

  /** The best temperature, by golden-section search: the loss is convex in 1 / T. */
  static double temperature(Head head, float[][] scores, EncodedTexts texts) {
    double ratio = (Math.sqrt(5) - 1) / 2;
    double low = -LARGEST;
    double high = LARGEST;
    while (high - low > 1e-3) {
      double left = high - ratio * (high - low);
      double right = low + ratio * (high - low);
      if (loss(head, scores, texts, Math.exp(left)) < loss(head, scores, texts, Math.exp(right))) {
        high = right;
      } else {
        low = left;
      }
    }
    return Math.exp((low + high) / 2);
  }

  private static double loss(Head head, float[][] scores, EncodedTexts texts, double temperature) {
    double doubt = 1.0 / (scores.length + 2);
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      sum += head.crossEntropy(scores[i], texts.classes(i), temperature, doubt);
    }
    return sum;
  }
}
