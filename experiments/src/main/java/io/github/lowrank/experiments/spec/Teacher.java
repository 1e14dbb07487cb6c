package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.train.Predictor;
import java.io.IOException;

/** Whose probabilities trainings learn beside the labels. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "teacher")
public interface Teacher {
  /** Logits of {@link Workbench#taught}, {@code [texts, classes]}. */
  float[][] scores(Workbench bench) throws IOException;

  /**
   * A trained classifier.
   *
   * @param classifier does not change
   */
  @JsonTypeName("trained")
  record Trained(Classifier classifier) implements Teacher {
    @Override
    public float[][] scores(Workbench bench) {
      return Predictor.scores(classifier, bench.taught());
    }
  }

  /**
   * Logistic regression on the vectors of a sentence encoder.
   *
   * @param encoder name of its word vectors in the catalogue
   */
  @JsonTypeName("encoder")
  record Encoder(String encoder) implements Teacher {
    @Override
    public float[][] scores(Workbench bench) throws IOException {
      return bench.encoderScores(encoder);
    }
  }
}
