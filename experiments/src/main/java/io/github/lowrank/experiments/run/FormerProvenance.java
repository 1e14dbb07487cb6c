package io.github.lowrank.experiments.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.Json;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Runs of version 0.1, whose provenance described an experiment by the {@code toString} of its
 * records: {@code Method[name=online, stages=[Train[share=0.5], ...]]}. That text is parsed into an
 * experiment, so no other code needs to know it.
 */
public final class FormerProvenance {
  private static final Map<String, String> TYPES =
      Map.of(
          "Train", "train",
          "TrainWith", "train-with",
          "Factorize", "factorize",
          "Project", "project",
          "Quantize", "quantize",
          "AdaGrad", "adagrad",
          "RmsProp", "rmsprop");

  private static final int DEEPEST = 50;

  private final String text;
  private int at;
  private int depth;

  private FormerProvenance(String text) {
    this.text = text;
  }

  /**
   * Converts the provenance and the rows of a run to the current layout; figures do not change.
   *
   * @return whether a conversion was necessary
   * @throws IOException if a row has no trial in the experiment that the provenance describes
   */
  public static boolean convert(Path directory) throws IOException {
    Path file = directory.resolve(Provenance.FILE);
    JsonNode former = Json.read(file, JsonNode.class);
    if (former.has("version")) {
      return false;
    }
    Experiment experiment;
    try {
      experiment = experiment(file, former);
    } catch (IndexOutOfBoundsException | IllegalArgumentException | ClassCastException e) {
      throw new IOException(
          file + ": expected an experiment as version 0.1 described it, found a damaged one", e);
    }
    Map<String, Provenance.Trial> trials = new LinkedHashMap<>();
    List<Row> rows = new ArrayList<>();
    for (Row row : Row.read(directory.resolve(Row.FILE))) {
      Method method =
          experiment.methods().stream()
              .filter(m -> row.trial().equals(m.id() + "-seed" + row.seed()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IOException(
                          "%s describes no method of the trial %s".formatted(file, row.trial())));
      double rate = row.training().learningRate();
      TrialSpec trial = experiment.trial(method, row.seed(), rate);
      trials.put(row.trial(), new Provenance.Trial(trial.id(), rate, row.seed(), ""));
      Map<String, Object> parameters = new LinkedHashMap<>(method.parameters());
      parameters.putAll(row.parameters());
      rows.add(
          new Row(
              row.id(),
              row.method(),
              method.label(),
              parameters,
              row.training(),
              row.scores(),
              row.size(),
              row.latency()));
    }
    Row.write(directory.resolve(Row.FILE), rows);
    ObjectNode now = ((ObjectNode) former).deepCopy();
    now.remove(List.of("configuration", "learning_rate"));
    now.put("version", Provenance.VERSION).put("lowrank", "0.1.0-SNAPSHOT");
    now.set("experiment", Json.mapper().valueToTree(experiment));
    now.set("search", Json.mapper().createObjectNode());
    now.set("trials", Json.mapper().valueToTree(trials));
    Provenance converted = Json.parse(now.toString(), file, Provenance.class);
    AtomicFiles.write(file, Json.pretty(converted));
    return true;
  }

  private static Experiment experiment(Path file, JsonNode former) throws IOException {
    JsonNode configuration = former.path("configuration");
    ObjectNode e = Json.mapper().createObjectNode();
    e.put("version", 1);
    e.put("name", configuration.path("experiment").asText());
    e.put("description", "converted from version 0.1");
    e.put("dataset", configuration.path("dataset").asText());
    e.put("vectors", configuration.path("vectors").asText());
    ObjectNode encoder = (ObjectNode) parse(configuration, "model");
    if (encoder.path("type").asText().equals("lstm") && !encoder.has("backward")) {
      encoder.put("backward", "HOISTED");
    }
    e.set("encoder", encoder);
    e.putObject("head").put("type", "softmax");
    ArrayNode methods = e.putArray("methods");
    for (JsonNode m : parse(configuration, "methods")) {
      ObjectNode method = methods.addObject();
      method.set("name", m.get("name"));
      method.set("steps", m.get("stages"));
      method.set("rates", m.has("rates") ? m.get("rates") : Json.mapper().createArrayNode());
    }
    ObjectNode plan = (ObjectNode) parse(configuration, "plan");
    plan.remove("type");
    e.set("plan", plan);
    e.put("seeds", configuration.path("seeds").asInt());
    return Json.parse(e.toString(), file, Experiment.class);
  }

  private static JsonNode parse(JsonNode configuration, String field) {
    return new FormerProvenance(configuration.path(field).asText()).value();
  }

  /** A list, a record, or a word up to the next delimiter. */
  private JsonNode value() {
    if (depth++ > DEEPEST) {
      throw new IllegalArgumentException("more than " + DEEPEST + " values in each other");
    }
    JsonNode value = some();
    depth--;
    return value;
  }

  private JsonNode some() {
    if (text.charAt(at) == '[') {
      ArrayNode list = Json.mapper().createArrayNode();
      for (at++; text.charAt(at) != ']'; skip()) {
        list.add(value());
      }
      at++;
      return list;
    }
    int start = at;
    while (at < text.length() && "[],=".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(start, at);
    if (at == text.length() || text.charAt(at) != '[') {
      return word(word);
    }
    ObjectNode record = Json.mapper().createObjectNode();
    record.put("type", TYPES.getOrDefault(word, word.toLowerCase(Locale.ROOT)));
    for (at++; text.charAt(at) != ']'; skip()) {
      int equals = text.indexOf('=', at);
      String name = text.substring(at, equals);
      at = equals + 1;
      record.set(name, value());
    }
    at++;
    return record;
  }

  private void skip() {
    if (text.charAt(at) == ',') {
      at += 2;
    } else if (text.charAt(at) != ']') {
      throw new IllegalArgumentException("a list or record that does not end");
    }
  }

  private static JsonNode word(String word) {
    Optional<Shape> shape =
        Shape.NAMED.stream()
            .filter(s -> s.name().equals(word.toLowerCase(Locale.ROOT).replace('_', '-')))
            .findFirst();
    if (shape.isPresent()) {
      return Json.mapper().valueToTree(shape.get());
    } else if (word.matches("-?\\d+")) {
      return Json.mapper().getNodeFactory().numberNode(Long.parseLong(word));
    } else if (word.matches("-?\\d+\\.\\d+(E-?\\d+)?")) {
      return Json.mapper().getNodeFactory().numberNode(Double.parseDouble(word));
    }
    return Json.mapper().getNodeFactory().textNode(word);
  }
}
