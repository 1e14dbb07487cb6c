package io.github.lowrank.export;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The ways to write a word that the SavedModel takes for the same and that differ beyond the case
 * of ASCII letters: upper-case letters, and typographic apostrophes.
 */
final class Spellings {
  /** Words with more spellings have only those in lower case, in upper case, and capitalized. */
  private static final int MOST = 256;

  private static final int SIGMA = 0x3a3;
  private static final String FINAL_SIGMA = "\u03c2";
  private static final String DOTTED_I = "i\u0307";
  private static final Map<String, List<String>> UPPER = upper();

  private Spellings() {}

  /** The upper-case letters beyond ASCII of each lower-case one, the usual first. */
  private static Map<String, List<String>> upper() {
    Map<String, List<String>> upper = new HashMap<>();
    for (int c = 0x80; c <= Character.MAX_CODE_POINT; c++) {
      String letter = Character.toString(c);
      String lower = letter.toLowerCase(Locale.ROOT);
      boolean ascii = lower.codePointAt(0) < 0x80 && !lower.equals(DOTTED_I);
      if (!lower.equals(letter) && !ascii) { // of ASCII letters there is only the sign for kelvin
        upper.computeIfAbsent(lower, l -> new ArrayList<>()).add(letter);
      }
    }
    upper.put(FINAL_SIGMA, List.of(Character.toString(SIGMA)));
    return upper;
  }

  /**
   * All spellings of words, and the empty one of padding, with the words' numbers.
   *
   * @param apostrophes whether a typographic apostrophe counts as a straight one
   */
  static Map<String, Integer> of(Map<String, Integer> ids, boolean apostrophes) {
    Map<String, Integer> all = new LinkedHashMap<>();
    all.put("", 0);
    all.putAll(ids);
    ids.forEach((word, id) -> of(word, apostrophes).forEach(other -> all.putIfAbsent(other, id)));
    return all;
  }

  private static List<String> of(String word, boolean apostrophes) {
    List<List<String>> letters = new ArrayList<>();
    long spellings = 1;
    for (int i = 0; i < word.length(); ) {
      String letter =
          word.startsWith(DOTTED_I, i) ? DOTTED_I : Character.toString(word.codePointAt(i));
      i += letter.length();
      List<String> others = new ArrayList<>(List.of(letter));
      if (apostrophes && letter.equals("'")) {
        others.add("\u2019");
      }
      // An upper-case sigma at the end of a word becomes the other lower-case one.
      if (!letter.equals("\u03c3") || i < word.length() || letters.isEmpty()) {
        others.addAll(UPPER.getOrDefault(letter, List.of()));
      }
      letters.add(others);
      spellings = Math.min(MOST + 1, spellings * others.size());
    }
    return spellings == 1 ? List.of() : spellings > MOST ? usual(letters) : all(letters);
  }

  private static List<String> all(List<List<String>> letters) {
    List<String> all = List.of("");
    for (List<String> ways : letters) {
      List<String> longer = new ArrayList<>();
      all.forEach(start -> ways.forEach(way -> longer.add(start + way)));
      all = longer;
    }
    return all;
  }

  private static List<String> usual(List<List<String>> letters) {
    StringBuilder upper = new StringBuilder();
    StringBuilder capitalized = new StringBuilder();
    for (List<String> ways : letters) {
      String second = ways.get(Math.min(1, ways.size() - 1));
      capitalized.append(capitalized.isEmpty() ? second : ways.get(0));
      upper.append(second);
    }
    return List.of(upper.toString(), capitalized.toString());
  }
}
