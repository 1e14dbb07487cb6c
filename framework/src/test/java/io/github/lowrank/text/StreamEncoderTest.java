package io.github.lowrank.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StreamEncoderTest {
  private static final int LENGTH = 5;

  /** More than one batch of TensorFlow and one block of memory, with all that is hard to split. */
  private static List<String> texts(int count) {
    List<String> hard =
        List.of("", " ", "\n", "a\nb", "\n\nA\r\nB \n", "don't\n", "x\u0000y", "ΟΔΟΣ\nΟΔΟΣ", "...");
    Random random = new Random(1);
    List<String> texts = new ArrayList<>(hard);
    while (texts.size() < count) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(9); i > 0; i--) {
        int c = random.nextInt(0x3ff);
        text.append("Wort, ").append(c).append((char) c).append(random.nextBoolean() ? ' ' : '\t');
      }
      texts.add(text.toString());
    }
    texts.add("long ".repeat(500_000));
    texts.addAll(hard);
    return texts;
  }

  @ParameterizedTest
  @EnumSource
  void encodesAsIfAllTextsWereInMemory(Tokenizer tokenizer) {
    encodesAsIfAllTextsWereInMemory(tokenizer, 0);
    encodesAsIfAllTextsWereInMemory(tokenizer, 2);
  }

  private static void encodesAsIfAllTextsWereInMemory(Tokenizer tokenizer, int leastPairs) {
    List<String> train = texts(20_000);
    List<String> dev = texts(10).subList(0, 5);
    int[] labels = IntStream.range(0, train.size()).map(i -> i % 3).toArray();

    List<String[]> words = TextEncoder.tokenize(tokenizer, train);
    List<String[]> devWords = TextEncoder.tokenize(tokenizer, dev);
    List<String[]> all = new ArrayList<>(words);
    all.addAll(devWords);
    Vocabulary vocabulary =
        leastPairs == 0 ? Vocabulary.of(all) : Vocabulary.withPairs(all, words, LENGTH, leastPairs);
    assertThat(vocabulary.ngrams()).isEqualTo(leastPairs == 0 ? 1 : 2);

    StreamEncoder.Encoded encoded;
    try (StreamEncoder encoder = new StreamEncoder(tokenizer, LENGTH)) {
      encoder.part();
      for (int i = 0; i < labels.length; i++) {
        encoder.add(train.get(i), labels[i]);
      }
      encoder.part();
      dev.forEach(text -> encoder.add(text, 7));
      encoder.part();
      encoded = encoder.finish(Integer.MAX_VALUE, leastPairs);
    }
    assertThat(encoded.vocabulary().words()).isEqualTo(vocabulary.words());
    equal(encoded.parts().get(0), TextEncoder.encode(words, labels, vocabulary, LENGTH));
    equal(
        encoded.parts().get(1),
        TextEncoder.encode(devWords, new int[] {7, 7, 7, 7, 7}, vocabulary, LENGTH));
    assertThat(encoded.parts().get(2).size()).isZero();
  }

  @Test
  void rareWordsAreUnknown() {
    try (StreamEncoder encoder = new StreamEncoder(Tokenizer.BLANKS, LENGTH)) {
      encoder.part();
      encoder.add("b a b", 0);
      encoder.add("c d c b", 1);
      StreamEncoder.Encoded encoded = encoder.finish(2, 0);
      assertThat(encoded.differentWords()).isEqualTo(4);
      assertThat(encoded.vocabulary().words()).containsExactly("", "b", "c");
      equal(
          encoded.parts().get(0),
          EncodedTexts.of(new int[][] {{1, 0, 1}, {2, 0, 2, 1}}, new int[] {0, 1}));
    }
  }

  private static void equal(EncodedTexts found, EncodedTexts expected) {
    assertThat(found.labels()).isEqualTo(expected.labels());
    assertThat(found.words()).isEqualTo(expected.words());
    for (int i = 0; i < expected.size(); i++) {
      assertThat(found.ids(i)).as("text %d", i).isEqualTo(expected.ids(i));
    }
  }

  @Test
  void vocabularyOfTheFirstPartAlone() {
    try (StreamEncoder encoder = new StreamEncoder(Tokenizer.BLANKS, 10)) {
      encoder.part();
      encoder.add("a b a", 0);
      encoder.part();
      encoder.add("b b b c a", 1);
      StreamEncoder.Encoded encoded = encoder.finish(Integer.MAX_VALUE, 0, 1);
      // The frequencies, and so the order of the rows, are those of the first part.
      assertThat(encoded.vocabulary().words().subList(1, 3)).containsExactly("a", "b");
      assertThat(encoded.vocabulary().size()).isEqualTo(3);
      assertThat(encoded.differentWords()).isEqualTo(2);
      assertThat(encoded.parts().get(1).ids(0)).containsExactly(2, 2, 2, 0, 1);
    }
    try (StreamEncoder encoder = new StreamEncoder(Tokenizer.BLANKS, 10)) {
      encoder.part();
      encoder.add("a b a", 0);
      assertThat(encoder.finish(Integer.MAX_VALUE, 0, 2).vocabulary().size()).isEqualTo(2);
    }
  }
}
