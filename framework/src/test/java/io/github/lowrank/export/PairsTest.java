package io.github.lowrank.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.embedding.Dense;
import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.model.Classifier;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Lstm;
import io.github.lowrank.model.Softmax;
import io.github.lowrank.text.EncodedTexts;
import io.github.lowrank.text.StreamEncoder;
import io.github.lowrank.text.TextEncoder;
import io.github.lowrank.text.Tokenizer;
import io.github.lowrank.text.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;

/** Pairs of words in training, in the graph, and by hand. */
class PairsTest {
  private static final int LENGTH = 6;
  private static final int BATCH = 7;

  @TempDir Path folder;

  /** Texts of 0 to 12 of few words, so that pairs repeat; some have no word. */
  private static List<String> texts(int count, long seed) {
    String[] words = {"a", "B", "c", "don't", "naïve", "ΟΔΟΣ", "...", "😀", "it's", "\n"};
    String[] spaces = {" ", "  ", "\t", "\n", " \u0000 "};
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>(List.of("", " ", "a"));
    while (texts.size() < count) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(13); i > 0; i--) {
        text.append(words[random.nextInt(words.length)])
            .append(spaces[random.nextInt(spaces.length)]);
      }
      texts.add(text.toString());
    }
    return texts;
  }

  private static TextModel model(Tokenizer tokenizer, Vocabulary vocabulary, Encoder encoder) {
    Matrix table = Matrix.uniform(vocabulary.size(), 4, 1, new Random(1));
    return new TextModel(
        Classifier.initial(encoder, new Softmax(), new Dense(table), 2, 1),
        tokenizer,
        vocabulary,
        List.of("no", "yes"),
        List.of(0.5, 0.5),
        LENGTH);
  }

  /** What the documentation says, without an encoder and without a graph. */
  private static List<Integer> byHand(String[] words, Map<String, Integer> rows) {
    List<Integer> all = new ArrayList<>();
    for (int i = 0; i < Math.min(LENGTH, words.length); i++) {
      all.add(rows.getOrDefault(words[i], 0));
    }
    for (int i = 0; i + 1 < Math.min(LENGTH, words.length); i++) {
      all.add(rows.getOrDefault(words[i] + " " + words[i + 1], 0));
    }
    return known(all.stream().mapToInt(id -> id).toArray());
  }

  private static List<Integer> known(int[] ids) {
    return IntStream.of(ids).filter(id -> id > 0).boxed().toList();
  }

  @ParameterizedTest
  @EnumSource(Tokenizer.class)
  void trainingAndGraphHaveTheSameRows(Tokenizer tokenizer) throws IOException {
    List<String> train = texts(300, 1);
    List<String> dev = texts(300, 2);
    StreamEncoder.Encoded encoded;
    try (StreamEncoder encoder = new StreamEncoder(tokenizer, LENGTH)) {
      encoder.part();
      train.forEach(text -> encoder.add(text, 0));
      encoder.part();
      dev.forEach(text -> encoder.add(text, 1));
      encoded = encoder.finish(Integer.MAX_VALUE, 12);
    }
    Vocabulary vocabulary = encoded.vocabulary();
    List<String> entries = vocabulary.words();
    assertThat(entries.stream().filter(Vocabulary::isPair).count())
        .isBetween(5L, entries.size() - 10L);
    Map<String, Integer> rows = new HashMap<>();
    for (int i = 1; i < entries.size(); i++) {
      rows.put(entries.get(i), i);
    }

    Path saved = folder.resolve("model");
    SavedModelWriter.write(model(tokenizer, vocabulary, new Dan(List.of(3), 0)), saved);
    try (SavedModelBundle bundle = SavedModels.load(saved)) {
      for (int part = 0; part < 2; part++) {
        List<String> texts = part == 0 ? train : dev;
        List<String[]> words = TextEncoder.tokenize(tokenizer, texts);
        EncodedTexts found = encoded.parts().get(part);
        for (int from = 0; from < texts.size(); from += BATCH) {
          List<String> some = texts.subList(from, Math.min(texts.size(), from + BATCH));
          int[][] served = rows(bundle, some);
          for (int i = 0; i < some.size(); i++) {
            List<Integer> expected = byHand(words.get(from + i), rows);
            assertThat(known(found.ids(from + i))).as(some.get(i)).isEqualTo(expected);
            assertThat(known(served[i])).as(some.get(i)).isEqualTo(expected);
          }
        }
      }
    }
  }

  private static int[][] rows(SavedModelBundle bundle, List<String> texts) {
    try (TString input =
            TString.tensorOf(
                StandardCharsets.UTF_8, NdArrays.vectorOfObjects(texts.toArray(new String[0])));
        Result result =
            bundle
                .session()
                .runner()
                .feed(SavedModelWriter.TEXT, input)
                .fetch(SavedModelWriter.ROWS)
                .run()) {
      TInt32 ids = (TInt32) result.get(0);
      int[][] rows = new int[texts.size()][(int) ids.shape().get(1)];
      for (int i = 0; i < rows.length; i++) {
        for (int j = 0; j < rows[i].length; j++) {
          rows[i][j] = ids.getInt(i, j);
        }
      }
      return rows;
    }
  }

  @Test
  void pairsOfTrainAloneAreKnownIfTheyAreFrequent() {
    try (StreamEncoder encoder = new StreamEncoder(Tokenizer.WORDS, 4)) {
      encoder.part();
      encoder.add("not good, not bad not good", 0); // the last pair is beyond the length
      encoder.add("not bad", 0);
      encoder.part();
      encoder.add("so so so", 0);
      StreamEncoder.Encoded encoded = encoder.finish(Integer.MAX_VALUE, 2);
      assertThat(encoded.vocabulary().words())
          .containsExactly("", "not", "so", "bad", "good", "not bad");
      assertThat(encoded.differentWords()).isEqualTo(5);
      assertThat(encoded.parts().get(0).ids(0)).containsExactly(1, 4, 1, 3, 5);
      assertThat(encoded.parts().get(0).ids(1)).containsExactly(1, 3, 5);
      assertThat(encoded.parts().get(1).ids(0)).containsExactly(2, 2, 2);
    }
  }

  @Test
  void anEncoderThatReadsWordsInTheirOrderHasNoPairs() {
    Vocabulary pairs =
        Vocabulary.withPairs(List.of(), List.<String[]>of(new String[] {"a", "b"}), 2, 1);
    assertThat(pairs.words()).containsExactly("", "a b");
    assertThatThrownBy(() -> model(Tokenizer.WORDS, pairs, new Lstm(3, 0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pairs of words need an encoder that pools them, but there is lstm");
  }
}
