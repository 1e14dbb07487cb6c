package io.github.lowrank.experiments.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.TrialSpec;
import io.github.lowrank.io.ArrayFile;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.io.FolderLock;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The folder of a run. Rows, report, {@code models} and {@code events} are the results; {@code
 * state} is what is needed to resume, with a checksum in every file, named by the identity of its
 * contents. Damaged files are reported in one line, set aside, and computed again.
 *
 * @param path the folder
 */
public record Store(Path path) {
  /** Names of what a killed process left half written: see {@link AtomicFiles}. */
  private static final String PART = "\\..*\\.[0-9a-f]{8}\\.part";

  /** What a run leaves: names, or a folder and the names in it; {@code *} stands for any text. */
  private static final List<String> OURS =
      List.of(
          "trials.csv",
          "correct.csv",
          "history.csv",
          "provenance.json",
          "report.md",
          "report.html",
          "figures/*.svg",
          "models/*-seed*",
          "events/*-seed*",
          "state/states",
          "state/scores",
          "state/trials",
          "state/checkpoints",
          "state/damaged",
          "state/experiment");

  /** What to do if the folder already contains a run. */
  public enum Existing {
    /** Refuse. */
    REFUSE,
    /** Resume it if it is a run of the same experiment with the same settings. */
    RESUME,
    /** Delete it if it is a run of an experiment with the same name. */
    REPLACE
  }

  /** The folder contains something that the user did not ask to change. */
  public static final class InUseException extends IOException {
    private static final long serialVersionUID = 1L;

    InUseException(String message) {
      super(message);
    }
  }

  private Path state() {
    return path.resolve("state");
  }

  private Path experimentFile() {
    return state().resolve("experiment");
  }

  /**
   * Opens the folder for a run of {@code experiment} and locks it.
   *
   * @param listener receives a line for everything that is damaged
   * @return the lock, to be closed when the run has ended
   * @throws InUseException if the folder holds something that must not be touched
   * @throws FolderLock.HeldException if another process writes into it
   */
  public FolderLock open(Experiment experiment, Existing existing, RunListener listener)
      throws IOException {
    check(experiment);
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new InUseException(path + " is not a folder");
    }
    if (!empty() && !Files.exists(experimentFile())) { // in this order: a run may just begin
      throw new InUseException(
          path + " is not empty and holds no run: name another folder with --out");
    }
    FolderLock lock = FolderLock.take(state().resolve("lock"), path);
    try {
      if (Files.exists(experimentFile())) {
        enter(experiment, existing, listener);
      }
      ArrayFile.write(experimentFile(), experiment);
      return lock;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /** Refuses what rows could not hold, or workers and a resumption could not read again. */
  private static void check(Experiment experiment) throws IOException {
    experiment.methods().forEach(m -> m.parameters().keySet().forEach(Row::checkParameter));
    String json = Json.canonical(experiment);
    Experiment read = Json.parse(json, "experiment " + experiment.name(), Experiment.class);
    List<String> differences = differences(Json.mapper().valueToTree(experiment), read);
    if (!differences.isEmpty()) {
      throw new IOException(
          "experiment %s does not come back from its JSON: %s"
              .formatted(experiment.name(), String.join("; ", differences)));
    }
    List<Object> written = parts(experiment);
    List<Object> found = parts(read);
    for (int i = 0; i < written.size(); i++) {
      if (!written.get(i).equals(found.get(i))) {
        throw new IOException(
            "experiment %s does not come back from its JSON: expected %s of %s, found %s of %s"
                .formatted(
                    experiment.name(),
                    written.get(i),
                    written.get(i).getClass().getName(),
                    found.get(i),
                    found.get(i).getClass().getName()));
      }
    }
  }

  /** What others may have written the classes of. */
  private static List<Object> parts(Experiment e) {
    List<Object> parts =
        new ArrayList<>(List.of(e.dataset(), e.vectors(), e.encoder(), e.head(), e.plan()));
    e.methods().forEach(method -> parts.addAll(method.steps()));
    return parts;
  }

  /** Whether nothing is there but what a run that was killed at once may have left. */
  private boolean empty() throws IOException {
    if (!Files.exists(path)) {
      return true;
    }
    Path real = path.toRealPath(); // it may be a link
    Path state = real.resolve(path.relativize(state()));
    try (Stream<Path> files = Files.walk(real)) {
      return files.allMatch(
          f ->
              f.equals(real)
                  || f.equals(state)
                  || f.equals(state.resolve("lock"))
                  || f.getFileName().toString().matches(PART));
    }
  }

  private void enter(Experiment experiment, Existing existing, RunListener listener)
      throws IOException {
    if (existing == Existing.REFUSE) {
      throw new InUseException(
          path
              + " already holds a run: continue it with --resume, replace it with --replace, or name another folder with --out");
    }
    if (existing == Existing.REPLACE) {
      replace(experiment);
      return;
    }
    Optional<JsonNode> old = read(experimentFile(), JsonNode.class, listener);
    if (old.isPresent()) {
      // Trials are stored under their own specification, so a run may gain and lose methods.
      Experiment before = Json.parse(Json.canonical(old.get()), "", Experiment.class);
      List<String> differences = differences(old.get(), experiment.withMethods(before.methods()));
      if (!differences.isEmpty()) {
        throw new InUseException(
            "%s holds a run of another configuration, so it cannot be resumed: %s"
                .formatted(path, String.join("; ", differences)));
      }
    }
  }

  private void replace(Experiment experiment) throws IOException {
    String old;
    try {
      old = ArrayFile.read(experimentFile()).get(0, JsonNode.class).path("name").asText();
    } catch (IOException e) {
      throw new InUseException(
          "%s holds a run of an unknown experiment, which is not replaced: name another folder with --out (%s)"
              .formatted(path, e.getMessage()));
    }
    if (!old.equals(experiment.name())) {
      throw new InUseException(
          "%s holds a run of %s, which a run of %s does not replace: name another folder with --out"
              .formatted(path, old, experiment.name()));
    }
    for (String name : OURS) {
      int slash = name.indexOf('/');
      Path folder = slash < 0 ? path : path.resolve(name.substring(0, slash));
      if (Files.isDirectory(folder)) {
        try (DirectoryStream<Path> files =
            Files.newDirectoryStream(folder, name.substring(slash + 1))) {
          for (Path file : files) {
            AtomicFiles.delete(file);
          }
        }
      }
    }
  }

  /** The fields in which two experiments differ. */
  private static List<String> differences(JsonNode then, Experiment now) throws IOException {
    Map<?, ?> a = Json.parse(Json.canonical(then), "", TreeMap.class);
    Map<?, ?> b = Json.parse(Json.canonical(now), "", TreeMap.class);
    List<String> differences = new ArrayList<>();
    a.forEach(
        (field, value) -> {
          if (!value.equals(b.get(field))) {
            differences.add(
                "%s was %s, now %s"
                    .formatted(field, Json.canonical(value), Json.canonical(b.get(field))));
          }
        });
    return differences;
  }

  /** A file of the state; empty if it does not exist or is damaged. Damaged files are set aside. */
  private <T> Optional<T> read(Path file, Class<T> type, RunListener listener) throws IOException {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(ArrayFile.read(file).get(0, type));
    } catch (IOException e) {
      setAside(file, e.getMessage(), listener);
      return Optional.empty();
    }
  }

