package io.github.lowrank.fuzz;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Damages bytes and protocol buffers; the same seed does the same damage. */
final class Mutations {
  /** What formats here give a meaning to, and what tends to be forgotten. */
  private static final List<String> TOKENS =
      List.of(
          "0",
          "-1",
          "2147483647",
          "2147483648",
          "9223372036854775808",
          "1e999",
          "NaN",
          "Infinity",
          "500 2147483647\n",
          "null",
          "{}",
          "[]",
          "[[[[",
          "{\"a\":",
          "\"",
          "\"\\ud800\"",
          "\\ud800",
          "\\",
          ",",
          "\t",
          "\n",
          "\r",
          "\r\n",
          " ",
          "\0",
          "\u00ff",
          "\ufeff",
          "\u2028",
          "__label__",
          "^",
          ":0",
          ":1",
          "\"array\":99",
          "\"array\":-1",
          "true");

  private static final int[] INTERESTING = {
    0,
    1,
    -1,
    2,
    7,
    16,
    127,
    128,
    255,
    256,
    32767,
    65535,
    1 << 20,
    1 << 30,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE
  };

  private final SplittableRandom random;

  Mutations(long seed) {
    this.random = new SplittableRandom(seed);
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  <T> T one(List<T> list) {
    return list.get(below(list.size()));
  }

  /** One to four changes. */
  byte[] bytes(List<byte[]> seeds) {
    byte[] bytes = one(seeds);
    for (int i = below(4); i >= 0; i--) {
      bytes = change(bytes, seeds);
    }
    return bytes;
  }

  private byte[] change(byte[] bytes, List<byte[]> seeds) {
    int at = below(bytes.length + 1);
    int end = Math.min(bytes.length, at + (below(4) == 0 ? below(bytes.length + 1) : below(9)));
    return switch (below(9)) {
      case 0, 1 -> flipped(bytes, at);
      case 2 -> Arrays.copyOf(bytes, at);
      case 3 -> joined(bytes, at, new byte[0], end);
      case 4 -> joined(bytes, at, Arrays.copyOfRange(bytes, at, end), at); // twice
      case 5 -> joined(bytes, at, part(one(seeds)), end);
      case 6 -> joined(bytes, at, one(TOKENS).getBytes(StandardCharsets.UTF_8), end);
      case 7 -> joined(bytes, at, one(TOKENS).getBytes(StandardCharsets.UTF_8), at);
      default -> number(bytes, at);
    };
  }

  private byte[] flipped(byte[] bytes, int at) {
    byte[] copy = bytes.clone();
    if (at < copy.length) {
      copy[at] = below(2) == 0 ? (byte) below(256) : (byte) (copy[at] ^ 1 << below(8));
    }
    return copy;
  }

  /** Four bytes that are an interesting number, in either order. */
  private byte[] number(byte[] bytes, int at) {
    int value = INTERESTING[below(INTERESTING.length)];
    int ordered = below(2) == 0 ? value : Integer.reverseBytes(value);
    byte[] copy = bytes.clone();
    for (int i = 0; i < 4 && at + i < copy.length; i++) {
      copy[at + i] = (byte) (ordered >>> 8 * i);
    }
    return copy;
  }

  private byte[] part(byte[] bytes) {
    int start = below(bytes.length + 1);
    return Arrays.copyOfRange(bytes, start, Math.min(bytes.length, start + below(64)));
  }

  private static byte[] joined(byte[] bytes, int keep, byte[] middle, int from) {
    byte[] joined = Arrays.copyOf(bytes, keep + middle.length + bytes.length - from);
    System.arraycopy(middle, 0, joined, keep, middle.length);
    System.arraycopy(bytes, from, joined, keep + middle.length, bytes.length - from);
    return joined;
  }

  /** All values that a message and those inside it have, by the full name of their field. */
  static Map<String, List<Object>> values(Message message) {
    Map<String, List<Object>> values = new HashMap<>();
    collect(message, values);
    return values;
  }

  private static void collect(Message message, Map<String, List<Object>> values) {
    message
        .getAllFields()
        .forEach(
            (field, value) -> {
              for (Object one : field.isRepeated() ? (List<?>) value : List.of(value)) {
                values.computeIfAbsent(field.getFullName(), f -> new ArrayList<>()).add(one);
                if (one instanceof Message inner) {
                  collect(inner, values);
                }
              }
            });
  }

  /**
   * One to three changes somewhere in {@code message}.
   *
   * @param values to take others from, see {@link #values}
   */
  Message message(Message message, Map<String, List<Object>> values) {
    Message changed = message;
    for (int i = below(5) / 2; i >= 0; i--) {
      changed = somewhere(changed, values, 0);
    }
    return changed;
  }

  /** Goes down to a message inside, a larger one more likely, and changes a field there. */
  private Message somewhere(Message message, Map<String, List<Object>> values, int depth) {
    Message.Builder builder = message.toBuilder();
    record Place(FieldDescriptor field, int index, Message inner) {}
    List<Place> places = new ArrayList<>();
    long size = 0;
    for (Map.Entry<FieldDescriptor, Object> e : message.getAllFields().entrySet()) {
      if (e.getKey().getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        List<?> all = e.getKey().isRepeated() ? (List<?>) e.getValue() : List.of(e.getValue());
        for (int i = 0; i < all.size(); i++) {
          places.add(new Place(e.getKey(), i, (Message) all.get(i)));
          size += weight(all.get(i));
        }
      }
    }
    if (builder.getDescriptorForType().getFields().isEmpty()) {
      return message;
    }
    if (places.isEmpty() || depth > 2 && below(4) == 0) {
      return change(builder, values);
    }
    long at = random.nextLong(size);
    for (Place place : places) {
      at -= weight(place.inner());
      if (at < 0) {
        Message changed = somewhere(place.inner(), values, depth + 1);
        if (place.field().isRepeated()) {
          // not set in place: a map drops what has the same key twice
          List<Object> all = new ArrayList<>((List<?>) message.getField(place.field()));
          all.set(place.index(), changed);
          builder.clearField(place.field());
          all.forEach(one -> builder.addRepeatedField(place.field(), one));
        } else {
          builder.setField(place.field(), changed);
        }
        break;
      }
    }
    return builder.build();
  }

  private static long weight(Object message) {
    return 8 + Math.min(((Message) message).getSerializedSize(), 1 << 16);
  }

  private Message change(Message.Builder builder, Map<String, List<Object>> values) {
    List<FieldDescriptor> set = List.copyOf(builder.getAllFields().keySet());
    FieldDescriptor field =
        set.isEmpty() || below(8) == 0 ? one(builder.getDescriptorForType().getFields()) : one(set);
    if (!field.isRepeated()) {
      if (below(4) == 0) {
        builder.clearField(field);
      } else {
        builder.setField(field, value(builder, field, values));
      }
      return builder.build();
    }
    List<Object> all = new ArrayList<>((List<?>) builder.getField(field));
    int at = below(all.size() + 1);
    switch (below(5)) {
      case 0 -> all.add(at, value(builder, field, values));
      case 1 -> all.clear();
      default -> {
        if (all.isEmpty()) {
          break;
        }
        at %= all.size();
        if (below(6) == 0) {
          java.util.Collections.swap(all, at, below(all.size()));
        } else if (below(2) == 0) {
          all.remove(at);
        } else {
          all.set(at, value(builder, field, values));
        }
      }
    }
    builder.clearField(field);
    all.forEach(one -> builder.addRepeatedField(field, one));
    return builder.build();
  }

  /** Another value of the field: mostly one that stands elsewhere. */
  private Object value(
      Message.Builder builder, FieldDescriptor field, Map<String, List<Object>> values) {
    List<Object> others = values.getOrDefault(field.getFullName(), List.of());
    if (!others.isEmpty() && below(3) > 0) {
      return one(others);
    }
    return switch (field.getJavaType()) {
      case INT -> INTERESTING[below(INTERESTING.length)];
      case LONG ->
          below(3) == 0 ? 1L << below(64) : (Object) (long) INTERESTING[below(INTERESTING.length)];
      case FLOAT -> below(2) == 0 ? Float.NaN : -Float.MAX_VALUE;
      case DOUBLE -> below(2) == 0 ? Double.NaN : -Double.MAX_VALUE;
      case BOOLEAN -> below(2) == 0;
      case STRING ->
          one(List.of("", "^", ":", "x:99", "^x", "a/b", "\0", "/", "../x", "\ud83d\ude00"));
      case BYTE_STRING -> ByteString.copyFrom(new byte[] {1, 2, 3});
      case ENUM ->
          below(4) == 0
              ? field.getEnumType().findValueByNumberCreatingIfUnknown(9999)
              : one(field.getEnumType().getValues());
      case MESSAGE -> builder.newBuilderForField(field).build();
    };
  }
}
