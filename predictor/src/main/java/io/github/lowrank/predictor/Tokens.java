package io.github.lowrank.predictor;

import io.github.lowrank.predictor.CompactFormat.Tokenization;
import java.util.Arrays;

/**
 * Texts as row numbers, as TensorFlow's graph does it: lower case, words, contractions, lookup, all
 * in one pass over bytes of UTF-8 and without strings. Not thread-safe.
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
  private final int most;

  /** Lower case of each ASCII character; 0 between words. */
  private final byte[] ascii = new byte[128];

  private char[] letters = new char[1024];
  private byte[] text = new byte[1024];
  private byte[] sigmas = new byte[0];
  private byte[] word = new byte[1024];
  private int[] rows = new int[64];
  private int count;

  /** Bytes of the code point that {@link #codePoint} decoded. */
  private int length;

  /**
   * A tokenizer.
   *
   * @param most number of words to read of a text
   */
  Tokens(Words words, Tokenization tokenization, int most) {
    this.words = words;
    this.wordsOnly = tokenization == Tokenization.WORDS;
    this.most = most;
    for (int c = 0; c < ascii.length; c++) {
      boolean space = c == 0 || c == ' ' || c >= '\t' && c <= '\r';
      boolean letter = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c == '\'';
      int lower = c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
      ascii[c] = (byte) (lower != c || (wordsOnly ? letter : !space) ? lower : 0);
    }
  }

  /** Rows of the words, -1 for unknown ones. */
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
   * @return number of words, at most {@link #most}
   */
  int read(byte[] utf8, int from, int to) {
    count = 0;
    if (word.length < GROWTH * (to - from) + GROWTH) {
      word = new byte[2 * GROWTH * (to - from)];
    }
    byte[] bytes = utf8;
    byte[] own = word;
    long seed = words.seed();
    long hash = seed;
    int n = 0;
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
        int before = n;
        n = lower(c, n);
        if (n > before) {
          for (int i = before; i < n; i++) {
            hash = WordHash.with(hash, own[i]);
          }
          continue;
        }
      }
      if (n > 0) {
        if (end(hash, n)) {
          return count;
        }
        n = 0;
        hash = seed;
      }
    }
    if (n > 0) {
      end(hash, n);
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

  /** Ends a word of {@code n} bytes, which may be a contraction; whether the text is full. */
  private boolean end(long hash, int n) {
    if (wordsOnly && n > 2) {
      int suffix = suffix(n);
      if (suffix > 0 && suffix < n) {
        return add(WordHash.of(words.seed(), word, 0, n - suffix), 0, n - suffix)
            || add(WordHash.of(words.seed(), word, n - suffix, suffix), n - suffix, suffix);
      }
    }
    return add(WordHash.finished(hash), 0, n);
  }

  /** Length of {@code n't}, {@code 's}, {@code 'm}, {@code 'd}, {@code 'll}, ... at the end. */
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

  private boolean add(long hash, int from, int n) {
    if (count == rows.length) {
      rows = Arrays.copyOf(rows, 2 * count);
    }
    rows[count++] = words.row(hash, word, from, n);
    return count == most;
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
