package io.github.lowrank.train;

import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.ClassifierGraph;
import io.github.lowrank.model.Dropout;
import io.github.lowrank.op.Sessions;
import io.github.lowrank.op.Variables;
import io.github.lowrank.text.EncodedTexts;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.ObjIntConsumer;
import java.util.stream.Stream;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Scores texts with a trained classifier of any form. */
public final class Predictor {
  private static final int BATCH = 256;

  private Predictor() {}

  /** Class scores of each text, {@code [texts][classes]}. */
  public static float[][] scores(Classifier classifier, EncodedTexts texts) {
    return run(classifier, texts, true, Rows::read);
  }

  /** The class of each text, the one with the highest score. */
  public static int[] classes(Classifier classifier, EncodedTexts texts) {
    return run(classifier, texts, true, Predictor::classes);
  }

  /** The encoder's vector of each text, {@code [texts][n]}. */
  public static float[][] vectors(Classifier classifier, EncodedTexts texts) {
    return run(classifier, texts, false, Rows::read);
  }

  private interface Wanted<R> {
    R of(Rows rows);
  }

  private static <R> R run(
      Classifier classifier, EncodedTexts texts, boolean scored, Wanted<R> result) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      ClassifierGraph classifierGraph = ClassifierGraph.create(tf, new Variables(tf), classifier);
      Placeholder<TInt32> ids = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, -1)));
      Operand<TFloat32> vectors = classifierGraph.vectors(tf, ids, Dropout.NONE);
      Operand<TFloat32> wanted = scored ? classifierGraph.scores(tf, vectors) : vectors;
      try (Session session = Sessions.open(graph)) {
        classifierGraph.initialize(session);
        int columns = scored ? classifier.classes() : classifier.width();
        return result.of(new Rows(session, ids, wanted, texts, columns));
      }
    }
  }

  /** The value of {@code wanted}, which has {@code columns} columns, for each text. */
  record Rows(
      Session session,
      Operand<TInt32> ids,
      Operand<TFloat32> wanted,
      EncodedTexts texts,
      int columns) {

    float[][] read() {
      float[][] all = new float[texts.size()][];
      forEach((row, text) -> all[text] = row);
      return all;
    }

    /** Computes rows in any order, on all threads. */
    void forEach(ObjIntConsumer<float[]> row) {
      // One batch per thread rather than all threads on one batch, so that they never wait for each
      // other.
      Stream<int[]> batches = texts.byLength(BATCH).stream();
      (Sessions.threads() > 1 ? batches.parallel() : batches)
          .forEach(
              batch -> {
                float[] flat = new float[batch.length * columns];
                try (TInt32 input =
                        TInt32.tensorOf(
                            Shape.of(batch.length, texts.longest(batch)),
                            DataBuffers.of(texts.padded(batch)));
                    Result result = Sessions.caller(session).feed(ids, input).fetch(wanted).run()) {
                  ((TFloat32) result.get(0)).copyTo(DataBuffers.of(flat));
                }
                for (int i = 0; i < batch.length; i++) {
                  row.accept(Arrays.copyOfRange(flat, i * columns, (i + 1) * columns), batch[i]);
                }
              });
    }
  }

  /** The class with the highest score of each text, the first on ties. */
  static int[] classes(Rows scores) {
    int[] classes = new int[scores.texts().size()];
    scores.forEach((row, text) -> classes[text] = best(row));
    return classes;
  }

  /** The class with the highest score, the first on ties. */
  public static int[] classes(float[][] scores) {
    return Arrays.stream(scores).mapToInt(Predictor::best).toArray();
  }

  private static int best(float[] scores) {
    int best = 0;
    for (int c = 1; c < scores.length; c++) {
      if (scores[c] > scores[best]) {
        best = c;
      }
    }
    return best;
  }

  /**
   * What selects classifiers, in [0, 1]: the share of texts with the highest score for their class;
   * of texts of any number of classes, the F1 of the best of all {@link Thresholds}.
   */
  public static double quality(float[][] scores, EncodedTexts texts) {
    return texts.multiLabel()
        ? Thresholds.best(scores, texts).f1()
        : accuracy(classes(scores), texts);
  }

  /** Share of texts whose predicted class is theirs, or one of theirs, in [0, 1]. */
  public static double accuracy(int[] predicted, EncodedTexts texts) {
    return accuracy(right(predicted, texts), predicted.length);
  }

  /** Share of those that are true, in [0, 1]; NaN of none. */
  public static double accuracy(BitSet right, int size) {
    return size == 0 ? Double.NaN : right.cardinality() / (double) size;
  }

  /** Which texts have the predicted class. */
  public static BitSet right(int[] predicted, EncodedTexts texts) {
    BitSet right = new BitSet(predicted.length);
    for (int i = 0; i < predicted.length; i++) {
      right.set(i, texts.has(i, predicted[i]));
    }
    return right;
  }

  /** Share of correctly classified texts, in [0, 1]. */
  public static double accuracy(int[] predicted, int[] labels) {
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      if (predicted[i] == labels[i]) {
        right++;
      }
    }
    return labels.length == 0 ? Double.NaN : right / (double) labels.length;
  }
}
