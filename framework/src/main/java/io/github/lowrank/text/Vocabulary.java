package io.github.lowrank.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Words and their row numbers. Row 0 is reserved for padding and unknown words; its entry in {@link
 * #words} is the empty string.
 */
public final class Vocabulary {
  private final List<String> words;
  private final Map<String, Integer> ids;

  private Vocabulary(List<String> words) {
    this.words = Collections.unmodifiableList(words);
    this.ids = new HashMap<>(words.size() * 2);
    for (int i = 1; i < words.size(); i++) {
      ids.put(words.get(i), i);
    }
  }

  /** All words of {@code texts}, the most frequent first, ties in alphabetical order. */
  public static Vocabulary of(Iterable<String[]> texts) {
    Map<String, Integer> counts = new HashMap<>();
    for (String[] text : texts) {
      for (String word : text) {
        counts.merge(word, 1, Integer::sum);
      }
    }
    return ofCounts(counts.keySet(), counts::get, Integer.MAX_VALUE);
  }

  /**
   * The {@code most} most frequent of the {@code different} words, the most frequent first, ties in
   * alphabetical order.
   */
  static Vocabulary ofCounts(Collection<String> different, ToIntFunction<String> count, int most) {
    List<String> words = new ArrayList<>();
    words.add("");
    different.stream()
        .sorted(
            Comparator.comparingInt((String word) -> -count.applyAsInt(word))
                .thenComparing(Comparator.naturalOrder()))
        .limit(most)
        .forEach(words::add);
    return new Vocabulary(words);
  }

  /** Row number of {@code word}, 0 if unknown. */
  public int id(String word) {
    return ids.getOrDefault(word, 0);
  }

  /** All words by row number; the first is empty. */
  public List<String> words() {
    return words;
  }

  /** Number of rows, row 0 included. */
  public int size() {
    return words.size();
  }
}
