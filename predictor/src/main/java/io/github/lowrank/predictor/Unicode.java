package io.github.lowrank.predictor;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/**
 * What TensorFlow 2.18 makes of each code point: ICU's lower case and RE2's classes. Java's own
 * tables change with the JDK.
 *
 * <p>The resource is a list of runs of code points with the same property: length, flags, and the
 * distance to the lower case, as variable-length integers. A test of the framework writes it from
 * TensorFlow's answers and compares all code points.
 */
final class Unicode {
  /** A letter, mark or number: part of a word. */
  static final int WORD = 1;

  /** A letter with case. */
  static final int CASED = 2;

  /** Passed over when a letter looks for its neighbours, as apostrophes are. */
  static final int IGNORABLE = 4;

  private static final int FLAGS = 3;
  private static final int PAGE = 256;
  private static final int[][] PAGES = pages();

  private Unicode() {}

  /** Flags of a code point. */
  static int flags(int codePoint) {
    return PAGES[codePoint / PAGE][codePoint % PAGE];
  }

  /** The lower case of a code point, alone; that of U+0130 has another one after it. */
  static int lower(int codePoint) {
    return codePoint + (PAGES[codePoint / PAGE][codePoint % PAGE] >> FLAGS);
  }

  private static int[][] pages() {
    int[][] pages = new int[(Character.MAX_CODE_POINT + 1) / PAGE][];
    try (InputStream stream = Unicode.class.getResourceAsStream("unicode.bin");
        DataInputStream in = new DataInputStream(stream)) {
      byte[] all = in.readAllBytes();
      int[] at = new int[1];
      int[] uniform = new int[0];
      for (int c = 0; c <= Character.MAX_CODE_POINT; ) {
        int end = c + varint(all, at);
        int flags = varint(all, at);
        int zigzag = varint(all, at);
        int value = (zigzag >>> 1 ^ -(zigzag & 1)) << FLAGS | flags;
        while (c < end) {
          int stop = Math.min(end, (c / PAGE + 1) * PAGE);
          if (stop - c == PAGE) { // long runs share a page
            if (uniform.length == 0 || uniform[0] != value) {
              uniform = new int[PAGE];
              Arrays.fill(uniform, value);
            }
            pages[c / PAGE] = uniform;
          } else {
            if (pages[c / PAGE] == null) {
              pages[c / PAGE] = new int[PAGE];
            }
            Arrays.fill(pages[c / PAGE], c % PAGE, (stop - 1) % PAGE + 1, value);
          }
          c = stop;
        }
      }
      return pages;
    } catch (IOException e) {
      throw new UncheckedIOException("the predictor's jar lacks its table of characters", e);
    }
  }

  private static int varint(byte[] bytes, int[] at) {
    int value = 0;
    for (int shift = 0; ; shift += 7) {
      int next = bytes[at[0]++];
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
