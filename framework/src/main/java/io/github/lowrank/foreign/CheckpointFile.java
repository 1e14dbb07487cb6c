package io.github.lowrank.foreign;

import com.google.protobuf.InvalidProtocolBufferException;
import io.github.lowrank.linalg.Matrix;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.tensorflow.proto.BundleEntryProto;
import org.tensorflow.proto.BundleHeaderProto;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.proto.TensorSliceProto;
import org.tensorflow.proto.VersionDef;

/**
 * A checkpoint of TensorFlow's second format, read and written as files: no graph runs.
 *
 * <p>The index is a sorted table of LevelDB's format whose values are {@code BundleEntryProto}s:
 * type, shape, file, place and checksum of each tensor. A partitioned tensor has an entry that
 * names its slices, and one entry per slice under an encoded key.
 */
final class CheckpointFile {
  private static final long MAGIC = 0xdb4775248b80fb57L;
  private static final int FOOTER = 48;
  private static final int TRAILER = 5;
  private static final int RESTARTS = 16;
  private static final int BUFFER = 1 << 20;

  /** What a Java array can hold. */
  private static final int LARGEST = Integer.MAX_VALUE - 8;

  private final Path prefix;
  private final BundleHeaderProto header;
  // Keys are bytes, here one char each: then strings sort as the bytes do.
  private final SortedMap<String, BundleEntryProto> entries;

  private CheckpointFile(
      Path prefix, BundleHeaderProto header, SortedMap<String, BundleEntryProto> entries) {
    this.prefix = prefix;
    this.header = header;
    this.entries = entries;
  }

  /** The checkpoint of a SavedModel, if it has one. */
  static Optional<CheckpointFile> of(Path model) throws IOException {
    Path prefix = model.resolve("variables").resolve("variables");
    return Files.exists(index(prefix)) ? Optional.of(read(prefix)) : Optional.empty();
  }

  private static Path index(Path prefix) {
    return prefix.resolveSibling(prefix.getFileName() + ".index");
  }

  private static Path data(Path prefix, int shard, int shards) {
    return prefix.resolveSibling(
        "%s.data-%05d-of-%05d".formatted(prefix.getFileName(), shard, shards));
  }

  static CheckpointFile read(Path prefix) throws IOException {
    Path file = index(prefix);
    byte[] bytes = Files.readAllBytes(file);
    SortedMap<String, BundleEntryProto> entries = new TreeMap<>();
    BundleHeaderProto header = null;
    try {
      ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      if (bytes.length < FOOTER || all.getLong(bytes.length - 8) != MAGIC) {
        throw new IOException(file + ": expected the index of a checkpoint, found other bytes");
      }
      ByteBuffer footer = all.duplicate().position(bytes.length - FOOTER);
      varint(footer);
      varint(footer);
      Map<String, byte[]> blocks = block(file, all, varint(footer), varint(footer));
      for (byte[] handle : blocks.values()) {
        ByteBuffer place = ByteBuffer.wrap(handle);
        for (Map.Entry<String, byte[]> entry :
            block(file, all, varint(place), varint(place)).entrySet()) {
          if (entry.getKey().isEmpty()) {
            header = BundleHeaderProto.parseFrom(entry.getValue());
          } else {
            entries.put(entry.getKey(), checked(BundleEntryProto.parseFrom(entry.getValue())));
          }
        }
      }
    } catch (InvalidProtocolBufferException
        | java.nio.BufferUnderflowException
        | IndexOutOfBoundsException
        | IllegalArgumentException e) {
      throw new IOException(
          file + ": expected the index of a checkpoint, found damaged bytes: " + e.getMessage(), e);
    }
    if (header == null || header.getNumShards() < 1) {
      throw new IOException(file + ": expected the index of a checkpoint, found no header");
    }
    if (header.getEndianness() != BundleHeaderProto.Endianness.LITTLE) {
      throw new IOException(file + ": expected little-endian numbers, found big-endian ones");
    }
    return new CheckpointFile(prefix, header, entries);
  }

