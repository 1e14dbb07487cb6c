package io.github.lowrank.embedding;

import io.github.lowrank.linalg.Matrix;
import io.github.lowrank.onnx.OnnxGraph;
import io.github.lowrank.onnx.OnnxTable;
import io.github.lowrank.op.FakeQuantization;
import io.github.lowrank.predictor.CompactOutput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * A matrix in uniform affine b-bit codes, packed into bytes.
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
 * <p>With {@code b = 1} the two levels are the group's minimum and maximum. A code is split into
 * sections of 8, 4, 2 or 1 bits (3 = 2 + 1, 16 = 8 + 8), so that every section can be unpacked by
 * shifts of whole bytes; a row holds its sections one after the other, the lowest bits first, each
 * padded to whole bytes.
 *
 * @param rows number of rows
 * @param columns number of columns
 * @param bits width of a code, 1 to 16
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

  /**
   * Some bits of every code of a row. Code {@code c} is in byte {@code c mod bytes}, above the
   * {@code c / bytes} earlier codes of that byte.
   *
   * @param width bits of a code in this section: 8, 4, 2 or 1
   * @param shift position of these bits in the code
   * @param offset of the section in a row, in bytes
   * @param bytes of the section in a row
   */
  record Section(int width, int shift, int offset, int bytes) {
    /** Codes per byte. */
    int perByte() {
      return 8 / width;
    }

    int mask() {
      return (1 << width) - 1;
    }

    private int place(int column) {
      return width * (column / bytes);
    }
  }

  /** The sections of a row of {@code columns} codes. */
  static List<Section> sections(int columns, int bits) {
    if (bits < 1 || bits > 16) {
      throw new IllegalArgumentException("bits must be in 1 .. 16, but is " + bits);
    }
    List<Section> sections = new ArrayList<>();
    int offset = 0;
    for (int shift = 0; shift < bits; ) {
      int width = Math.min(8, Integer.highestOneBit(bits - shift));
      int bytes = (columns * width + 7) / 8;
      sections.add(new Section(width, shift, offset, bytes));
      offset += bytes;
      shift += width;
    }
    return sections;
  }

  public PackedCodes {
    if (codes.length != rows * bytesPerRow(columns, bits)
        || scales.length != minima.length
        || (scales.length != 1 && scales.length != rows)) {
      throw new IllegalArgumentException(
          "codes, scales and minima do not fit a %d x %d matrix of %d bits"
              .formatted(rows, columns, bits));
    }
  }

  /** Bytes per row of {@code columns} codes. */
  public static int bytesPerRow(int columns, int bits) {
    return sections(columns, bits).stream().mapToInt(Section::bytes).sum();
  }

  /** Bytes per row. */
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

  /** Quantizes {@code matrix}. */
  public static PackedCodes quantize(Matrix matrix, int bits, Granularity granularity) {
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
        throw new IllegalArgumentException("cannot quantize a table that contains NaN or infinity");
      }
      minima[g] = lo;
      scales[g] = (hi - lo) / levels;
    }
    return new PackedCodes(
        rows,
        columns,
        bits,
        pack(
            rows,
            columns,
            bits,
            i -> {
              int g = groups == 1 ? 0 : i / columns;
              return scales[g] == 0
                  ? 0
                  : Math.min(levels, Math.round((values[i] - minima[g]) / scales[g]));
            }),
        scales,
        minima);
  }

  /**
   * Codes around zero: {@code x' = code}.
   *
   * @param codes {@code [rows, columns]}, in {@code -q .. q} with {@code q = 2^(b-1) - 1}; with one
   *     bit, -1 and 1
   */
  public static PackedCodes symmetric(int rows, int columns, int bits, int[] codes) {
    int largest = FakeQuantization.largest(bits);
    int step = bits == 1 ? 2 : 1;
    return new PackedCodes(
        rows,
        columns,
        bits,
        pack(rows, columns, bits, i -> (codes[i] + largest) / step),
        new float[] {step},
        new float[] {-largest});
  }

  /** Whether these are {@link #symmetric} codes of 2, 4 or 8 bits: bytes of one section. */
  boolean balanced() {
    return bits > 1
        && scales.length == 1
        && scales[0] == 1
        && minima[0] == -FakeQuantization.largest(bits)
        && sections(columns, bits).size() == 1;
  }

  /**
   * Codes that are numbers of something: scale 1, minimum 0.
   *
   * @param codes {@code [rows, columns]}, in {@code 0 .. 2^b - 1}
   */
  public static PackedCodes plain(int rows, int columns, int bits, int[] codes) {
    return new PackedCodes(
        rows,
        columns,
        bits,
        pack(rows, columns, bits, i -> codes[i]),
        new float[] {1},
        new float[] {0});
  }

  /** Packs {@code code(i)} for all entries, in rows. */
  private static byte[] pack(int rows, int columns, int bits, IntUnaryOperator code) {
    List<Section> sections = sections(columns, bits);
    int bytesPerRow = bytesPerRow(columns, bits);
    byte[] packed = new byte[Math.multiplyExact(rows, bytesPerRow)];
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int value = code.applyAsInt(r * columns + c);
        for (Section s : sections) {
          packed[r * bytesPerRow + s.offset + c % s.bytes] |=
              (byte) ((value >> s.shift & s.mask()) << s.place(c));
        }
      }
    }
    return packed;
  }

  /** The code of one entry. */
  public int code(int row, int column) {
    return code(sections(columns, bits), row * bytesPerRow(), column);
  }

  private int code(List<Section> sections, int start, int column) {
    int code = 0;
    for (Section s : sections) {
      int shared = codes[start + s.offset + column % s.bytes] & 0xff;
      code |= (shared >> s.place(column) & s.mask()) << s.shift;
    }
    return code;
  }

  /**
   * Writes rows to a compact file, packed as they are.
   *
   * @param some numbers of the rows, in the order in which they are written
   */
  void writeCompact(int[] some, CompactOutput out) {
    out.integer(some.length).integer(columns).octet(bits).octet(perRow() ? 1 : 0);
    out.floats(perRow() ? picked(scales, some) : scales);
    out.floats(perRow() ? picked(minima, some) : minima);
    int bytes = bytesPerRow();
    for (int row : some) {
      out.raw(Arrays.copyOfRange(codes, row * bytes, (row + 1) * bytes));
    }
  }

  private static float[] picked(float[] from, int[] some) {
    float[] picked = new float[some.length];
    for (int i = 0; i < some.length; i++) {
      picked[i] = from[some[i]];
    }
    return picked;
  }

  /**
   * These codes in a graph of ONNX, packed, with one scale for all. A byte yields its digits of u
   * bits, the width of the narrowest section; what they are worth, scale and minimum are linear,
   * and so part of the matrix after them.
   */
  OnnxTable onnx(OnnxGraph graph) {
    List<Section> sections = sections(columns, bits);
    int bytes = bytesPerRow();
    int unit = sections.stream().mapToInt(Section::width).min().orElseThrow();
    Matrix right = Matrix.zeros(Byte.SIZE / unit * bytes, columns);
    for (Section s : sections) {
      for (int c = 0; c < columns; c++) {
        for (int bit = 0; bit < s.width; bit += unit) {
          int row = (s.place(c) + bit) / unit * bytes + s.offset + c % s.bytes;
          right.values()[row * columns + c] = scales[0] * (1 << s.shift + bit);
        }
      }
    }
    float[] plus = new float[columns];
    Arrays.fill(plus, minima[0]);
    return new OnnxTable(ids -> digits(graph, ids, unit), Optional.of(right), plus);
  }

  /** The lowest digits of all bytes, then the second, and so on: {@code [batch, length, ...]}. */
  private String digits(OnnxGraph graph, String ids, int unit) {
    String packed = graph.op("Gather", graph.bytes(codes, rows, bytesPerRow()), ids).value();
    List<String> digits = new ArrayList<>();
    for (int shift = 0; shift < Byte.SIZE; shift += unit) {
      String digit = packed;
      if (shift > 0) {
        digit =
            graph
                .op("BitShift", digit, graph.bytes(new byte[] {(byte) shift}))
                .with("direction", "RIGHT")
                .value();
      }
      if (shift + unit < Byte.SIZE) {
        digit =
            graph
                .op("BitwiseAnd", digit, graph.bytes(new byte[] {(byte) ((1 << unit) - 1)}))
                .value();
      }
      digits.add(digit);
    }
    String all =
        digits.size() == 1
            ? packed
            : graph.op("Concat", digits.toArray(new String[0])).with("axis", 2).value();
    return graph.cast(all, OnnxGraph.Type.FLOAT);
  }

  /** The numbers that the codes represent. */
  public Matrix dequantize() {
    float[] values = new float[Math.multiplyExact(rows, columns)];
    List<Section> sections = sections(columns, bits);
    int bytesPerRow = bytesPerRow();
    for (int r = 0; r < rows; r++) {
      int g = perRow() ? r : 0;
      for (int c = 0; c < columns; c++) {
        values[r * columns + c] = minima[g] + scales[g] * code(sections, r * bytesPerRow, c);
      }
    }
    return new Matrix(rows, columns, values);
  }
}
