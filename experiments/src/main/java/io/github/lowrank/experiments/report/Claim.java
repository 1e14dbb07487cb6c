package io.github.lowrank.experiments.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A claim and what the rows say of it.
 *
 * @param id {@code "1"} to {@code "6"}
 * @param sentence the claim in one sentence
 * @param kind of its test
 * @param margin of non-inferiority, a fraction; 0 for superiority
 * @param unit {@link #POINTS} or {@link #SHARE}; effects are fractions in both
 * @param cells data set by data set; empty if nothing was run
 * @param overall over data sets
 */
public record Claim(
    String id,
    String sentence,
    Kind kind,
    double margin,
    String unit,
    List<Cell> cells,
    Overall overall) {
  /** Name of the file in the folder of all runs. */
  public static final String FILE = "claims.json";

  /** Accuracy. */
  public static final String POINTS = "points";

  /** Share of the rival's latency that is saved. */
  public static final String SHARE = "share";

  private static final JsonMapper MAPPER =
      Json.mapper()
          .rebuild()
          .addModule(
              new SimpleModule()
                  .addSerializer(double.class, new NullForNaN(double.class))
                  .addDeserializer(double.class, new NaNForNull()))
          .build();

  /** What a claim says of an effect. */
  public enum Kind {
    /** That it is above minus the margin. */
    NON_INFERIORITY,
    /** That it is above zero. */
    SUPERIORITY
  }

  public Claim {
    cells = List.copyOf(cells);
  }

  private record File(List<Claim> claims) {}

  /** Writes {@code claims.json}, in which NaN is null. */
  public static void write(Path directory, List<Claim> claims) throws IOException {
    AtomicFiles.write(
        directory.resolve(FILE),
        MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(new File(claims)) + "\n");
  }

  /** Reads what {@link #write} wrote. */
  public static List<Claim> read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    try {
      return MAPPER.treeToValue(Json.read(file, JsonNode.class), File.class).claims();
    } catch (JsonProcessingException e) {
      throw new IOException(file + ": " + e.getOriginalMessage(), e);
    }
  }

  private static final class NullForNaN extends StdSerializer<Double> {
    private static final long serialVersionUID = 1L;

    NullForNaN(Class<Double> type) {
      super(type);
    }

    @Override
    public void serialize(Double value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (Double.isNaN(value)) {
        json.writeNull();
      } else {
        json.writeNumber(value);
      }
    }
  }

  private static final class NaNForNull extends StdDeserializer<Double> {
    private static final long serialVersionUID = 1L;

    NaNForNull() {
      super(double.class);
    }

    @Override
    public Double deserialize(JsonParser json, DeserializationContext context) throws IOException {
      return json.getDoubleValue();
    }

    @Override
    public Double getNullValue(DeserializationContext context) {
      return Double.NaN;
    }
  }
}
