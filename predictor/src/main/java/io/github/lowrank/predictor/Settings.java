package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.Tokenization;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The first section of a compact file.
 *
 * @param tokenization how texts become words
 * @param ngrams 2 if pairs of neighbouring words are looked up, too, otherwise 1
 * @param mostWords number of words read from a text
 * @param labels names of the classes
 * @param prior probabilities of the classes for a text without a known word
 */
public record Settings(
    Tokenization tokenization, int ngrams, int mostWords, List<String> labels, float[] prior) {
  /** So many codes of 16 bits can be added. */
  private static final int MOST_ROWS = 1 << 15;

  private static final int MOST_CLASSES = 1 << 20;

  public Settings {
    labels = List.copyOf(labels);
  }

  static Settings read(Input in) throws FormatException {
    Tokenization tokenization = in.kind(Tokenization.values(), "the tokenizer");
    int ngrams = in.octet("longest n-gram", 1, 2);
    int mostWords = in.integer("number of words read of a text", 1, MOST_ROWS / ngrams);
    int classes = in.integer("number of classes", 1, MOST_CLASSES);
    float[] prior = in.floats(classes, "prior probabilities");
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < classes; i++) {
      labels.add(in.text(in.varint("length of a label"), "a label"));
    }
    return new Settings(tokenization, ngrams, mostWords, labels, prior);
  }

  /** Writes the section. */
  public void write(CompactOutput out) {
    out.kind(tokenization).octet(ngrams).integer(mostWords).integer(labels.size()).floats(prior);
    for (String label : labels) {
      byte[] utf8 = label.getBytes(StandardCharsets.UTF_8);
      out.varint(utf8.length).raw(utf8);
    }
  }

  boolean pairs() {
    return ngrams > 1;
  }

  Settings with(ClassMeans classes) {
    return new Settings(tokenization, ngrams, mostWords, classes.labels(), classes.prior());
  }
}
