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
 *
 * <p>A pair of neighbouring words is a word, too: both with a blank between, {@link #pair}, which
 * is part of no word of a {@link Tokenizer}. So pairs have rows of their own and do not collide,
 * and a pair that is not in the vocabulary has none.
 */
public final class Vocabulary {
  private static final char BLANK = ' ';

  private final List<String> words;
  private final Map<String, Integer> ids;

  private Vocabulary(List<String> words) {
    this.words = Collections.unmodifiableList(words);
    this.ids = new HashMap<>(words.size() * 2);
    for (int i = 1; i < words.size(); i++) {
      ids.put(words.get(i), i);
    }
  }

  /** The pair of two words, {@code first second}. */
  public static String pair(String first, String second) {
    return first + BLANK + second;
  }

  /** Whether {@code word} is a pair. */
  public static boolean isPair(String word) {
    return word.indexOf(BLANK) >= 0;
  }

  /** The two words of a pair; {@code word} alone if it is none. */
  static String[] parts(String word) {
    return word.split(" ", 2);
  }

  /** Largest number of words in an entry: 2 if there are pairs, otherwise 1. */
  public int ngrams() {
    return words.stream().anyMatch(Vocabulary::isPair) ? 2 : 1;
  }

  /** Words by their row numbers; what stands in row 0 is not used. */
  public static Vocabulary ofRows(List<String> rows) {
    List<String> words = new ArrayList<>(rows);
    words.set(0, "");
    return new Vocabulary(words);
  }

  /** All words of {@code texts}, the most frequent first, ties in alphabetical order. */
  public static Vocabulary of(Iterable<String[]> texts) {
    return withPairs(texts, List.of(), 0, 1);
  }

  /**
   * All words of {@code texts} and the frequent pairs of neighbouring words of {@code train}, the
   * most frequent first, ties in alphabetical order.
   *
   * @param train the training texts
   * @param maxLength number of words read from a text, among which pairs are formed
   * @param least least number of occurrences of a pair in {@code train}
   */
  public static Vocabulary withPairs(
      Iterable<String[]> texts, Iterable<String[]> train, int maxLength, int least) {
    Map<String, Integer> counts = new HashMap<>();
    for (String[] text : texts) {
      for (String word : text) {
        counts.merge(word, 1, Integer::sum);
      }
    }
    Map<String, Integer> pairs = new HashMap<>();
    for (String[] text : train) {
      for (int i = 1; i < Math.min(text.length, maxLength); i++) {
        pairs.merge(pair(text[i - 1], text[i]), 1, Integer::sum);
      }
    }
    pairs.values().removeIf(count -> count < least);
    counts.putAll(pairs);
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
