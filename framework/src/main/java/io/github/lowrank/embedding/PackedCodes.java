package io.github.lowrank.embedding;

/**
 * A matrix in uniform affine b-bit codes, packed to bytes.
 *
 * <p>For the numbers of one group (the whole matrix, or one row) with minimum {@code lo} and
 * maximum {@code hi}:
 *
 * <pre>
 * scale = (hi - lo) / (2^b - 1)
 * code  = round((x - lo) / scale), in 0 .. 2^b - 1
 * x'    = lo + scale * code,       |x - x'| <= scale / 2
 * </pre>
 *
 * <p>With {@code b = 1} the two levels are the group's minimum and maximum. Codes of 1, 2, 3 and 4
 * bits are packed into bytes, {@link #codesPerByte} at a time (three-bit codes two to a byte, so
 * that a row can be unpacked by shifts), each row padded to whole bytes; codes of 16 bits take two
 * bytes, the low one first.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param bits 1, 2, 3, 4, 8 or 16
 * @param codes {@code [rows, bytesPerRow]}
 * @param scales one per group: length 1 or {@code rows}
 * @param minima one per group
 */
public record PackedCodes(
    int rows, int columns, int bits, byte[] codes, float[] scales, float[] minima) {

  /** Which numbers share a scale. */
  public enum Granularity {
    /** The whole matrix. */
    PER_TENSOR,
    /** Each row. */
    PER_ROW
  }

  public PackedCodes {
    checkBits(bits);
    if (codes.length != rows * bytesPerRow(columns, bits)
        || scales.length != minima.length
        || (scales.length != 1 && scales.length != rows)) {
      throw new IllegalArgumentException(
          "codes, scales and minima do not fit a %d x %d matrix of %d bits"
              .formatted(rows, columns, bits));
    }
  }

  private static void checkBits(int bits) {
    if (bits < 1 || (bits > 4 && bits != 8 && bits != 16)) {
      throw new IllegalArgumentException("bits must be 1, 2, 3, 4, 8 or 16, but is " + bits);
    }
  }

  /** Codes in one byte: 8, 4, 2, 2 or 1. */
  public static int codesPerByte(int bits) {
    checkBits(bits);
    return bits == 16 ? 1 : bits == 3 ? 2 : 8 / bits;
  }

  /** Bytes of one row of {@code columns} codes. */
  public static int bytesPerRow(int columns, int bits) {
    int perByte = codesPerByte(bits);
    return bits == 16 ? 2 * columns : (columns + perByte - 1) / perByte;
  }

  /** Bytes of one row. */
  public int bytesPerRow() {
    return bytesPerRow(columns, bits);
  }

  /** Whether each row has its own scale. */
  public boolean perRow() {
    return scales.length > 1;
  }

  /** Bytes of codes, scales and minima. */
  public long bytes() {
    return codes.length + (long) (scales.length + minima.length) * Float.BYTES;
  }

  /** Quantises {@code matrix}. */
  public static PackedCodes quantize(Matrix matrix, int bits, Granularity granularity) {
    checkBits(bits);
    int rows = matrix.rows();
    int columns = matrix.columns();
    float[] values = matrix.values();
    int groups = granularity == Granularity.PER_ROW ? rows : 1;
    int groupSize = groups == 0 ? 0 : values.length / groups;
    float[] scales = new float[groups];
    float[] minima = new float[groups];
    int levels = (1 << bits) - 1;
    for (int g = 0; g < groups; g++) {
      float lo = Float.POSITIVE_INFINITY;
      float hi = Float.NEGATIVE_INFINITY;
      for (int i = g * groupSize; i < (g + 1) * groupSize; i++) {
        lo = Math.min(lo, values[i]);
        hi = Math.max(hi, values[i]);
      }
      if (!Float.isFinite(lo) || !Float.isFinite(hi)) {
        throw new IllegalArgumentException("cannot quantise a table that holds NaN or infinity");
      }
      minima[g] = lo;
      scales[g] = (hi - lo) / levels;
    }
    int bytesPerRow = bytesPerRow(columns, bits);
    int perByte = codesPerByte(bits);
    int width = 8 / perByte;
    byte[] codes = new byte[Math.multiplyExact(rows, bytesPerRow)];
    for (int r = 0; r < rows; r++) {
      int g = groups == 1 ? 0 : r;
      for (int c = 0; c < columns; c++) {
        int code =
            scales[g] == 0
                ? 0
                : Math.min(levels, Math.round((values[r * columns + c] - minima[g]) / scales[g]));
        if (bits == 16) {
          codes[r * bytesPerRow + 2 * c] = (byte) code;
          codes[r * bytesPerRow + 2 * c + 1] = (byte) (code >> 8);
        } else {
          codes[r * bytesPerRow + c / perByte] |= (byte) (code << (width * (c % perByte)));
        }
      }
    }
    return new PackedCodes(rows, columns, bits, codes, scales, minima);
  }

  /** The code of one entry. */
  public int code(int row, int column) {
    int start = row * bytesPerRow();
    if (bits == 16) {
      return (codes[start + 2 * column] & 0xff) | (codes[start + 2 * column + 1] & 0xff) << 8;
    }
    int perByte = codesPerByte(bits);
    int width = 8 / perByte;
    return (codes[start + column / perByte] & 0xff) >> (width * (column % perByte))
        & ((1 << width) - 1);
  }

  /** The numbers that the codes stand for. */
  public Matrix dequantize() {
    float[] values = new float[Math.multiplyExact(rows, columns)];
    for (int r = 0; r < rows; r++) {
      int g = perRow() ? r : 0;
      for (int c = 0; c < columns; c++) {
        values[r * columns + c] = minima[g] + scales[g] * code(r, c);
      }
    }
    return new Matrix(rows, columns, values);
  }
}
