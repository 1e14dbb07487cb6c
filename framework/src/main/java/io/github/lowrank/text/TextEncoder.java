package io.github.lowrank.text;

import io.github.lowrank.op.Sessions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.strings.StringSplit;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;

/** Tokenizes texts with the same ops as an exported model. */
public final class TextEncoder {
  private static final int BATCH = 1024;

  private TextEncoder() {}

  /** The words of each text. */
  public static List<String[]> tokenize(Tokenizer tokenizer, List<String> texts) {
    List<String[]> all = new ArrayList<>(texts.size());
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Placeholder<TString> input = tf.placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
      StringSplit split = tokenizer.split(tf, input);
      try (Session session = Sessions.open(graph)) {
        for (int start = 0; start < texts.size(); start += BATCH) {
          List<String> batch = texts.subList(start, Math.min(texts.size(), start + BATCH));
          try (TString values =
                  TString.tensorOf(
                      StandardCharsets.UTF_8,
                      NdArrays.vectorOfObjects(batch.toArray(new String[0])));
              Result result =
                  session
                      .runner()
                      .feed(input, values)
                      .fetch(split.indices())
                      .fetch(split.values())
                      .run()) {
            collect((TInt64) result.get(0), (TString) result.get(1), batch.size(), all);
          }
        }
      }
    }
    return all;
  }

  private static void collect(TInt64 indices, TString words, int texts, List<String[]> all) {
    List<List<String>> rows = new ArrayList<>();
    for (int i = 0; i < texts; i++) {
      rows.add(new ArrayList<>());
    }
    long count = words.shape().get(0);
    for (long i = 0; i < count; i++) {
      rows.get(Math.toIntExact(indices.getLong(i, 0))).add(words.getObject(i));
    }
    rows.forEach(row -> all.add(row.toArray(new String[0])));
  }

  /**
   * Row numbers of the first {@code maxLength} words of each text, unknown words as 0, then of the
   * known pairs of neighbours among them, with the texts' labels.
   */
  public static EncodedTexts encode(
      List<String[]> texts, int[] labels, Vocabulary vocabulary, int maxLength) {
    boolean pairs = vocabulary.ngrams() > 1;
    int[][] ids = new int[texts.size()][];
    for (int i = 0; i < ids.length; i++) {
      String[] words = texts.get(i);
      int length = Math.min(words.length, maxLength);
      IntStream known =
          IntStream.range(1, pairs ? length : 0)
              .map(w -> vocabulary.id(Vocabulary.pair(words[w - 1], words[w])))
              .filter(id -> id > 0);
      ids[i] =
          IntStream.concat(Arrays.stream(words, 0, length).mapToInt(vocabulary::id), known)
              .toArray();
    }
    return EncodedTexts.of(ids, labels);
  }
}
