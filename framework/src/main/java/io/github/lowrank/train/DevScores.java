package io.github.lowrank.train;

import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.ClassifierGraph;
import io.github.lowrank.model.Dropout;
import io.github.lowrank.text.EncodedTexts;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * The scores of dev by the current values of a graph, and by the state that the head then has.
 *
 * @param classifier its architecture
 * @param vectors the encoder's vectors of {@code ids}
 * @param scores of the classes
 * @param train the texts that give the state
 * @param state whether the head has any
 */
record DevScores(
    Classifier classifier,
    ClassifierGraph graph,
    Operand<TInt32> ids,
    Operand<TFloat32> vectors,
    Operand<TFloat32> scores,
    EncodedTexts train,
    EncodedTexts dev,
    boolean state) {
  static DevScores create(
      Ops tf,
      Classifier classifier,
      ClassifierGraph graph,
      Operand<TInt32> ids,
      EncodedTexts train,
      EncodedTexts dev) {
    Operand<TFloat32> vectors = graph.vectors(tf, ids, Dropout.NONE);
    boolean state =
        !classifier.head().initialState(classifier.width(), classifier.classes()).isEmpty();
    return new DevScores(
        classifier, graph, ids, vectors, graph.scores(tf, vectors), train, dev, state);
  }

  /**
   * {@code [texts][classes]}.
   *
   * @throws DivergedException if one of them is NaN
   */
  float[][] read(Session session) {
    if (state) {
      float[][] known = new Predictor.Rows(session, ids, vectors, train, classifier.width()).read();
      graph.setState(session, classifier.head().state(known, train.labels(), classifier.classes()));
    }
    float[][] read = new Predictor.Rows(session, ids, scores, dev, classifier.classes()).read();
    for (float[] text : read) {
      for (float score : text) {
        if (Float.isNaN(score)) {
          throw new DivergedException("the scores of dev became NaN");
        }
      }
    }
    return read;
  }
}
