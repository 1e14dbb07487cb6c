package io.github.lowrank.predictor;

import java.util.Arrays;

/**
 * Codes of 1 to 16 bits: {@code minimum + scale * code}.
 *
 * <p>A row in the file holds sections of 8, 4, 2 or 1 bits of every code, the lowest bits first; in
 * a section of n bytes, code {@code c} is in byte {@code c mod n}, above the {@code c / n} earlier
 * codes of that byte. So eight bytes, masked, are eight codes that do not disturb each other: sums
 * over rows are sums of longs until a byte of them might overflow.
 */
final class CodedTable implements Table {
  private static final long BYTES = 0x00ff00ff00ff00ffL;

  /**
   * Some bits of every code.
   *
   * @param width 8, 4, 2 or 1 bits
   * @param shift position of these bits in the code
   * @param words longs of a row that hold the section
   * @param offset of the first of them in a row
   * @param bytes of a row
   */
  private record Section(int width, int shift, int offset, int words, int bytes) {
    /** A long for each code in a byte, or two for codes of eight bits. */
    int planes() {
      return width == Byte.SIZE ? 2 : Byte.SIZE / width;
    }

    /** How many rows can be added before a code's place might overflow. */
    int most() {
      return width == Byte.SIZE ? 0xffff / 0xff : 0xff / ((1 << width) - 1);
    }

    long mask() {
      return width == Byte.SIZE ? BYTES : 0x0101010101010101L * ((1 << width) - 1);
    }
  }

  private final int rows;
  private final int columns;
  private final Section[] sections;
  private final int stride;
  private final long[] words;
  private final boolean perRow;
  private final float[] scales;
  private final float[] minima;

  private CodedTable(
      int rows,
      int columns,
      Section[] sections,
      int stride,
      long[] words,
      boolean perRow,
      float[] scales,
      float[] minima) {
    this.rows = rows;
    this.columns = columns;
    this.sections = sections;
    this.stride = stride;
    this.words = words;
    this.perRow = perRow;
    this.scales = scales;
    this.minima = minima;
  }

  static CodedTable read(Input in, String what) throws FormatException {
    int rows = in.integer("rows of " + what, 0, Integer.MAX_VALUE);
    int columns = in.integer("columns of " + what, 1, CompactFormat.LARGEST_WEIGHT);
    int bits = in.octet("bits of " + what, 1, 16);
    boolean perRow = in.octet("whether each row has a scale", 0, 1) == 1;
    int groups = perRow ? rows : 1;
    float[] scales = in.floats(groups, "scales of " + what);
    float[] minima = in.floats(groups, "minima of " + what);
    Section[] sections = new Section[Integer.bitCount(bits & 7) + (bits >> 3)];
    int stride = 0;
    int width;
    int bytes = 0;
    for (int i = 0, shift = 0; shift < bits; i++, shift += width) {
      width = Math.min(8, Integer.highestOneBit(bits - shift));
      int own = (int) (((long) columns * width + 7) / 8);
      sections[i] = new Section(width, shift, stride, (own + 7) / 8, own);
      stride += sections[i].words;
      bytes += own;
    }
    int from = in.skip((long) rows * bytes, "codes of " + what);
    if ((long) rows * stride > Integer.MAX_VALUE - 8) {
      throw in.wrong(from, "fewer codes of " + what, rows + " rows");
    }
    long[] words = new long[rows * stride];
    for (int r = 0; r < rows; r++) {
      unpack(in, from + r * bytes, sections, words, r * stride);
    }
    return new CodedTable(rows, columns, sections, stride, words, perRow, scales, minima);
  }

  /** One row: a method that is soon compiled, where a loop over all rows would not be. */
  private static void unpack(Input in, int from, Section[] sections, long[] words, int to) {
    int at = from;
    int w = to;
    for (Section s : sections) {
      for (int i = 0; i < s.words; i++) {
        words[w++] = in.word(at + i * Long.BYTES);
      }
      at += s.bytes;
    }
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return columns;
  }

  /** The code at a row and a column. */
  int code(int row, int column) {
    int code = 0;
    for (Section s : sections) {
      int at = column % s.bytes;
      long word =
          words[row * stride + s.offset + at / Long.BYTES] >>> (at % Long.BYTES * Byte.SIZE);
      code |= ((int) (word >>> column / s.bytes * s.width) & ((1 << s.width) - 1)) << s.shift;
    }
    return code;
  }

