package io.github.lowrank.predictor;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * The bytes of a compact file while it is written. Forms of tables and weights write themselves, so
 * that whoever adds one needs no other file.
 */
public final class CompactOutput {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  /** The ordinal of {@code kind} in a byte. */
  public CompactOutput kind(Enum<?> kind) {
    return octet(kind.ordinal());
  }

  /** One byte. */
  public CompactOutput octet(int value) {
    bytes.write(value);
    return this;
  }

  /** Four bytes. */
  public CompactOutput integer(int value) {
    return raw(buffer(Integer.BYTES).putInt(value).array());
  }

  /** Eight bytes. */
  public CompactOutput number(long value) {
    return raw(buffer(Long.BYTES).putLong(value).array());
  }

  /** Seven bits per byte, the lowest first; the high bit says that more follow. */
  public CompactOutput varint(int value) {
    int rest = value;
    while ((rest & ~0x7f) != 0) {
      octet(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    return octet(rest);
  }

  /** Four bytes per number; their count is not written. */
  public CompactOutput floats(float... values) {
    ByteBuffer buffer = buffer(Math.multiplyExact(values.length, Float.BYTES));
    buffer.asFloatBuffer().put(values);
    return raw(buffer.array());
  }

  /** Bytes; their count is not written. */
  public CompactOutput raw(byte[] some) {
    bytes.writeBytes(some);
    return this;
  }

  /** Length, compressed length, and {@code some} compressed by deflate. */
  public CompactOutput deflated(byte[] some) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    deflater.setInput(some);
    deflater.finish();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] part = new byte[8192];
    while (!deflater.finished()) {
      out.write(part, 0, deflater.deflate(part));
    }
    deflater.end();
    return integer(some.length).integer(out.size()).raw(out.toByteArray());
  }

  /** Number of bytes so far. */
  public int size() {
    return bytes.size();
  }

  /** All bytes. */
  public byte[] toBytes() {
    return bytes.toByteArray();
  }

  /**
   * A whole file.
   *
   * @param sections in the order of {@link CompactFormat.Section}
   */
  public static byte[] file(List<byte[]> sections) {
    int length = CompactFormat.HEADER + CompactFormat.CHECKSUM;
    for (byte[] section : sections) {
      length = Math.addExact(length, section.length);
    }
    CompactOutput file =
        new CompactOutput()
            .raw(CompactFormat.magic())
            .integer(CompactFormat.VERSION)
            .integer(length);
    int at = CompactFormat.HEADER;
    for (byte[] section : sections) {
      file.integer(at);
      at += section.length;
    }
    sections.forEach(file::raw);
    CRC32 checksum = new CRC32();
    checksum.update(file.toBytes());
    return file.integer((int) checksum.getValue()).toBytes();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