  /** Moves something damaged out of the way. */
  void setAside(Path what, String why, RunListener listener) throws IOException {
    Path aside = state().resolve("damaged").resolve(path.relativize(what).toString());
    for (int i = 1; Files.exists(aside); i++) {
      aside = aside.resolveSibling(what.getFileName() + "." + i);
    }
    Files.createDirectories(aside.getParent());
    Files.move(what, aside);
    listener.warn("%s; set aside as %s, computing it again".formatted(why, aside));
  }

  /** Where the SavedModel of a trial goes. */
  public Path model(String trial) {
    return path.resolve("models").resolve(trial);
  }

  /** Where the event file of a trial goes. */
  public Path events(String trial) {
    return path.resolve("events").resolve(trial);
  }

  /** Where the checkpoint of the training that leads to {@code id} goes. */
  Path checkpoint(String id) {
    return state().resolve("checkpoints").resolve(id);
  }

  private Path file(String room, String id) {
    return state().resolve(room).resolve(id);
  }

  /** Whether the state {@code id} is stored. */
  boolean has(String id) {
    return Files.exists(file("states", id));
  }

  /** The state {@code id}: values after some steps. */
  Optional<StoredState> state(String id, RunListener listener) throws IOException {
    return read(file("states", id), StoredState.class, listener);
  }

  void store(String id, StoredState state) throws IOException {
    ArrayFile.write(file("states", id), state);
  }

  /** The dev accuracy that a search found for {@code trial}. */
  Optional<Double> score(TrialSpec trial, RunListener listener) throws IOException {
    return read(file("scores", trial.id()), Double.class, listener);
  }

  void store(TrialSpec trial, double score) throws IOException {
    ArrayFile.write(file("scores", trial.id()), score);
  }

  /** Whether there is a result of the trial {@code id}, intact or not. */
  boolean hasResult(String id) {
    return Files.exists(file("trials", id));
  }

  /**
   * Whether there is a result of the trial {@code id}, or its score if it is one of a search,
   * intact or not.
   */
  boolean hasFound(String id) {
    return hasResult(id) || Files.exists(file("scores", id));
  }

  /**
   * The result of a finished trial, with its model intact; the models of seeds after the first are
   * deleted once they are measured.
   */
  Optional<TrialResult> result(TrialSpec trial, RunListener listener) throws IOException {
    Path file = file("trials", trial.id());
    Optional<TrialResult> result = read(file, TrialResult.class, listener);
    if (result.isEmpty()) {
      return result;
    }
    if (trial.seed() > 1 && (result.get().row().measured() || trial.seed() > Latency.SEEDS)) {
      return result;
    }
    Path model = model(trial.trial());
    if (!Files.exists(model)) {
      listener.warn(model + " is gone, computing it again");
      return Optional.empty();
    }
    if (!AtomicFiles.checksum(model).equals(result.get().modelSha256())) {
      setAside(
          model,
          model + " is damaged: expected the files that were written, found different ones",
          listener);
      return Optional.empty();
    }
    return result;
  }

  void store(TrialSpec trial, TrialResult result) throws IOException {
    ArrayFile.write(file("trials", trial.id()), result);
  }

  /** Deletes what is needed only while a run is unfinished. */
  void finished() throws IOException {
    AtomicFiles.delete(state().resolve("states"));
    AtomicFiles.delete(state().resolve("checkpoints"));
    try (Stream<Path> files = Files.walk(path.toRealPath())) {
      // Unfinished files of processes of this run that were killed.
      for (Path part :
          files
              .filter(f -> f.getFileName().toString().matches(PART))
              .sorted(java.util.Comparator.reverseOrder())
              .toList()) {
        AtomicFiles.delete(part);
      }
    }
  }
}
