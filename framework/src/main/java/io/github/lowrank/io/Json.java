package io.github.lowrank.io;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.InvalidTypeIdException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.ServiceLoader;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Records as JSON and back: strict, and with the {@link Kinds} on the class path. */
public final class Json {
  /**
   * For {@code @JacksonInject}, with {@code useInput}: a field that files of former versions do not
   * have is then 0. All other fields must be there.
   */
  public static final String ABSENT_IS_ZERO = "absent is 0";

  /** The same of a field that is then an empty list. */
  public static final String ABSENT_IS_EMPTY = "absent is empty";

  private static final JsonMapper MAPPER = with();
  private static final JsonMapper CANONICAL =
      MAPPER
          .rebuild()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  // Jackson has no other way to tell these.
  private static final Pattern FIELD =
      Pattern.compile("^(Missing|Missing required|Null value for) creator property '([^']*)'");
  private static final Pattern DOUBLED = Pattern.compile("^Duplicate field '([^']*)'");
  private static final Pattern UNRECOGNIZED = Pattern.compile("^Unrecognized token '([^']*)'");
  private static final Pattern BREAKS = Pattern.compile("[\\p{Cc}\\u2028\\u2029]+");
  private static final Pattern FOUND =
      Pattern.compile("(?:from|coerce) (\\w+) value( \\(\"[^\"]*\"\\))?");

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
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .addModules(modules)
            .injectableValues(
                new InjectableValues.Std()
                    .addValue(ABSENT_IS_ZERO, 0)
                    .addValue(ABSENT_IS_EMPTY, List.of()));
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
    try {
      return parse(Files.readString(file), file, type);
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": expected JSON in UTF-8, found other bytes", e);
    }
  }

  /**
   * Parses {@code text}.
   *
   * @param where source of the text, for messages
   */
  public static <T> T parse(String text, Object where, Class<T> type) throws IOException {
    try {
      T value = MAPPER.readValue(text, type);
      if (value == null) {
        throw new IOException(where + ", line 1: expected a value, found null");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new IOException(explain(where, text, e), e);
    }
  }

  /** One line that says where the problem is and what was found there. */
  static String explain(Object where, JsonProcessingException e) {
    return explain(where, "", e);
  }

  private static String explain(Object where, String text, JsonProcessingException e) {
    List<JsonMappingException.Reference> path =
        e instanceof JsonMappingException m ? m.getPath() : List.of();
    String fields =
        path.stream()
            .map(r -> r.getFieldName() != null ? r.getFieldName() : "[" + r.getIndex() + "]")
            .collect(Collectors.joining("."));
    JsonLocation at = e.getLocation();
    int line = line(text, path).orElse(at == null ? 0 : at.getLineNr());
    return where
        + (line < 1 ? "" : ", line " + line)
        + (fields.isEmpty() ? "" : ", " + fields)
        + ": "
        + BREAKS.matcher(problem(e)).replaceAll(" "); // a quoted name may have any character
  }

  private static String problem(JsonProcessingException e) {
    String message = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
    Matcher field = FIELD.matcher(message);
    Matcher doubled = DOUBLED.matcher(message);
    Matcher unrecognized = UNRECOGNIZED.matcher(message);
    if (e instanceof UnrecognizedPropertyException u) {
      return "expected one of the fields %s, found '%s'"
          .formatted(new TreeSet<>(u.getKnownPropertyIds()), u.getPropertyName());
    } else if (e instanceof InvalidTypeIdException i) {
      String base = i.getBaseType().getRawClass().getSimpleName();
      return i.getTypeId() == null
          ? "expected a %s, an object whose field %s says its kind, found none"
              .formatted(base, message.replaceFirst(".*type id property ('[^']*').*", "$1"))
          : "expected a kind of %s, found '%s'%s; kinds of your own are announced in META-INF/services/%s"
              .formatted(
                  base,
                  i.getTypeId(),
                  BREAKS
                      .matcher(e.getOriginalMessage())
                      .replaceAll(" ")
                      .replaceFirst(".*?(known type ids = \\[[^]]*]).*", " ($1)"),
                  Kinds.class.getName());
    } else if (field.find()) {
      return "expected the field '%s', found %s"
          .formatted(field.group(2), field.group(1).equals("Null value for") ? "null" : "none");
    } else if (doubled.find()) {
      return "expected each field once, found '%s' again".formatted(doubled.group(1));
    } else if (unrecognized.find()) {
      return "expected JSON, found '%s'".formatted(unrecognized.group(1));
    } else if (e instanceof JsonEOFException) {
      return "expected more, found the end";
    } else if (message.startsWith("Trailing token")) {
      return "expected the end, found more";
    } else if (e.getCause() instanceof IllegalArgumentException c) {
      return c.getMessage();
    } else if (e.getCause() instanceof NullPointerException) {
      return "expected no null, found one";
    } else if (e instanceof InvalidFormatException f) {
      return "expected %s, found '%s'".formatted(wanted(f.getTargetType()), f.getValue());
    } else if (e instanceof MismatchedInputException m && m.getTargetType() != null) {
      Matcher found = FOUND.matcher(message);
      return "expected %s, found %s"
          .formatted(
              wanted(m.getTargetType()),
              found.find()
                  ? found.group(1).toLowerCase(Locale.ROOT)
                      + (found.group(2) == null ? "" : found.group(2))
                  : message.contains("`null`") ? "null" : "nothing");
    }
    return message;
  }

  /**
   * Where a field stands in a text, if it is there; Jackson itself often tells the end of the
   * object around it.
   */
  private static OptionalInt line(String text, List<JsonMappingException.Reference> path) {
    if (path.isEmpty()) {
      return OptionalInt.empty();
    }
    try (JsonParser json = new JsonFactory().createParser(text)) {
      json.nextToken();
      for (JsonMappingException.Reference r : path) {
        if (!enter(json, r)) {
          return OptionalInt.empty();
        }
      }
      return OptionalInt.of(json.currentTokenLocation().getLineNr());
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }

  /** Goes on to a field or an element of the current value, if it is there. */
  private static boolean enter(JsonParser json, JsonMappingException.Reference r)
      throws IOException {
    if (r.getFieldName() == null) {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        return false;
      }
      json.nextToken();
      for (int i = 0; i < r.getIndex() && json.currentToken() != JsonToken.END_ARRAY; i++) {
        json.skipChildren();
        json.nextToken();
      }
      return json.currentToken() != JsonToken.END_ARRAY;
    }
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      boolean found = json.getText().equals(r.getFieldName());
      json.nextToken();
      if (found) {
        return true;
      }
      json.skipChildren();
    }
    return false;
  }

  private static String wanted(Class<?> type) {
    if (type.isEnum()) {
      return "one of " + Arrays.toString(type.getEnumConstants());
    } else if (type == int.class || type == long.class) {
      return "a whole number";
    } else if (type == double.class || type == float.class || Number.class.isAssignableFrom(type)) {
      return "a number";
    } else if (type == String.class) {
      return "a string";
    } else if (Collection.class.isAssignableFrom(type) || type.isArray()) {
      return "an array";
    }
    return type == boolean.class ? "true or false" : "an object";
  }
}
