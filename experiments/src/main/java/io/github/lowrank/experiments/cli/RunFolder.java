package io.github.lowrank.experiments.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.Provenance;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.Comparisons;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The run of an experiment in a folder of runs.
 *
 * @param experiment what was to be run
 * @param path where it stands, or will
 * @param state how far it is
 * @param detail of the state; empty if there is nothing more to say
 */
record RunFolder(Experiment experiment, Path path, State state, String detail) {
  enum State {
    NEW("to run"),
    BEGUN("begun"),
    DONE("done"),
    /** Complete, and another experiment by the same name. */
    OTHER("of another version"),
    /** Without all of its results, and without the state that makes them again. */
    INCOMPLETE("incomplete"),
    TWICE("there more than once");

    private final String words;

    State(String words) {
      this.words = words;
    }

    /** Whether the run can neither be used nor resumed. */
    boolean blocks() {
      return compareTo(DONE) > 0;
    }
  }

  private static final List<String> RESULTS =
      List.of(Row.FILE, Bits.FILE, Provenance.FILE, "report.md");

  /** The run of {@code experiment} in the folder {@code runs}, which need not exist. */
  static RunFolder of(Experiment experiment, Path runs) throws IOException {
    List<Path> found = List.of();
    if (Files.exists(runs)) {
      try (Stream<Path> folders = Files.walk(runs, Comparisons.DEPTH - 1)) {
        found =
            folders
                .filter(f -> !f.equals(runs) && f.endsWith(experiment.name()))
                .filter(Files::isDirectory)
                .sorted()
                .toList();
      }
    }
    if (found.size() > 1) {
      String paths = found.stream().map(Path::toString).collect(Collectors.joining(", "));
      return new RunFolder(experiment, found.get(0), State.TWICE, paths);
    }
    return found.isEmpty()
        ? new RunFolder(experiment, runs.resolve(experiment.name()), State.NEW, "")
        : in(found.get(0), experiment);
  }

  private static RunFolder in(Path path, Experiment experiment) throws IOException {
    boolean resumable = Files.exists(path.resolve("state/experiment"));
    List<String> missing = RESULTS.stream().filter(f -> !Files.exists(path.resolve(f))).toList();
    if (missing.size() == RESULTS.size()) {
      return new RunFolder(experiment, path, resumable ? State.BEGUN : State.NEW, "");
    }
    State unfinished = resumable ? State.BEGUN : State.INCOMPLETE;
    if (!missing.isEmpty()) {
      return new RunFolder(experiment, path, unfinished, "no " + String.join(", ", missing));
    }
    JsonNode then = Provenance.tree(path).path("experiment");
    if (!then.isObject()) {
      return new RunFolder(experiment, path, unfinished, "no experiment in " + Provenance.FILE);
    }
    List<String> differences = differences(then, experiment);
    if (!differences.isEmpty()) {
      // A run may gain and lose methods.
      boolean more = resumable && differences.equals(List.of("methods"));
      return new RunFolder(
          experiment,
          path,
          more ? State.BEGUN : State.OTHER,
          "other " + String.join(", ", differences));
    }
    int expected = experiment.methods().size() * experiment.seeds();
    int rows = Row.read(path.resolve(Row.FILE)).size();
    return rows == expected
        ? new RunFolder(experiment, path, State.DONE, "")
        : new RunFolder(experiment, path, unfinished, "%d of %d rows".formatted(rows, expected));
  }

  private static List<String> differences(JsonNode then, Experiment now) throws IOException {
    JsonNode tree = Json.parse(Json.canonical(now), now.name(), JsonNode.class);
    return tree.properties().stream()
        .filter(field -> !field.getValue().equals(then.path(field.getKey())))
        .map(Map.Entry::getKey)
        .toList();
  }

  boolean done() {
    return state == State.DONE;
  }

  @Override
  public String toString() {
    String where = state == State.NEW || state == State.TWICE ? "" : ": " + path;
    return "%-32s %s%s%s"
        .formatted(
            experiment.name(), state.words, where, detail.isEmpty() ? "" : " (" + detail + ")");
  }
}
