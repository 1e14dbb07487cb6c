package io.github.lowrank.predictor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A compact file while it is read: every length is compared with the bytes that are there before
 * memory for it is allocated.
 */
final class Input {
  private final String file;
  private final ByteBuffer bytes;
  private int end;
  private int depth;

  Input(String file, byte[] bytes) {
    this.file = file;
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.end = bytes.length;
  }

  int position() {
    return bytes.position();
  }

  /** Goes on at {@code from}; nothing at {@code to} or later may be read. */
  void section(int from, int to) {
    bytes.position(from);
    end = to;
  }

  /** Refuses bytes that nothing reads. */
  void sectionEnds() throws FormatException {
    if (position() != end) {
      throw wrong("the end of a section", (end - position()) + " more bytes");
    }
  }

  FormatException wrong(String expected, Object found) {
    return wrong(position(), expected, found);
  }

  FormatException wrong(int offset, String expected, Object found) {
    return new FormatException(file, offset, expected, String.valueOf(found));
  }

  private void need(long count, String what) throws FormatException {
    if (count > end - position()) {
      throw wrong("%d bytes of %s".formatted(count, what), end - position());
    }
  }

  int octet(String what) throws FormatException {
    need(1, what);
    return bytes.get() & 0xff;
  }

  int integer(String what) throws FormatException {
    need(Integer.BYTES, what);
    return bytes.getInt();
  }

  long number(String what) throws FormatException {
    need(Long.BYTES, what);
    return bytes.getLong();
  }

  /** An integer in {@code least .. most}. */
  int integer(String what, int least, int most) throws FormatException {
    int at = position();
    return between(at, what, integer(what), least, most);
  }

  /** A byte in {@code least .. most}. */
  int octet(String what, int least, int most) throws FormatException {
    int at = position();
    return between(at, what, octet(what), least, most);
  }

  private int between(int at, String what, int value, int least, int most) throws FormatException {
    if (value < least || value > most) {
      throw wrong(at, "%s in %d .. %d".formatted(what, least, most), value);
    }
    return value;
  }

  /** One of the values of an enum, by its ordinal in a byte. */
  <E extends Enum<E>> E kind(E[] all, String what) throws FormatException {
    return all[octet(what, 0, all.length - 1)];
  }

  /** {@code count} numbers, all of them finite. */
  float[] floats(long count, String what) throws FormatException {
    need(count * Float.BYTES, what);
    int at = position();
    float[] values = new float[(int) count];
    bytes.asFloatBuffer().get(values);
    bytes.position(at + values.length * Float.BYTES);
    float all = 0;
    for (float value : values) {
      all += value * 0; // NaN once anything is not finite
    }
    for (int i = 0; all != 0 && i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw wrong(at + i * Float.BYTES, "finite numbers of " + what, values[i]);
      }
    }
    return values;
  }

  /** Moves over {@code count} bytes; where they begin. */
  int skip(long count, String what) throws FormatException {
    need(count, what);
    int from = position();
    bytes.position(from + (int) count);
    return from;
  }

  byte[] array() {
    return bytes.array();
  }

  /** The eight bytes at {@code offset}, zeros after the end of the file. */
  long word(int offset) {
    if (offset <= bytes.capacity() - Long.BYTES) {
      return bytes.getLong(offset);
    }
    long word = 0;
    for (int i = bytes.capacity() - 1; i >= offset; i--) {
      word = word << 8 | bytes.get(i) & 0xff;
    }
    return word;
  }

  int varint(String what) throws FormatException {
    int at = position();
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int next = octet(what);
      value |= (long) (next & 0x7f) << shift;
      if (next < 0x80) {
        if (value > Integer.MAX_VALUE) {
          break;
        }
        return (int) value;
      }
    }
    throw wrong(at, what + " below 2^31", "a larger number");
  }

  String text(int length, String what) throws FormatException {
    int from = skip(length, what);
    return utf8(bytes.array(), from, length, from, what);
  }

  /** Bytes of UTF-8 as a string. */
  String utf8(byte[] some, int from, int length, int at, String what) throws FormatException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(some, from, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw wrong(at, what + " in UTF-8", "other bytes");
    }
  }

  /** What {@link CompactOutput#deflated} wrote. */
  byte[] inflated(String what) throws FormatException {
    int length = integer("bytes of " + what, 0, CompactFormat.LARGEST_TEXT);
    int packed = integer("compressed bytes of " + what, 0, Integer.MAX_VALUE);
    int from = skip(packed, what);
    // Deflate makes nothing shorter than by 1032 : 1.
    if (length > 1032L * packed) {
      throw wrong(from, "%d bytes of %s".formatted(length, what), packed + " compressed ones");
    }
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(bytes.array(), from, packed);
      byte[] all = new byte[length];
      int done = 0;
      while (done < length) {
        int some = inflater.inflate(all, done, length - done);
        if (some == 0) {
          throw wrong(from, "%d bytes of %s".formatted(length, what), done);
        }
        done += some;
      }
      // The end of the stream may not have been read yet.
      if (inflater.inflate(new byte[1]) != 0
          || !inflater.finished()
          || inflater.getRemaining() > 0) {
        throw wrong(from, "%d bytes of %s".formatted(length, what), "another number");
      }
      return all;
    } catch (DataFormatException e) {
      throw wrong(from, what + " compressed by deflate", "other bytes");
    } finally {
      inflater.end();
    }
  }

  /** Begins a form inside of a form. */
  void enter() throws FormatException {
    if (++depth > CompactFormat.DEEPEST) {
      throw wrong("at most %d nested forms".formatted(CompactFormat.DEEPEST), "more");
    }
  }

  void leave() {
    depth--;
  }
}
