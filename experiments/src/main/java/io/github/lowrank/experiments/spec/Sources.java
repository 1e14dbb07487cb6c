package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataFile;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.Folds;
import io.github.lowrank.datasets.HoldOut;
import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.OwnFiles;
import io.github.lowrank.datasets.VectorSource;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Data sets and vectors as JSON: those in the catalogue are names, a user's own files are objects
 * with paths and checksums.
 */
final class Sources {
  private Sources() {}

  private static <T> T named(List<T> all, java.util.function.Function<T, String> name, JsonNode n) {
    return all.stream()
        .filter(s -> name.apply(s).equals(n.asText()))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "expected one of %s, found '%s'"
                        .formatted(all.stream().map(name).toList(), n.asText())));
  }

  private static Optional<Path> path(JsonNode node) {
    return node.isTextual() ? Optional.of(Path.of(node.asText())) : Optional.empty();
  }

  /** Rejects files that have changed. */
  private static void check(JsonNode node, List<DataFile> files) {
    for (DataFile file : files) {
      String then = node.path("sha256").path(file.path()).asText(file.sha256());
      if (!then.equals(file.sha256())) {
        throw new IllegalArgumentException(
            "%s has changed: expected SHA-256 %s, found %s"
                .formatted(file.path(), then, file.sha256()));
      }
    }
  }

  private static void checksums(JsonGenerator json, List<DataFile> files) throws IOException {
    json.writeObjectFieldStart("sha256");
    for (DataFile file : files) {
      json.writeStringField(file.path(), file.sha256());
    }
    json.writeEndObject();
    json.writeEndObject();
  }

  static final class DatasetWriter extends JsonSerializer<DatasetSource> {
    @Override
    public void serialize(DatasetSource dataset, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (dataset instanceof Folds folds) {
        json.writeStartObject();
        json.writeFieldName("of");
        serialize(folds.source(), json, provider);
        json.writeNumberField("folds", folds.count());
        json.writeNumberField("fold", folds.number());
        json.writeEndObject();
        return;
      }
      if (!(dataset instanceof OwnFiles own)) {
        json.writeString(dataset.name());
        return;
      }
      json.writeStartObject();
      json.writeStringField("train", own.train().toString());
      json.writeStringField("dev", own.dev().map(Path::toString).orElse(null));
      json.writeNumberField("devShare", own.holdOut().share());
      if (own.holdOut().limit() < Integer.MAX_VALUE) {
        json.writeNumberField("devLimit", own.holdOut().limit());
      }
      json.writeStringField("test", own.test().map(Path::toString).orElse(null));
      if (own.unlabelled().isPresent()) {
        json.writeStringField("unlabelled", own.unlabelled().get().toString());
      }
      json.writeStringField("text", own.columns().text());
      json.writeStringField("label", own.columns().label());
      if (!own.columns().separator().isEmpty()) {
        json.writeStringField("separator", own.columns().separator());
      }
      if (!own.columns().confidence().isEmpty()) {
        json.writeStringField("confidence", own.columns().confidence());
      }
      json.writeStringField("charset", own.columns().charset().name());
      if (own.maxWords() < Integer.MAX_VALUE) {
        json.writeNumberField("maxWords", own.maxWords());
      }
      checksums(json, own.files());
    }
  }

  static final class DatasetReader extends JsonDeserializer<DatasetSource> {
    @Override
    public DatasetSource deserialize(JsonParser json, DeserializationContext context)
        throws IOException {
      return read(context.readTree(json));
    }

    private static DatasetSource read(JsonNode node) throws IOException {
      if (node.isTextual()) {
        return named(Catalogue.datasets(), DatasetSource::name, node);
      }
      if (node.has("folds")) {
        return new Folds(
            read(node.path("of")), node.path("folds").asInt(), node.path("fold").asInt());
      }
      for (String field : List.of("train", "text", "label")) {
        if (!node.path(field).isTextual()) {
          throw new IllegalArgumentException(
              "expected the name of a data set, or an object with train, text and label; found "
                  + node);
        }
      }
      OwnFiles own =
          new OwnFiles(
              Path.of(node.path("train").asText()),
              path(node.path("dev")),
              new HoldOut(
                  node.path("devShare").asDouble(0.1),
                  node.path("devLimit").asInt(Integer.MAX_VALUE)),
              path(node.path("test")),
              path(node.path("unlabelled")),
              new LabelledFile.Columns(
                  node.path("text").asText(),
                  node.path("label").asText(),
                  node.path("separator").asText(""),
                  node.path("confidence").asText(""),
                  Charset.forName(node.path("charset").asText("UTF-8"))),
              node.path("maxWords").asInt(Integer.MAX_VALUE));
      check(node, own.files());
      return own;
    }
  }

  static final class VectorsWriter extends JsonSerializer<VectorSource> {
    @Override
    public void serialize(VectorSource vectors, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (all().contains(vectors)) {
        json.writeString(vectors.name());
        return;
      }
      if (!vectors.parts().isEmpty()) {
        json.writeStartArray();
        for (VectorSource part : vectors.parts()) {
          serialize(part, json, provider);
        }
        json.writeEndArray();
        return;
      }
      DataFile file = vectors.files().get(0);
      json.writeStartObject();
      json.writeStringField("file", file.path() + file.entry().map(e -> "#" + e).orElse(""));
      checksums(json, vectors.files());
    }
  }

  static final class VectorsReader extends JsonDeserializer<VectorSource> {
    @Override
    public VectorSource deserialize(JsonParser json, DeserializationContext context)
        throws IOException {
      return read(context.readTree(json));
    }

    private static VectorSource read(JsonNode node) throws IOException {
      if (node.isTextual()) {
        return named(all(), VectorSource::name, node);
      }
      if (node.isArray() && node.size() > 1) {
        List<VectorSource> parts = new ArrayList<>();
        for (JsonNode part : node) {
          parts.add(read(part));
        }
        return VectorSource.joined(parts);
      }
      if (!node.path("file").isTextual()) {
        throw new IllegalArgumentException(
            "expected the name of word vectors, or an object with file; found " + node);
      }
      VectorSource own = VectorSource.own(node.path("file").asText());
      check(node, own.files());
      return own;
    }
  }

  private static List<VectorSource> all() {
    return Stream.concat(Catalogue.vectors().stream(), Stream.of(VectorSource.none())).toList();
  }
}