  @Override
  public Pool pool() {
    return perRow ? new ScaledRows() : new Sums();
  }

  /** Rows that share a scale: their codes are summed, and scaled together. */
  private final class Sums implements Pool {
    private final int[] sums = new int[columns];
    private final long[] planes;

    private Sums() {
      int most = 0;
      for (Section s : sections) {
        most = Math.max(most, s.words * s.planes());
      }
      planes = new long[most];
    }

    @Override
    public void sum(int[] ids, int count, float factor, float[] out) {
      Arrays.fill(sums, 0);
      for (Section s : sections) {
        int most = s.most();
        for (int from = 0; from < count; from += most) {
          int to = Math.min(count, from + most);
          if (s.width == 4) {
            nibbles(s, ids, from, to);
          } else {
            add(s, ids, from, to);
          }
          spread(s);
        }
      }
      float scale = factor * scales[0];
      float shift = factor * minima[0] * known(ids, count);
      for (int c = 0; c < columns; c++) {
        out[c] = shift + scale * sums[c];
      }
    }

    private int known(int[] ids, int count) {
      int known = 0;
      for (int i = 0; i < count; i++) {
        known += ids[i] >>> 31 ^ 1;
      }
      return known;
    }

    /** {@link #add} for the usual width. */
    private void nibbles(Section s, int[] ids, int from, int to) {
      long mask = 0x0f0f0f0f0f0f0f0fL;
      for (int w = 0; w < s.words; w++) {
        long low = 0;
        long high = 0;
        for (int i = from; i < to; i++) {
          if (ids[i] >= 0) {
            long word = words[ids[i] * stride + s.offset + w];
            low += word & mask;
            high += word >>> 4 & mask;
          }
        }
        planes[2 * w] = low;
        planes[2 * w + 1] = high;
      }
    }

    private void add(Section s, int[] ids, int from, int to) {
      int many = s.planes();
      long mask = s.mask();
      // Eight-bit codes: the odd bytes are the second plane.
      int step = s.width;
      Arrays.fill(planes, 0, s.words * many, 0);
      for (int i = from; i < to; i++) {
        if (ids[i] >= 0) {
          int row = ids[i] * stride + s.offset;
          for (int w = 0; w < s.words; w++) {
            long word = words[row + w];
            for (int p = 0; p < many; p++) {
              planes[w * many + p] += word >>> p * step & mask;
            }
          }
        }
      }
    }

    /** Adds the planes to the sums of the codes. */
    private void spread(Section s) {
      int many = s.planes();
      if (s.width == Byte.SIZE) {
        for (int c = 0; c < columns; c++) {
          long plane = planes[c / Long.BYTES * 2 + (c & 1)];
          sums[c] += (int) (plane >>> (c % Long.BYTES / 2 * Short.SIZE) & 0xffff) << s.shift;
        }
        return;
      }
      for (int p = 0, c = 0; p < many; p++) {
        for (int w = 0, left = Math.min(s.bytes, columns - c); left > 0; w++, left -= Long.BYTES) {
          long plane = planes[w * many + p];
          for (int i = Math.min(left, Long.BYTES); i > 0; i--) {
            sums[c++] += (int) (plane & 0xff) << s.shift;
            plane >>>= Byte.SIZE;
          }
        }
      }
    }
  }

  /** Rows with scales of their own. */
  private final class ScaledRows implements Pool {
    @Override
    public void sum(int[] ids, int count, float factor, float[] out) {
      Arrays.fill(out, 0, columns, 0);
      for (int i = 0; i < count; i++) {
        int row = ids[i];
        if (row >= 0) {
          float scale = factor * scales[row];
          float minimum = factor * minima[row];
          for (Section s : sections) {
            int start = row * stride + s.offset;
            for (int p = 0, c = 0; c < columns; p++) {
              for (int b = 0; b < s.bytes && c < columns; b++, c++) {
                long word = words[start + b / Long.BYTES] >>> (b % Long.BYTES * Byte.SIZE);
                int code = ((int) word >>> p * s.width & ((1 << s.width) - 1)) << s.shift;
                out[c] += s.shift > 0 ? scale * code : minimum + scale * code;
              }
            }
          }
        }
      }
    }
  }
}
