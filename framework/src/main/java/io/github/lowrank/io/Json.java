package io.github.lowrank.io;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** Records as JSON and back: strict, and with the {@link Kinds} on the class path. */
public final class Json {
  private static final JsonMapper MAPPER = with();
  private static final JsonMapper CANONICAL =
      MAPPER
          .rebuild()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private Json() {}

  /** The mapper; unknown, duplicate and missing fields are errors. It must not be modified. */
  public static JsonMapper mapper() {
    return MAPPER;
  }

  /** A new mapper that also knows {@code modules}. */
  static JsonMapper with(Module... modules) {
    JsonMapper.Builder builder =
        JsonMapper.builder()
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            .visibility(PropertyAccessor.GETTER, JsonAutoDetect.Visibility.NONE)
            .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .addModules(modules);
    for (Kinds some : ServiceLoader.load(Kinds.class)) {
      some.kinds().forEach(builder::registerSubtypes);
    }
    return builder.build();
  }

  /** {@code value} on several lines, for people to read. */
  public static String pretty(Object value) {
    return write(MAPPER.writerWithDefaultPrettyPrinter(), value) + "\n";
  }

  /**
   * {@code value} on one line; equal values give equal text, whatever the order of their fields.
   */
  public static String canonical(Object value) {
    return write(CANONICAL.writer(), value);
  }

  private static String write(com.fasterxml.jackson.databind.ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("cannot be written as JSON: " + e.getOriginalMessage(), e);
    }
  }

  /** The first 20 hexadecimal digits of the SHA-256 of {@link #canonical}. */
  public static String hash(Object value) {
    return AtomicFiles.checksum(canonical(value).getBytes(StandardCharsets.UTF_8)).substring(0, 20);
  }

  /**
   * Reads a file.
   *
   * @throws IOException whose message names file and line, what was expected and what was found
   */
  public static <T> T read(Path file, Class<T> type) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IOException(file + " does not exist: expected a JSON file");
    }
    return parse(Files.readString(file), file, type);
  }

  /**
   * Parses {@code text}.
   *
   * @param where source of the text, for messages
   */
  public static <T> T parse(String text, Object where, Class<T> type) throws IOException {
    try {
      return MAPPER.readValue(text, type);
    } catch (JsonProcessingException e) {
      throw new IOException(explain(where, e), e);
    }
  }

  /** One line that says where the problem is and what was found there. */
  static String explain(Object where, JsonProcessingException e) {
    String path =
        e instanceof JsonMappingException m
            ? m.getPath().stream()
                .map(r -> r.getFieldName() != null ? r.getFieldName() : "[" + r.getIndex() + "]")
                .collect(Collectors.joining("."))
            : "";
    JsonLocation at = e.getLocation();
    String problem;
    if (e instanceof UnrecognizedPropertyException u) {
      problem =
          "expected one of the fields %s, found '%s'"
              .formatted(u.getKnownPropertyIds(), u.getPropertyName());
    } else if (e instanceof InvalidTypeIdException i && i.getTypeId() != null) {
      problem =
          "expected a kind of %s, found '%s'%s"
              .formatted(
                  i.getBaseType().getRawClass().getSimpleName(),
                  i.getTypeId(),
                  e.getOriginalMessage()
                      .replaceFirst("(?s).*?(known type ids = \\[.*]).*", " ($1)"));
    } else if (e.getCause() instanceof IllegalArgumentException c) {
      problem = c.getMessage();
    } else {
      problem = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    }
    return where
        + (at == null || at.getLineNr() < 1 ? "" : ", line " + at.getLineNr())
        + (path.isEmpty() ? "" : ", " + path)
        + ": "
        + problem;
  }
}
