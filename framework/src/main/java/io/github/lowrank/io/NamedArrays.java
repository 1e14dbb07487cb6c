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
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;

/**
 * Records as JSON whose {@code float[]} and {@code byte[]} stand elsewhere, under names: {@code
 * {"array": "name"}}. A few numbers that have no name stand in the JSON.
 */
public final class NamedArrays {
  private static final int FEW = 16;

  private NamedArrays() {}

  /**
   * {@code value} as JSON.
   *
   * @param names the name of an array; empty if it has none
   * @return empty if a long array has no name, or if the value is no data
   */
  public static Optional<String> write(Object value, Function<Object, Optional<String>> names) {
    SimpleModule module = new SimpleModule();
    module.addSerializer(float[].class, new Naming<>(names));
    module.addSerializer(byte[].class, new Naming<>(names));
    try {
      return Optional.of(Json.with(module).writeValueAsString(value));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Finds arrays by their names. */
  public interface Source {
    /** The array of that name, empty if there is none. */
    Optional<Object> find(String name) throws IOException;
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @param where source of the text, for messages
   * @throws IOException whose message says what was expected and what was found
   */
  public static <T> T read(String json, Object where, Class<T> type, Source arrays)
      throws IOException {
    SimpleModule module = new SimpleModule();
    module.addDeserializer(float[].class, new Resolving<>(arrays, float[].class));
    module.addDeserializer(byte[].class, new Resolving<>(arrays, byte[].class));
    JsonMapper mapper = Json.with(module);
    try {
      T value = mapper.readValue(json, type);
      if (value == null) {
        throw new IOException(where + ": expected a record, found null");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new IOException(Json.explain(where, e), e);
    } catch (IllegalArgumentException e) { // what Jackson makes of other exceptions
      throw new IOException(where + ": " + e.getMessage(), e);
    }
  }

  private static final class Naming<T> extends JsonSerializer<T> {
    private final Function<Object, Optional<String>> names;

    private Naming(Function<Object, Optional<String>> names) {
      this.names = names;
    }

    @Override
    public void serialize(T array, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      Optional<String> name = names.apply(array);
      if (name.isEmpty() && array instanceof float[] few && few.length <= FEW) {
        json.writeStartArray();
        for (float number : few) {
          json.writeNumber(number);
        }
        json.writeEndArray();
        return;
      }
      if (name.isEmpty()) {
        throw JsonMappingException.from(json, "an array has no name");
      }
      json.writeStartObject();
      json.writeStringField("array", name.get());
      json.writeEndObject();
    }
  }

  private static final class Resolving<T> extends JsonDeserializer<T> {
    private final Source arrays;
    private final Class<T> type;

    private Resolving(Source arrays, Class<T> type) {
      this.arrays = arrays;
      this.type = type;
    }

    @Override
    public T deserialize(JsonParser json, DeserializationContext context) throws IOException {
      JsonNode node = context.readTree(json);
      if (node.isArray() && type == float[].class && node.size() <= FEW) {
        float[] few = new float[node.size()];
        for (int i = 0; i < few.length; i++) {
          few[i] = (float) node.get(i).asDouble();
        }
        return type.cast(few);
      }
      String name = node.path("array").asText();
      Optional<Object> found = arrays.find(name);
      if (found.isEmpty() || !type.isInstance(found.get())) {
        throw JsonMappingException.from(
            json,
            "expected the name of a %s, found '%s'"
                .formatted(type.getSimpleName(), name.replaceAll("\\p{Cntrl}", " ")));
      }
      return type.cast(found.get());
    }
  }
}
