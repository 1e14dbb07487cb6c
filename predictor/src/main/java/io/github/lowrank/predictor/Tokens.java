package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.Tokenization;
import java.util.Arrays;

/**
 * Texts as row numbers, as TensorFlow's graph does it: lower case, words, contractions, pairs of
 * neighbouring words, lookup, all in one pass over bytes of UTF-8 and without strings. Not
 * thread-safe.
 */
final class Tokens {
  /** Most bytes of UTF-8 that a byte may become: U+FFFD for one that is not UTF-8. */
  private static final int GROWTH = 3;

  private static final int REPLACEMENT = 0xfffd;
  private static final int CAPITAL_SIGMA = 0x3a3;
  private static final int FINAL_SIGMA = 0x3c2;
  private static final int SMALL_SIGMA = 0x3c3;
  private static final int CAPITAL_I_DOT = 0x130;
  private static final int DOT_ABOVE = 0x307;
  private static final int QUOTE = 0x2019;

  private final Words words;
  private final boolean wordsOnly;
  private final boolean pairs;
  private final int most;

  /** Lower case of each ASCII character; 0 between words. */
  private final byte[] ascii = new byte[128];

  private char[] letters = new char[1024];
  private byte[] text = new byte[1024];
  private byte[] sigmas = new byte[0];

  /** The word; with pairs all words of the text, with a blank between. */
  private byte[] word = new byte[1024];

  private int[] rows = new int[64];
  private int count;

  /** Number of words that may still be read. */
  private int left;

  /** Where the word before begins; -1 if there is none. */
  private int before;

  /** The unfinished hash of the word before and a blank. */
  private long opened;

  /** Bytes of the code point that {@link #codePoint} decoded. */
  private int length;

  /**
   * A tokenizer.
   *
   * @param most number of words to read of a text
   * @param pairs whether pairs of neighbouring words have rows
   */
  Tokens(Words words, Tokenization tokenization, int most, boolean pairs) {
    this.words = words;
    this.wordsOnly = tokenization == Tokenization.WORDS;
    this.pairs = pairs;
    this.most = most;
    for (int c = 0; c < ascii.length; c++) {
      boolean space = c == 0 || c == ' ' || c >= '\t' && c <= '\r';
      boolean letter = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '\'';
      int lower = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
      ascii[c] = (byte) (lower != c || (wordsOnly ? letter : !space) ? lower : 0);
    }
  }

  /** Rows of the words, -1 for unknown ones, and of the known pairs. */
  int[] rows() {
    return rows;
  }

  /** Reads a text; surrogates without a partner are question marks, as in {@code getBytes}. */
  int read(String chars) {
    int size = chars.length();
    if (text.length < GROWTH * size) {
      text = new byte[2 * GROWTH * size];
    }
    if (letters.length < size) {
      letters = new char[2 * size];
    }
    char[] from = letters;
    chars.getChars(0, size, from, 0);
    byte[] to = text;
    int n = 0;
    for (; n < size && from[n] < 0x80; n++) {
      to[n] = (byte) from[n];
    }
    for (int i = n; i < size; i++) {
      char c = from[i];
      if (c < 0x80) {
        to[n++] = (byte) c;
      } else if (!Character.isSurrogate(c)) {
        n = put(c, to, n);
      } else if (Character.isHighSurrogate(c)
          && i + 1 < size
          && Character.isLowSurrogate(from[i + 1])) {
        n = put(Character.toCodePoint(c, from[++i]), to, n);
      } else {
        to[n++] = '?';
      }
    }
    return read(to, 0, n);
  }

  /**
   * Reads a text.
   *
   * @param utf8 its bytes are {@code utf8[from .. to - 1]}; what is not UTF-8 is U+FFFD
   * @return number of rows
   */
  int read(byte[] utf8, int from, int to) {
    count = 0;
    left = most;
    before = -1;
    // A blank between words fits, too: separators leave no bytes, and "n't" grows to four of nine.
    if (word.length < GROWTH * (to - from) + GROWTH) {
      word = new byte[2 * GROWTH * (to - from)];
    }
    byte[] bytes = utf8;
    byte[] own = word;
    long seed = words.seed();
    long hash = seed;
    int start = 0; // of the word in own
    int n = 0; // its end
    int p = from;
    while (p < to) {
      int b = bytes[p];
      if (b >= 0) {
        p++;
        int lower = ascii[b];
        if (lower != 0) {
          own[n++] = (byte) lower;
          hash = WordHash.with(hash, lower);
          continue;
        }
      } else {
        int c = codePoint(bytes, p, to);
        if (c == CAPITAL_SIGMA && bytes == utf8) {
          bytes = withoutCapitalSigmas(utf8, from, to);
          p -= from;
          to -= from;
          from = 0;
          continue;
        }
        p += length;
        int end = lower(c, n);
        if (end > n) {
          hash = WordHash.with(hash, own, n, end - n);
          n = end;
          continue;
        }
      }
      if (n > start) {
        n = end(hash, start, n);
        if (left == 0) {
          return count;
        }
        start = n;
        hash = seed;
      }
    }
    if (n > start) {
      end(hash, start, n);
    }
    return count;
  }

  /** Appends the lower case of a code point to the word, if it belongs to one. */
  private int lower(int c, int n) {
    if (wordsOnly) {
      if (c == QUOTE) {
        word[n] = '\'';
        return n + 1;
      } else if ((Unicode.flags(c) & Unicode.WORD) == 0) {
        return n;
      }
    }
    int end = put(Unicode.lower(c), word, n);
    return c == CAPITAL_I_DOT ? put(DOT_ABOVE, word, end) : end;
  }

