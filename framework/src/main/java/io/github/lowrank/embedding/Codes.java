package io.github.lowrank.embedding;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import io.github.lowrank.op.Variable;
import io.github.lowrank.op.Variables;
import io.github.lowrank.predictor.CompactOutput;
import java.util.List;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/** Which codewords stand for a row of a {@link Codewords} table. They do not train. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "codes")
public interface Codes {
  /** Number of rows, V. */
  int vocabulary();

  /** Codewords per row. */
  int parts();

  /** Number of codewords that they are numbers of. */
  int words();

  /** Stored codes. */
  long parameters();

  /** Bytes of the stored codes. */
  long bytes();

  /** The number of a row's codeword, in {@code 0 .. words - 1}. */
  int word(int row, int part);

  /**
   * Writes the codes of rows to a compact file, and from which codeword on each part counts; as
   * numbers of codewords, unless they have a shorter way.
   *
   * @param rows numbers of the rows, in the order in which they are written
   */
  default void writeCompact(int[] rows, CompactOutput out) {
    int[] codes = new int[rows.length * parts()];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = word(rows[i / parts()], i % parts());
    }
    int bits = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(words() - 1));
    PackedCodes.plain(rows.length, parts(), bits, codes)
        .writeCompact(IntStream.range(0, rows.length).toArray(), out);
    for (int p = 0; p < parts(); p++) {
      out.integer(0);
    }
  }

  /** The codes in a graph. */
  Layer layer(Ops tf, Variables variables, String name);

  /** Codes in a graph: their variables and their lookup. */
  interface Layer {
    /**
     * The codewords of the rows.
     *
     * @param ids row numbers, {@code [batch, length]}
     * @return {@code [batch, length * parts]}
     */
    Operand<TInt32> words(Ops tf, Operand<TInt32> ids);

    /** Adds the values of the variables to {@code assignment}. */
    void initialize(Variables.Assignment assignment);
  }

  private static Operand<TInt32> flat(Ops tf, Operand<TInt32> words, Operand<TInt32> ids) {
    Operand<TInt32> batch = tf.slice(tf.shape(ids), tf.array(0), tf.array(1));
    return tf.reshape(words, tf.concat(List.of(batch, tf.array(-1)), tf.constant(0)));
  }

  /**
   * Stored codes: the codewords of part {@code p} are {@code p perPart .. (p + 1) perPart - 1}.
   *
   * @param packed {@code [V, parts]}, with scale 1 and minimum 0, which nothing else stores
   * @param perPart codewords of a part, K
   */
  @JsonTypeName("stored")
  record Stored(PackedCodes packed, int perPart) implements Codes {
    /**
     * Packs codes in the fewest bytes.
     *
     * @param codes {@code [rows, parts]}, each in {@code 0 .. perPart - 1}
     */
    public static Stored of(int rows, int parts, int perPart, int[] codes) {
      int bits = bits(parts, perPart);
      return new Stored(PackedCodes.plain(rows, parts, bits, codes), perPart);
    }

    /** Bytes of a row of codes. */
    public static int bytesPerRow(int parts, int perPart) {
      return PackedCodes.bytesPerRow(parts, bits(parts, perPart));
    }

    /** The width of a code with the shortest rows: sections of a row are whole bytes. */
    private static int bits(int parts, int perPart) {
      int best = Math.max(1, Integer.SIZE - Integer.numberOfLeadingZeros(perPart - 1));
      for (int bits = best + 1; bits <= 16; bits++) {
        if (PackedCodes.bytesPerRow(parts, bits) < PackedCodes.bytesPerRow(parts, best)) {
          best = bits;
        }
      }
      return best;
    }

    @Override
    public int vocabulary() {
      return packed.rows();
    }

    @Override
    public int parts() {
      return packed.columns();
    }

    @Override
    public int words() {
      return parts() * perPart;
    }

    @Override
    public long parameters() {
      return (long) vocabulary() * parts();
    }

    @Override
    public long bytes() {
      return packed.codes().length;
    }

    @Override
    public int word(int row, int part) {
      return part * perPart + packed.code(row, part);
    }

    @Override
    public void writeCompact(int[] rows, CompactOutput out) {
      packed.writeCompact(rows, out);
      for (int p = 0; p < parts(); p++) {
        out.integer(p * perPart);
      }
    }

    @Override
    public Layer layer(Ops tf, Variables variables, String name) {
      Shape shape = Shape.of(packed.rows(), packed.bytesPerRow());
      Variable codes = variables.create(name + "_codes", shape, TUint8.class);
      return new StoredLayer(this, codes);
    }
  }

  /**
   * {@link Stored} in a graph.
   *
   * @param stored the values
   * @param codes {@code [V, bytes of a row]}
   */
  record StoredLayer(Stored stored, Variable codes) implements Layer {
    @Override
    public Operand<TInt32> words(Ops tf, Operand<TInt32> ids) {
      Operand<TFloat32> own = FixedPoint.codes(tf, stored.packed, codes.byteRows(tf, ids));
      int[] starts = new int[stored.parts()];
      for (int p = 0; p < starts.length; p++) {
        starts[p] = p * stored.perPart;
      }
      return flat(tf, tf.math.add(tf.dtypes.cast(own, TInt32.class), tf.constant(starts)), ids);
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      assignment.set(codes, stored.packed.codes());
    }
  }

  /**
   * Codes that are computed from the row number, and so take no bytes: {@code ((a_p (row + 1) +
   * b_p) mod (2^31 - 1)) mod words}, the universal hash functions of Carter and Wegman (1979). All
   * parts share the codewords.
   *
   * @param vocabulary number of rows
   * @param parts hash functions
   * @param words number of codewords
   */
  @JsonTypeName("hashed")
  record Hashed(int vocabulary, int parts, int words) implements Codes {
    private static final long PRIME = Integer.MAX_VALUE;

    /**
     * {@code a_p} for even, {@code b_p} for odd {@code i}: bits of multiples of the golden ratio.
     */
    private static long constant(int i) {
      return 1 + (0x9E3779B97F4A7C15L * (i + 1) >>> 33) % (PRIME - 1);
    }

    @Override
    public long parameters() {
      return 0;
    }

    @Override
    public long bytes() {
      return 0;
    }

    @Override
    public int word(int row, int part) {
      return (int) ((constant(2 * part) * (row + 1L) + constant(2 * part + 1)) % PRIME % words);
    }

    @Override
    public Layer layer(Ops tf, Variables variables, String name) {
      return new HashedLayer(this);
    }
  }

  /**
   * {@link Hashed} in a graph.
   *
   * @param hashed the hash functions
   */
  record HashedLayer(Hashed hashed) implements Layer {
    @Override
    public Operand<TInt32> words(Ops tf, Operand<TInt32> ids) {
      long[] a = new long[hashed.parts];
      long[] b = new long[hashed.parts];
      for (int p = 0; p < hashed.parts; p++) {
        a[p] = Hashed.constant(2 * p);
        b[p] = Hashed.constant(2 * p + 1);
      }
      Operand<TInt64> rows =
          tf.math.add(
              tf.dtypes.cast(tf.expandDims(ids, tf.constant(2)), TInt64.class), tf.constant(1L));
      Operand<TInt64> hash =
          tf.math.floorMod(
              tf.math.add(tf.math.mul(rows, tf.constant(a)), tf.constant(b)),
              tf.constant(Hashed.PRIME));
      return flat(
          tf,
          tf.dtypes.cast(tf.math.floorMod(hash, tf.constant((long) hashed.words)), TInt32.class),
          ids);
    }

    @Override
    public void initialize(Variables.Assignment assignment) {
      // nothing is stored
    }
  }
}
