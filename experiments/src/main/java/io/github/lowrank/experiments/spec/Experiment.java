package io.github.lowrank.experiments.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.lowrank.datasets.DatasetSource;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.io.Json;
import io.github.lowrank.model.Encoder;
import io.github.lowrank.model.Head;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A comparison as data. It states what is compared; a run executes it. Java and JSON have the same
 * fields.
 *
 * @param name name on the command line
 * @param description one-line description
 * @param dataset texts
 * @param vectors pretrained word vectors
 * @param encoder the classifier's encoder
 * @param head the classifier's head
 * @param methods the methods; the others are compared with the first
 * @param plan how to train
 * @param seeds number of repetitions, with seeds 1, 2, ...
 */
public record Experiment(
    String name,
    String description,
    @JsonSerialize(using = Sources.DatasetWriter.class) DatasetSource dataset,
    @JsonSerialize(using = Sources.VectorsWriter.class) VectorSource vectors,
    Encoder encoder,
    Head head,
    List<Method> methods,
    Plan plan,
    int seeds) {
  private static final int VERSION = 1;
  private static final String REMOVED = "removed";

  public Experiment {
    methods = List.copyOf(methods);
    if (!name.matches("[\\w.-]+")) {
      throw new IllegalArgumentException(
          "expected a name of letters, digits, '-', '_' and '.', found '%s'".formatted(name));
    }
    if (seeds < 1) {
      throw new IllegalArgumentException("seeds must be at least 1, but is " + seeds);
    }
    if (methods.isEmpty()) {
      throw new IllegalArgumentException("expected at least one method, found none");
    }
    TrialSpec.checkPairs(encoder, plan);
    Set<String> ids = new HashSet<>();
    for (Method method : methods) {
      if (!ids.add(method.id())) {
        throw new IllegalArgumentException(
            "two methods are called %s: give one of them another name".formatted(method.id()));
      }
    }
  }

  /** The version of the JSON layout. */
  @JsonProperty
  int version() {
    return VERSION;
  }

  @JsonCreator
  static Experiment read(
      @JsonProperty("version") int version,
      @JsonProperty("name") String name,
      @JsonProperty("description") String description,
      @JsonProperty("dataset") @JsonDeserialize(using = Sources.DatasetReader.class)
          DatasetSource dataset,
      @JsonProperty("vectors") @JsonDeserialize(using = Sources.VectorsReader.class)
          VectorSource vectors,
      @JsonProperty("encoder") Encoder encoder,
      @JsonProperty("head") Head head,
      @JsonProperty("methods") List<Method> methods,
      @JsonProperty("plan") Plan plan,
      @JsonProperty("seeds") int seeds) {
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "expected version %d of an experiment, found version %d".formatted(VERSION, version));
    }
    return new Experiment(name, description, dataset, vectors, encoder, head, methods, plan, seeds);
  }

  /** The trial of a method of this experiment. */
  public TrialSpec trial(Method method, int seed, double rate) {
    return trial(method, seed, rate, plan.later());
  }

  /** The same with a schedule of later trainings. */
  public TrialSpec trial(Method method, int seed, double rate, Shape later) {
    Method done = new Method(method.name(), method.steps(), List.of());
    return new TrialSpec(
        TrialSpec.VERSION,
        dataset.forSeed(seed),
        vectors,
        encoder,
        head,
        plan.at(rate, later),
        done,
        seed);
  }

  /** This experiment with another name. */
  public Experiment withName(String other) {
    return new Experiment(
        other, description, dataset, vectors, encoder, head, methods, plan, seeds);
  }

  /** This experiment with other methods. */
  public Experiment withMethods(List<Method> other) {
    return new Experiment(name, description, dataset, vectors, encoder, head, other, plan, seeds);
  }

  /** This experiment with another plan. */
  public Experiment withPlan(Plan other) {
    return new Experiment(
        name, description, dataset, vectors, encoder, head, methods, other, seeds);
  }

  /** This experiment with another number of seeds. */
  public Experiment withSeeds(int other) {
    return new Experiment(name, description, dataset, vectors, encoder, head, methods, plan, other);
  }

  /** The keys of {@link #set}: the fields of the plan, and the fraction that methods remove. */
  public List<String> settings() {
    List<String> keys = new ArrayList<>();
    fields().forEach(field -> keys.add(kebab(field)));
    keys.add(REMOVED);
    return keys;
  }

  private static List<String> fields() {
    return Arrays.stream(Plan.class.getRecordComponents()).map(RecordComponent::getName).toList();
  }

  private static ObjectNode tree(Object value) {
    return Json.mapper().valueToTree(value);
  }

  private static String kebab(String field) {
    return field.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /**
   * This experiment with one setting changed.
   *
   * @param assignment {@code key=value}; schedules and optimizers by name or as JSON
   * @throws IllegalArgumentException whose message names the keys, or the expected value
   */
  public Experiment set(String assignment) {
    int equals = assignment.indexOf('=');
    String key = equals < 0 ? assignment : assignment.substring(0, equals);
    if (equals < 1 || !settings().contains(key)) {
      throw new IllegalArgumentException(
          "--set %s: expected key=value with one of the keys %s".formatted(assignment, settings()));
    }
    String value = assignment.substring(equals + 1);
    try {
      if (key.equals(REMOVED)) {
        double removed = Double.parseDouble(value);
        return withMethods(methods.stream().map(m -> m.withRemoved(removed)).toList());
      }
      ObjectNode changed = tree(plan);
      for (String field : fields()) {
        if (kebab(field).equals(key)) {
          changed.set(field, parse(key, value, changed.path(field)));
          return withPlan(Json.parse(changed.toString(), "--set " + assignment, Plan.class));
        }
      }
      throw new AssertionError(key);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "--set %s: expected a number, found '%s'".formatted(key, value), e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--set " + assignment + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static JsonNode parse(String key, String value, JsonNode former) throws IOException {
    if (value.startsWith("{")) {
      return Json.parse(value, "--set " + key, JsonNode.class);
    } else if (former.isObject()) {
      return tree(key.equals("optimizer") ? Optimizer.named(value) : Shape.named(value));
    } else if (key.equals("laters")) {
      var shapes = Json.mapper().createArrayNode();
      for (String name : value.split(",")) {
        shapes.add(tree(Shape.named(name)));
      }
      return shapes;
    } else if (former.isArray()) {
      var numbers = Json.mapper().createArrayNode();
      for (String number : value.split(",")) {
        numbers.add(Double.parseDouble(number));
      }
      return numbers;
    }
    return key.equals("shrunk")
        ? Json.mapper().getNodeFactory().numberNode(Double.parseDouble(value))
        : Json.mapper().getNodeFactory().numberNode(Long.parseLong(value));
  }
}
