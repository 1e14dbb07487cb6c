package io.github.lowrank.experiments.run;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.embedding.Dense;
import io.github.lowrank.embedding.LowRank;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.linalg.TruncatedSvd;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.ReducedVectors;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.text.WordVectors;
import io.github.lowrank.train.SentenceDistillation;
import io.github.lowrank.train.SentenceDistillation.Taught;
import io.github.lowrank.train.TrainingConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * Learns vectors of words from what a sentence encoder says of the training texts and of texts
 * without labels: {@link SentenceDistillation}. No label is used, and no text of dev or test.
 *
 * <p>The table starts as {@code W_a W_b}, the truncated SVD of what the encoder says of each word
 * alone, and both factors are learned. A word that no text contains keeps its row of {@code W_a};
 * through {@code W_b} it still learns what becomes of a word in a text.
 *
 * <p>All vectors of an encoder share a large part, which tells no text from another. So the mean
 * over the texts is subtracted from those of texts, and the mean over the words from those of
 * words.
 *
 * @param vocabulary the words
 * @param train the training texts
 * @param unlabelled texts without labels
 * @param encoded row numbers of the words of both
 * @param root where the encoder's files are
 * @param listener hears how far it is
 */
record TextWords(
    Vocabulary vocabulary,
    EncoderTeachers.Texts train,
    Unlabelled unlabelled,
    EncodedTexts encoded,
    DataRoot root,
    RunListener listener) {
  private static final int BATCH = 64;
  private static final int EPOCHS = 10;
  private static final double RATE = 0.001;
  private static final int PATIENCE = 3;

  /** One training text in so many is held out, to select. */
  private static final int HELD_OUT = 20;

  /**
   * The vectors.
   *
   * @param model with the files of a sentence encoder
   * @param dimension largest number of components to learn and to keep
   */
  WordVectors vectors(VectorSource model, int dimension) throws IOException {
    List<String> words = vocabulary.words().subList(1, vocabulary.size());
    List<String> texts = new ArrayList<>();
    train.read((text, label) -> texts.add(text));
    List<String> ids = LongStream.of(encoded.fingerprints()).mapToObj(Long::toHexString).toList();
    String recipe = List.of(dimension, BATCH, EPOCHS, RATE, PATIENCE, HELD_OUT).toString();
    String key =
        Encodings.key(
            model,
            List.of(
                words,
                texts,
                unlabelled.texts(),
                List.of(recipe, Arrays.toString(unlabelled.parts())),
                ids));
    return ReducedVectors.encoded(
        words,
        Encodings.kept(key, listener, () -> learned(model, words, texts, dimension)),
        dimension);
  }

  /** {@code W_a W_b} without the row of unknown words, {@code [words, n]}. */
  private Matrix learned(VectorSource model, List<String> words, List<String> texts, int dimension)
      throws IOException {
    Matrix alone = Encodings.of(model, words, "encoding words", root, listener).centred();
    Matrix vectors = Encodings.of(model, texts, "encoding texts", root, listener);
    if (unlabelled.size() > 0) {
      String what = "encoding texts without labels";
      vectors = vectors.above(Encodings.of(model, unlabelled.texts(), what, root, listener));
    }
    Taught all = new Taught(encoded, vectors.centred().unitRows());
    Taught dev = all.part(text -> text < texts.size() && heldOut(text));
    Taught learn = all.part(text -> !heldOut(source(text, texts.size())));
    if (words.isEmpty() || learn.texts().size() == 0) {
      return alone;
    }
    TruncatedSvd start =
        TruncatedSvd.of(
            Matrix.zeros(1, alone.columns()).above(alone), Math.min(dimension, alone.columns()));
    long epoch = (learn.texts().size() + BATCH - 1) / BATCH;
    long steps = EPOCHS * epoch;
    Matrix table =
        SentenceDistillation.train(
                new LowRank(new Dense(start.us()), start.v()),
                learn,
                dev,
                new TrainingConfig(
                    Optimizer.adam(),
                    Shape.named("linear-to-zero").schedule(RATE, steps),
                    steps,
                    BATCH,
                    Math.toIntExact(epoch),
                    PATIENCE,
                    1),
                listener.training(model.name()))
            .best()
            .toMatrix();
    int n = table.columns();
    return new Matrix(
        table.rows() - 1, n, Arrays.copyOfRange(table.values(), n, table.values().length));
  }

  /** The training text of which a text is a part; negative, if of none. */
  private int source(int text, int trained) {
    return text < trained ? text : unlabelled.parts()[text - trained];
  }

  private static boolean heldOut(int text) {
    return text % HELD_OUT == 0;
  }
}
