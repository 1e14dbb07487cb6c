package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.Split;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.train.SoftmaxRegression;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What sentence encoders say of a data set's training texts: logistic regression on their vectors,
 * cross-fitted, so that no text is labelled by a model that saw its label. Computed when asked for.
 */
public final class EncoderTeachers {
  private static final int FOLDS = 5;

  private final String dataset;
  private final Texts train;
  private final Unlabelled unlabelled;
  private final int classes;
  private final DataRoot root;
  private final RunListener listener;
  private final Map<String, float[][]> known = new HashMap<>();

  /** Labelled texts, read when needed. */
  interface Texts {
    void read(Split.Reader reader) throws IOException;
  }

  EncoderTeachers(
      String dataset,
      Texts train,
      Unlabelled unlabelled,
      int classes,
      DataRoot root,
      RunListener listener) {
    this.dataset = dataset;
    this.train = train;
    this.unlabelled = unlabelled;
    this.classes = classes;
    this.root = root;
    this.listener = listener;
  }

  /**
   * Logits of the training texts and then of those without labels, {@code [texts, classes]}.
   *
   * @param encoder name of its word vectors in the catalogue
   */
  float[][] scores(String encoder) throws IOException {
    float[][] scores = known.get(encoder);
    if (scores == null) {
      scores = compute(encoder);
      known.put(encoder, scores);
    }
    return scores;
  }

  private float[][] compute(String encoder) throws IOException {
    VectorSource model =
        Catalogue.vectors().stream()
            .filter(v -> v.name().equals(encoder) && v.files().size() == 2)
            .findFirst()
            .orElseThrow(
                () ->
                    new IOException(
                        "expected the name of vectors from a sentence encoder, found " + encoder));
    List<String> texts = new ArrayList<>();
    List<Integer> labels = new ArrayList<>();
    train.read(
        (text, label) -> {
          texts.add(text);
          labels.add(label);
        });
    int[] y = labels.stream().mapToInt(i -> i).toArray();
    String what = "encoding " + dataset + " for " + encoder;
    Matrix vectors = Encodings.of(model, texts, what, root, listener);
    if (unlabelled.size() > 0) {
      vectors =
          vectors.above(
              Encodings.of(model, unlabelled.texts(), what + ", without labels", root, listener));
    }
    float[][] scores =
        SoftmaxRegression.crossFitted(
            vectors,
            y,
            unlabelled.parts(),
            classes,
            FOLDS,
            1,
            fold -> listener.texts("teacher " + encoder + ", parts of " + FOLDS, fold));
    int right = 0;
    for (int i = 0; i < y.length; i++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = scores[i][c] > scores[i][best] ? c : best;
      }
      right += best == y[i] ? 1 : 0;
    }
    listener.log(
        "teacher %s: %.2f %% of the training texts right, each without having seen it"
            .formatted(encoder, 100.0 * right / y.length));
    return scores;
  }
}