  /**
   * Ends a word, which may be a contraction.
   *
   * @param hash its hash, not finished
   * @param n its bytes are {@code word[start .. n - 1]}
   * @return where the next word begins
   */
  private int end(long hash, int start, int n) {
    int suffix = wordsOnly && n - start > 2 ? suffix(n) : 0;
    if (suffix == 0 || suffix == n - start) {
      return add(hash, start, n);
    }
    long seed = words.seed();
    int stem = n - suffix;
    int second = stem;
    if (pairs) { // room for a blank
      System.arraycopy(word, stem, word, ++second, suffix);
    }
    int next = add(WordHash.with(seed, word, start, stem - start), start, stem);
    if (left == 0) {
      return next;
    }
    return add(WordHash.with(seed, word, second, suffix), second, second + suffix);
  }

  /**
   * Length of {@code n't}, {@code 's}, {@code 'm}, {@code 'd}, {@code 'll}, ... at the end of at
   * least three bytes.
   */
  private int suffix(int n) {
    byte last = word[n - 1];
    byte second = word[n - 2];
    if (second == '\'') {
      return last == 's' || last == 'm' || last == 'd'
          ? 2
          : last == 't' && word[n - 3] == 'n' ? 3 : 0;
    }
    return word[n - 3] == '\''
            && (second == 'l' && last == 'l' || last == 'e' && (second == 'r' || second == 'v'))
        ? 3
        : 0;
  }

  /** Adds a word and the pair that it ends; where the next word begins. */
  private int add(long hash, int start, int end) {
    if (count + 2 > rows.length) {
      rows = Arrays.copyOf(rows, 2 * rows.length);
    }
    rows[count++] = words.row(WordHash.finished(hash), word, start, end - start);
    left--;
    if (!pairs) {
      return 0;
    }
    if (before >= 0) {
      long pair = WordHash.finished(WordHash.with(opened, word, start, end - start));
      int row = words.row(pair, word, before, end - before);
      rows[count] = row;
      count += row >>> 31 ^ 1;
    }
    before = start;
    word[end] = ' ';
    opened = WordHash.with(hash, ' ');
    return end + 1;
  }

  /**
   * A copy in which every capital sigma is a small one: the final form at the end of a word, which
   * is where a letter with case stands before it and none after it, as ICU decides.
   */
  private byte[] withoutCapitalSigmas(byte[] utf8, int from, int to) {
    if (sigmas.length < to - from) {
      sigmas = new byte[2 * (to - from)];
    }
    System.arraycopy(utf8, from, sigmas, 0, to - from);
    boolean cased = false;
    int undecided = -1;
    for (int p = 0; p < to - from; p += length) {
      int c = codePoint(sigmas, p, to - from);
      int flags = Unicode.flags(c);
      if ((flags & Unicode.IGNORABLE) != 0) {
        continue;
      }
      boolean now = (flags & Unicode.CASED) != 0;
      if (undecided >= 0 && now) {
        put(SMALL_SIGMA, sigmas, undecided);
      }
      undecided = -1;
      if (c == CAPITAL_SIGMA) {
        put(cased ? FINAL_SIGMA : SMALL_SIGMA, sigmas, p);
        undecided = cased ? p : -1;
      }
      cased = now;
    }
    return sigmas;
  }

  /** The code point at {@code p}, U+FFFD for the longest part of one; sets {@link #length}. */
  private int codePoint(byte[] bytes, int p, int to) {
    int first = bytes[p];
    length = 1;
    if (first >= 0) {
      return first;
    }
    int more = first < (byte) 0xc2 ? 0 : first < (byte) 0xe0 ? 1 : first < (byte) 0xf0 ? 2 : 3;
    if (more == 0 || first > (byte) 0xf4) {
      return REPLACEMENT;
    }
    int c = first & 0x3f >> more;
    for (int i = 1; i <= more; i++) {
      if (p + i >= to || (bytes[p + i] & 0xc0) != 0x80) {
        return REPLACEMENT;
      }
      c = c << 6 | bytes[p + i] & 0x3f;
      // Overlong forms, surrogates, and what is above U+10FFFF show in the second byte.
      if (i == 1
          && (more == 2 && (c < 0x20 || c >= 0xd800 >> 6 && c < 0xe000 >> 6)
              || more == 3 && (c < 0x10 || c > 0x10ffff >> 12))) {
        return REPLACEMENT;
      }
      length = i + 1;
    }
    return c;
  }

  /** Writes a code point in UTF-8; where it ends. */
  private static int put(int c, byte[] to, int at) {
    int n = at;
    if (c < 0x80) {
      to[n++] = (byte) c;
    } else if (c < 0x800) {
      to[n++] = (byte) (0xc0 | c >> 6);
      to[n++] = (byte) (0x80 | c & 0x3f);
    } else if (c < 0x10000) {
      to[n++] = (byte) (0xe0 | c >> 12);
      to[n++] = (byte) (0x80 | c >> 6 & 0x3f);
      to[n++] = (byte) (0x80 | c & 0x3f);
    } else {
      to[n++] = (byte) (0xf0 | c >> 18);
      to[n++] = (byte) (0x80 | c >> 12 & 0x3f);
      to[n++] = (byte) (0x80 | c >> 6 & 0x3f);
      to[n++] = (byte) (0x80 | c & 0x3f);
    }
    return n;
  }
}