  /** An entry whose numbers can be calculated with. */
  private static BundleEntryProto checked(BundleEntryProto entry) {
    boolean sound =
        entry.getSize() >= 0
            && entry.getOffset() >= 0
            && entry.getOffset() <= Long.MAX_VALUE - entry.getSize()
            && entry.getShardId() >= 0;
    for (TensorShapeProto.Dim dim : entry.getShape().getDimList()) {
      sound &= dim.getSize() >= 0;
    }
    for (TensorSliceProto slice : entry.getSlicesList()) {
      sound &= slice.getExtentCount() == entry.getShape().getDimCount();
      for (int i = 0; sound && i < slice.getExtentCount(); i++) {
        long size = entry.getShape().getDim(i).getSize();
        long start = slice.getExtent(i).getStart();
        sound = start >= 0 && start <= size;
        sound &= length(slice, i, size) >= 0 && length(slice, i, size) <= size - start;
      }
    }
    if (!sound) {
      throw new IllegalArgumentException("an entry with impossible sizes");
    }
    return entry;
  }

  private static Map<String, byte[]> block(Path file, ByteBuffer all, long offset, long size)
      throws IOException {
    // with the byte that names the compression
    Objects.checkFromIndexSize(offset, Math.max(size, Integer.BYTES) + 1, (long) all.limit());
    int start = (int) offset;
    int length = (int) size;
    if (all.get(start + length) != 0) {
      throw new IOException(file + ": expected blocks without compression, found compressed ones");
    }
    ByteBuffer block =
        all.duplicate()
            .position(start)
            .limit(start + length)
            .slice()
            .order(ByteOrder.LITTLE_ENDIAN);
    int restarts = Objects.checkIndex(block.getInt(length - 4), length / 4);
    block.limit(length - 4 - 4 * restarts);
    Map<String, byte[]> entries = new LinkedHashMap<>();
    byte[] key = new byte[0];
    while (block.hasRemaining()) {
      int shared = length(block, key.length);
      int own = length(block, block.remaining());
      byte[] value = new byte[length(block, block.remaining())];
      key = Arrays.copyOf(Arrays.copyOf(key, shared), shared + own);
      block.get(key, shared, own);
      block.get(value);
      entries.put(new String(key, StandardCharsets.ISO_8859_1), value);
    }
    return entries;
  }

  private static int length(ByteBuffer in, int most) {
    long length = varint(in);
    if (length < 0 || length > most) {
      throw new IllegalArgumentException(
          "a length of %d where %d are left".formatted(length, most));
    }
    return (int) length;
  }

