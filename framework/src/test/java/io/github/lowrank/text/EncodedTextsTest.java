package io.github.lowrank.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EncodedTextsTest {
  private static final EncodedTexts TEXTS =
      EncodedTexts.of(
          IntStream.range(0, 103).mapToObj(i -> new int[i % 9]).toArray(int[][]::new),
          new int[103]);

  @Test
  void confidenceStaysWithItsText() {
    EncodedTexts three = EncodedTexts.of(new int[][] {{1}, {2}, {3}}, new int[] {0, 1, 0});
    EncodedTexts doubtful = three.withConfidence(new float[] {0.1f, 0.2f, 0.3f});
    assertThat(three.certain()).isTrue();
    assertThat(three.confidence(1)).isEqualTo(1);
    EncodedTexts part = doubtful.part(i -> i != 1);
    assertThat(part.confidence(1)).isEqualTo(0.3f);
    EncodedTexts both = part.and(three);
    assertThat(both.confidence(0)).isEqualTo(0.1f);
    assertThat(both.confidence(2)).isEqualTo(1);
    assertThat(three.and(three).certain()).isTrue();
    assertThatThrownBy(() -> three.withConfidence(new float[2]))
        .hasMessage("3 texts, but 2 confidences");
  }

  @Test
  void everyTextComesOnceAnEpoch() {
    List<int[]> batches = TEXTS.epoch(10, 5, 2);
    assertThat(batches).hasSize(11);
    assertThat(batches.stream().flatMapToInt(IntStream::of).sorted().toArray())
        .containsExactly(IntStream.range(0, 103).toArray());
  }

  @Test
  void epochsAreAPureFunctionOfSeedAndNumber() {
    assertThat(TEXTS.epoch(10, 5, 2)).usingRecursiveComparison().isEqualTo(TEXTS.epoch(10, 5, 2));
    assertThat(TEXTS.epoch(10, 5, 2).get(0)).isNotEqualTo(TEXTS.epoch(10, 5, 3).get(0));
    assertThat(TEXTS.epoch(10, 5, 2).get(0)).isNotEqualTo(TEXTS.epoch(10, 6, 2).get(0));
  }

  /** The order that shuffled lists of boxed numbers gave; all stored results rest on it. */
  @Test
  void epochsAreThoseOfShuffledLists() {
    long seed = 5;
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + 2);
    List<Integer> order = new ArrayList<>(IntStream.range(0, 103).boxed().toList());
    Collections.shuffle(order, random);
    List<List<Integer>> batches = new ArrayList<>();
    for (int start = 0; start < 103; start += 50) { // a window of 50 batches of one text
      List<Integer> near = order.subList(start, Math.min(103, start + 50));
      near.sort(Comparator.comparingInt(i -> i % 9));
      near.forEach(text -> batches.add(List.of(text)));
    }
    Collections.shuffle(batches, random);
    assertThat(TEXTS.epoch(1, seed, 2).stream().map(b -> IntStream.of(b).boxed().toList()).toList())
        .isEqualTo(batches);
  }

  @Test
  void fingerprintsDependOnAllWords() {
    int[][] ids = {{}, {0}, {0, 0}, {1}, {1, 0}, {0, 1}, {2, 1}, {1, 2}, {1, 2, 3}, {3, 2, 1}};
    long[] prints = EncodedTexts.of(ids, new int[ids.length]).fingerprints();
    assertThat(prints).doesNotHaveDuplicates();
    assertThat(EncodedTexts.of(ids, new int[ids.length]).fingerprints()).isEqualTo(prints);
  }

  @Test
  void batchesHoldTextsOfLikeLength() {
    double spread =
        TEXTS.epoch(10, 1, 0).stream()
            .mapToInt(
                b ->
                    IntStream.of(b).map(i -> i % 9).max().getAsInt()
                        - IntStream.of(b).map(i -> i % 9).min().getAsInt())
            .average()
            .getAsDouble();
    assertThat(spread).isLessThan(2);
  }

  @Test
  void padsToTheLongest() {
    EncodedTexts two = EncodedTexts.of(new int[][] {{3, 4}, {}, {5}}, new int[] {1, 0, 2});
    assertThat(two.padded(new int[] {2, 0})).containsExactly(5, 0, 3, 4);
    assertThat(two.padded(new int[] {1})).containsExactly(0);
    assertThat(two.labels(new int[] {2, 0})).containsExactly(2, 1);
    assertThatThrownBy(() -> EncodedTexts.of(new int[2][0], new int[1]))
        .hasMessageContaining("2 texts, but 1 labels");
  }

  @Test
  void vocabularyIsSortedByFrequency() {
    Vocabulary v =
        Vocabulary.of(List.of(new String[] {"b", "a", "c"}, new String[] {"c", "c", "b"}));
    assertThat(v.words()).containsExactly("", "c", "b", "a");
    assertThat(v.id("c")).isEqualTo(1);
    assertThat(v.id("nowhere")).isZero();
    assertThat(v.id("")).isZero();
    EncodedTexts e =
        TextEncoder.encode(
            List.<String[]>of(new String[] {"a", "x", "c", "b"}), new int[] {0}, v, 3);
    assertThat(e.ids(0)).containsExactly(3, 0, 1);
  }
}
