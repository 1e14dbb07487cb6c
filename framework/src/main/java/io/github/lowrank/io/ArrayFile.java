package io.github.lowrank.io;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.CharConversionException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Records and their arrays in one file, which appears complete or not at all.
 *
 * <pre>
 * magic           8 bytes, "LOWRANK1"
 * length of JSON  int32, big-endian
 * JSON            UTF-8: a list of the records; a float[] or byte[] in it is {"array": n}
 * arrays          each: int8 bytes per element, int32 length, elements little-endian
 * SHA-256         32 bytes, of everything before
 * </pre>
 */
public final class ArrayFile {
  private static final byte[] MAGIC = {'L', 'O', 'W', 'R', 'A', 'N', 'K', '1'};
  private static final int CHUNK = 1 << 16;

  private ArrayFile() {}

  /** Stands for an array in the JSON. */
  private record Reference(int array) {}

  /** Writes or replaces {@code file}. */
  public static void write(Path file, Object... values) throws IOException {
    List<Object> arrays = new ArrayList<>();
    SimpleModule module = new SimpleModule();
    module.addSerializer(float[].class, new Collecting<>(arrays));
    module.addSerializer(byte[].class, new Collecting<>(arrays));
    byte[] json = json(Json.with(module), values);
    AtomicFiles.file(
        file,
        part -> {
          MessageDigest digest = AtomicFiles.sha256();
          try (DataOutputStream out =
              new DataOutputStream(
                  new DigestOutputStream(
                      new BufferedOutputStream(Files.newOutputStream(part), CHUNK), digest))) {
            out.write(MAGIC);
            out.writeInt(json.length);
            out.write(json);
            for (Object array : arrays) {
              write(out, array);
            }
            out.flush();
            out.write(digest.digest());
          }
        });
  }

  /** Each value by its own class: of an array of objects Jackson would leave out the kinds. */
  private static byte[] json(JsonMapper mapper, Object... values) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = mapper.createGenerator(bytes)) {
      json.writeStartArray();
      for (Object value : values) {
        mapper.writeValue(json, value);
      }
      json.writeEndArray();
    }
    return bytes.toByteArray();
  }

  private static void write(DataOutputStream out, Object array) throws IOException {
    if (array instanceof byte[] bytes) {
      out.writeByte(1);
      out.writeInt(bytes.length);
      out.write(bytes);
      return;
    }
    float[] floats = (float[]) array;
    out.writeByte(Float.BYTES);
    out.writeInt(floats.length);
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < floats.length; i += CHUNK / Float.BYTES) {
      int count = Math.min(CHUNK / Float.BYTES, floats.length - i);
      chunk.asFloatBuffer().put(floats, i, count);
      out.write(chunk.array(), 0, count * Float.BYTES);
    }
  }

  /**
   * Reads a file that {@link #write} wrote.
   *
   * @throws DamagedException if the file is truncated or its checksum is wrong
   */
  public static Contents read(Path file) throws IOException {
    MessageDigest digest = AtomicFiles.sha256();
    byte[] json;
    List<Object> arrays = new ArrayList<>();
    long size = Files.size(file);
    try (DataInputStream in =
        new DataInputStream(
            new DigestInputStream(
                new BufferedInputStream(Files.newInputStream(file), CHUNK), digest))) {
      long left = size - digest.getDigestLength() - MAGIC.length - Integer.BYTES;
      if (left < 0 || !Arrays.equals(in.readNBytes(MAGIC.length), MAGIC)) {
        throw new DamagedException(file, "not a file of arrays");
      }
      int length = in.readInt();
      if (length < 0 || length > left) {
        throw new DamagedException(file, "truncated");
      }
      json = in.readNBytes(length);
      left -= length;
      while (left > 0) {
        int bytes = in.readByte();
        int count = in.readInt();
        left -= 1 + Integer.BYTES + (long) bytes * count;
        if (left < 0 || count < 0) {
          throw new DamagedException(file, "truncated");
        } else if (bytes != 1 && bytes != Float.BYTES) { // else any count would be believed
          throw new DamagedException(
              file, "changed: its arrays have elements of %d bytes".formatted(bytes));
        }
        arrays.add(bytes == 1 ? in.readNBytes(count) : floats(in, count));
      }
      byte[] found = digest.digest();
      if (!Arrays.equals(found, in.readNBytes(found.length))) {
        throw new DamagedException(file, "modified: its checksum is wrong");
      }
    } catch (java.io.EOFException e) {
      throw new DamagedException(file, "truncated");
    }
    SimpleModule module = new SimpleModule();
    module.addDeserializer(float[].class, new Resolving<>(arrays, float[].class));
    module.addDeserializer(byte[].class, new Resolving<>(arrays, byte[].class));
    JsonMapper mapper = Json.with(module);
    try {
      return new Contents(file, mapper, mapper.readTree(json));
    } catch (JsonProcessingException e) {
      throw new IOException(Json.explain(file, e), e);
    } catch (CharConversionException e) {
      throw new DamagedException(file, "changed: its records are not in UTF-8");
    }
  }

  /** The records of a file. */
  public static final class Contents {
    private final Path file;
    private final JsonMapper mapper;
    private final JsonNode values;

    private Contents(Path file, JsonMapper mapper, JsonNode values) {
      this.file = file;
      this.mapper = mapper;
      this.values = values;
    }

    /** The record at index {@code i}. */
    public <T> T get(int i, Class<T> type) throws IOException {
      if (!values.has(i)) {
        throw new IOException(
            "%s: expected record %d, found %d records".formatted(file, i, values.size()));
      }
      try {
        return mapper.treeToValue(values.get(i), type);
      } catch (JsonProcessingException e) {
        throw new IOException(Json.explain(file, e), e);
      } catch (IllegalArgumentException e) { // what Jackson makes of other exceptions
        throw new IOException(file + ": " + e.getMessage(), e);
      }
    }
  }

  private static float[] floats(DataInputStream in, int count) throws IOException {
    float[] floats = new float[count];
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i += CHUNK / Float.BYTES) {
      int some = Math.min(CHUNK / Float.BYTES, count - i);
      in.readFully(chunk.array(), 0, some * Float.BYTES);
      chunk.asFloatBuffer().get(floats, i, some);
    }
    return floats;
  }

  /** A file that differs from what was written. */
  public static final class DamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedException(Path file, String how) {
      super(file + " is damaged: expected a whole file, found one that is " + how);
    }
  }

  private static final class Collecting<T> extends JsonSerializer<T> {
    private final List<Object> arrays;

    private Collecting(List<Object> arrays) {
      this.arrays = arrays;
    }

    @Override
    public void serialize(T array, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      json.writePOJO(new Reference(arrays.size()));
      arrays.add(array);
    }
  }

  private static final class Resolving<T> extends JsonDeserializer<T> {
    private final List<Object> arrays;
    private final Class<T> type;

    private Resolving(List<Object> arrays, Class<T> type) {
      this.arrays = arrays;
      this.type = type;
    }

    @Override
    public T deserialize(JsonParser json, DeserializationContext context) throws IOException {
      int array = context.readTree(json).path("array").asInt(-1);
      if (array < 0 || array >= arrays.size() || !type.isInstance(arrays.get(array))) {
        throw JsonMappingException.from(
            json, "expected one of %d arrays, found %d".formatted(arrays.size(), array));
      }
      return type.cast(arrays.get(array));
    }
  }
}