  private static long varint(ByteBuffer in) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than 64 bits");
  }

  private static String latin(String key) {
    return new String(key.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** The entry of {@code key}, or null. */
  BundleEntryProto entry(String key) {
    return entries.get(latin(key));
  }

  private BundleEntryProto expect(String latin, String key) throws IOException {
    BundleEntryProto entry = entries.get(latin);
    if (entry == null) {
      throw new IOException("%s: expected the key %s, found none".formatted(index(prefix), key));
    }
    return entry;
  }

  /** Whether two keys hold the same bytes. */
  boolean same(String a, String b) {
    BundleEntryProto x = entry(a);
    BundleEntryProto y = entry(b);
    return a.equals(b)
        || (x != null
            && y != null
            && x.getSlicesCount() == 0
            && y.getSlicesCount() == 0
            && x.getDtype() == y.getDtype()
            && x.getShape().equals(y.getShape())
            && x.getSize() == y.getSize()
            && x.getCrc32C() == y.getCrc32C());
  }

  /** The bytes of {@code key}, of one of its slices if {@code slice} is not null. */
  private byte[] bytes(String key, TensorSliceProto slice) throws IOException {
    BundleEntryProto entry = expect(slice == null ? latin(key) : sliceKey(key, slice), key);
    Path file = data(prefix, entry.getShardId(), header.getNumShards());
    byte[] bytes;
    try (FileChannel in = FileChannel.open(file)) {
      if (entry.getSize() > in.size() - entry.getOffset() || entry.getSize() > LARGEST) {
        throw new IOException(
            "%s: expected %s, %,d bytes from byte %,d on, found %,d bytes"
                .formatted(file, key, entry.getSize(), entry.getOffset(), in.size()));
      }
      bytes = new byte[(int) entry.getSize()];
      ByteBuffer into = ByteBuffer.wrap(bytes);
      while (into.hasRemaining() && in.read(into, entry.getOffset() + into.position()) >= 0) {
        // until all is read
      }
    }
    if (entry.getDtype() != DataType.DT_STRING && masked(bytes) != entry.getCrc32C()) {
      throw new IOException("%s: %s is damaged: its checksum is wrong".formatted(file, key));
    }
    return bytes;
  }

  /** A tensor of one string. */
  byte[] string(String key) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes(key, null));
    try {
      byte[] string = new byte[length(in, in.remaining())];
      in.getInt();
      in.get(string);
      return string;
    } catch (java.nio.BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("%s: %s is damaged".formatted(index(prefix), key), e);
    }
  }

  /** The rows {@code start .. start + count} of a matrix of floats of any width. */
  Matrix matrix(String key) throws IOException {
    BundleEntryProto entry = expect(latin(key), key);
    int rows = 0;
    int columns = 0;
    if (entry.getShape().getDimCount() == 2) {
      rows = (int) Math.min(Integer.MAX_VALUE, entry.getShape().getDim(0).getSize());
      columns = (int) Math.min(Integer.MAX_VALUE, entry.getShape().getDim(1).getSize());
    }
    long stored = entry.getSize();
    for (TensorSliceProto slice : entry.getSlicesList()) {
      stored += expect(sliceKey(key, slice), key).getSize();
    }
    long width = Numbers.BYTES.getOrDefault(entry.getDtype(), 0);
    if (columns == 0 || (long) rows * columns > LARGEST || width * rows * columns != stored) {
      throw new IOException(
          "%s: expected %s to be a matrix of floats, found %s %s in %,d bytes"
              .formatted(
                  index(prefix),
                  key,
                  entry.getDtype(),
                  entry.getShape().getDimList().stream()
                      .map(TensorShapeProto.Dim::getSize)
                      .toList(),
                  stored));
    }
    float[] values = new float[rows * columns];
    if (entry.getSlicesCount() == 0) {
      Numbers.read(entry.getDtype(), bytes(key, null), values, 0);
      return new Matrix(rows, columns, values);
    }
    for (TensorSliceProto slice : entry.getSlicesList()) {
      if (length(slice, 1, columns) != columns) {
        throw new IOException(key + " is partitioned by columns: only rows can be");
      }
      Numbers.read(
          entry.getDtype(),
          bytes(key, slice),
          values,
          (int) slice.getExtent(0).getStart() * columns);
    }
    return new Matrix(rows, columns, values);
  }

  private static long length(TensorSliceProto slice, int dimension, long whole) {
    return slice.getExtent(dimension).getHasLengthCase()
            == TensorSliceProto.Extent.HasLengthCase.HASLENGTH_NOT_SET
        ? whole
        : slice.getExtent(dimension).getLength();
  }

  /** What stands in a copy in the place of a tensor: rows of {@code width} numbers. */
  record Replacement(int rows, int width, byte[] bytes) {}

  /**
   * Writes the checkpoint again.
   *
   * @param replaced other matrices of the same type, by key
   */
  void copy(Path target, Map<String, Replacement> replaced) throws IOException {
    Files.createDirectories(target.getParent());
    SortedMap<String, BundleEntryProto> written = new TreeMap<>();
    Map<String, String> sliceOwners = new TreeMap<>();
    for (String key : replaced.keySet()) {
      for (TensorSliceProto slice : expect(latin(key), key).getSlicesList()) {
        sliceOwners.put(sliceKey(key, slice), key);
      }
    }
    Map<String, Replacement> byLatin = new TreeMap<>();
    replaced.forEach((key, value) -> byLatin.put(latin(key), value));
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(data(target, 0, 1)))) {
      long offset = 0;
      for (Map.Entry<String, BundleEntryProto> e : entries.entrySet()) {
        BundleEntryProto entry = e.getValue();
        Replacement other = byLatin.get(e.getKey());
        if (sliceOwners.containsKey(e.getKey())) {
          continue; // written with its owner
        }
        if (other == null) {
          copyBytes(entry, out);
          written.put(e.getKey(), entry.toBuilder().setShardId(0).setOffset(offset).build());
          offset += entry.getSize();
        } else if (entry.getSlicesCount() == 0) {
          out.write(other.bytes());
          written.put(e.getKey(), replaced(entry, other.rows(), other.width(), offset, other));
          offset += other.bytes().length;
        } else {
          String key =
              new String(e.getKey().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
          BundleEntryProto.Builder owner =
              entry.toBuilder().setShape(shape(other.rows(), other.width())).clearSlices();
          int rowBytes = other.bytes().length / Math.max(1, other.rows());
          for (TensorSliceProto slice : entry.getSlicesList()) {
            int start = Math.toIntExact(slice.getExtent(0).getStart());
            int count = Math.toIntExact(length(slice, 0, other.rows()));
            TensorSliceProto.Builder changed = slice.toBuilder();
            if (slice.getExtent(1).getHasLengthCase()
                != TensorSliceProto.Extent.HasLengthCase.HASLENGTH_NOT_SET) {
              changed.getExtentBuilder(1).setLength(other.width());
            }
            byte[] part =
                Arrays.copyOfRange(other.bytes(), start * rowBytes, (start + count) * rowBytes);
            out.write(part);
            owner.addSlices(changed);
            written.put(
                sliceKey(key, changed.build()),
                replaced(
                    expect(sliceKey(key, slice), key),
                    count,
                    other.width(),
                    offset,
                    new Replacement(count, other.width(), part)));
            offset += part.length;
          }
          written.put(e.getKey(), owner.build());
        }
      }
    }
    Files.write(index(target), table(written));
  }

  private static TensorShapeProto shape(long rows, long width) {
    return TensorShapeProto.newBuilder()
        .addDim(TensorShapeProto.Dim.newBuilder().setSize(rows))
        .addDim(TensorShapeProto.Dim.newBuilder().setSize(width))
        .build();
  }

  private static BundleEntryProto replaced(
      BundleEntryProto entry, int rows, int width, long offset, Replacement other) {
    return entry.toBuilder()
        .setShape(shape(rows, width))
        .setShardId(0)
        .setOffset(offset)
        .setSize(other.bytes().length)
        .setCrc32C(masked(other.bytes()))
        .build();
  }

  private void copyBytes(BundleEntryProto entry, OutputStream out) throws IOException {
    if (entry.getSlicesCount() > 0 || entry.getSize() == 0) {
      return;
    }
    Path file = data(prefix, entry.getShardId(), header.getNumShards());
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(BUFFER, entry.getSize()));
      for (long done = 0; done < entry.getSize(); done += buffer.position()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), entry.getSize() - done));
        if (in.read(buffer, entry.getOffset() + done) <= 0) {
          throw new IOException(
              "%s: expected %,d bytes, found %,d"
                  .formatted(file, entry.getOffset() + entry.getSize(), in.size()));
        }
        out.write(buffer.array(), 0, buffer.position());
      }
    }
  }

  private byte[] table(SortedMap<String, BundleEntryProto> written) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SortedMap<String, byte[]> values = new TreeMap<>();
    values.put("", header.toBuilder().setNumShards(1).setVersion(version()).build().toByteArray());
    written.forEach((key, entry) -> values.put(key, entry.toByteArray()));
    byte[] data = block(values);
    byte[] dataHandle = append(out, data);
    byte[] metaHandle = append(out, block(new TreeMap<>()));
    SortedMap<String, byte[]> index = new TreeMap<>();
    index.put(values.lastKey(), dataHandle);
    byte[] indexHandle = append(out, block(index));
    ByteBuffer footer = ByteBuffer.allocate(FOOTER).order(ByteOrder.LITTLE_ENDIAN);
    footer.put(metaHandle).put(indexHandle).putLong(FOOTER - 8, MAGIC);
    out.write(footer.array());
    return out.toByteArray();
  }

  private VersionDef version() {
    return header.hasVersion()
        ? header.getVersion()
        : VersionDef.newBuilder().setProducer(1).build();
  }

  private static byte[] append(ByteArrayOutputStream out, byte[] block) throws IOException {
    ByteArrayOutputStream handle = new ByteArrayOutputStream();
    varint(handle, out.size());
    varint(handle, block.length);
    byte[] typed = Arrays.copyOf(block, block.length + 1); // the type: not compressed
    out.write(typed);
    out.write(
        ByteBuffer.allocate(TRAILER - 1)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(masked(typed))
            .array());
    return handle.toByteArray();
  }

  private static byte[] block(SortedMap<String, byte[]> values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Integer> restarts = new ArrayList<>(List.of(0));
    String last = "";
    int count = 0;
    for (Map.Entry<String, byte[]> entry : values.entrySet()) {
      String key = entry.getKey();
      int shared = 0;
      if (count > 0 && count % RESTARTS == 0) {
        restarts.add(out.size());
      } else {
        while (shared < Math.min(last.length(), key.length())
            && last.charAt(shared) == key.charAt(shared)) {
          shared++;
        }
      }
      varint(out, shared);
      varint(out, key.length() - shared);
      varint(out, entry.getValue().length);
      out.write(key.substring(shared).getBytes(StandardCharsets.ISO_8859_1));
      out.write(entry.getValue());
      last = key;
      count++;
    }
    ByteBuffer tail = ByteBuffer.allocate(4 * restarts.size() + 4).order(ByteOrder.LITTLE_ENDIAN);
    restarts.forEach(tail::putInt);
    tail.putInt(restarts.size());
    out.write(tail.array());
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest >= 0x80) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** TensorFlow stores checksums rotated and shifted. */
  private static int masked(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
  }

  /** The key of one slice: name, number of dimensions, start and length of each, in order. */
  private static String sliceKey(String key, TensorSliceProto slice) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    unsigned(out, 0);
    for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
      out.write(b);
      if (b == 0) {
        out.write(0xff);
      } else if (b == (byte) 0xff) {
        out.write(0);
      }
    }
    out.write(0);
    out.write(1);
    unsigned(out, slice.getExtentCount());
    for (TensorSliceProto.Extent extent : slice.getExtentList()) {
      signed(out, extent.getStart());
      signed(
          out,
          extent.getHasLengthCase() == TensorSliceProto.Extent.HasLengthCase.HASLENGTH_NOT_SET
              ? -1
              : extent.getLength());
    }
    return out.toString(StandardCharsets.ISO_8859_1);
  }

  private static void unsigned(ByteArrayOutputStream out, long value) {
    int length = (Long.SIZE - Long.numberOfLeadingZeros(value) + 7) / 8;
    out.write(length);
    for (int i = length - 1; i >= 0; i--) {
      out.write((int) (value >>> (8 * i)));
    }
  }

  private static void signed(ByteArrayOutputStream out, long value) {
    long magnitude = value < 0 ? ~value : value;
    int bits = Long.SIZE - Long.numberOfLeadingZeros(magnitude);
    int length = bits / 7 + 1; // a sign and seven bits per byte, for all lengths up to eight
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[length - 1 - i] = (byte) (8 * i < Long.SIZE ? value >> (8 * i) : value >> 63);
    }
    bytes[0] ^= (byte) (0xff00 >> length);
    out.writeBytes(bytes);
  }

  /** All keys but those of slices. */
  List<String> keys() {
    return entries.keySet().stream()
        .filter(key -> key.charAt(0) != 0)
        .map(key -> new String(key.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8))
        .toList();
  }
}
