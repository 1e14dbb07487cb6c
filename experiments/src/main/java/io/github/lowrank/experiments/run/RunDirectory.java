package io.github.lowrank.experiments.run;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The folder of a run. {@code trials.csv}, {@code provenance.json}, {@code report.*}, {@code
 * models} and {@code events} are for people; {@code state} is what a resumption needs: the
 * configuration, finished trials, and the classifiers after each shared stage.
 *
 * @param path the folder
 */
public record RunDirectory(Path path) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** A use of the folder that the user did not ask for. */
  public static final class InUseException extends IOException {
    private static final long serialVersionUID = 1L;

    InUseException(String message) {
      super(message);
    }
  }

  /**
   * Opens a folder for a run with {@code configuration}.
   *
   * @param resume go on with a run of the same configuration
   * @param replace delete a former run
   * @throws InUseException if the folder holds a run and neither is asked for, or a run of another
   *     configuration, or something else
   */
  public static RunDirectory open(
      Path path, Map<String, String> configuration, boolean resume, boolean replace)
      throws IOException {
    RunDirectory directory = new RunDirectory(path);
    Path stored = directory.state().resolve("configuration.json");
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw new InUseException(path + " is not a folder");
    }
    if (Files.exists(stored)) {
      Map<String, String> old =
          JSON.readValue(stored.toFile(), new TypeReference<LinkedHashMap<String, String>>() {});
      if (resume) {
        List<String> differences = new ArrayList<>();
        configuration.forEach(
            (key, value) -> {
              if (!value.equals(old.get(key))) {
                differences.add("%s was %s, now %s".formatted(key, old.get(key), value));
              }
            });
        if (!differences.isEmpty()) {
          throw new InUseException(
              "%s holds a run of another configuration, so it cannot be resumed: %s"
                  .formatted(path, String.join("; ", differences)));
        }
      } else if (replace) {
        AtomicFiles.delete(path);
      } else {
        throw new InUseException(
            path
                + " holds a run already: go on with it by --resume, replace it by --replace, or name another folder with --out");
      }
    } else if (Files.isDirectory(path)) {
      try (var files = Files.list(path)) {
        if (files.findAny().isPresent()) {
          throw new InUseException(
              path + " is not empty and holds no run: name another folder with --out");
        }
      }
    }
    Files.createDirectories(directory.state().resolve("trials"));
    write(stored, JSON.writeValueAsString(configuration));
    return directory;
  }

  /** What a resumption needs. */
  public Path state() {
    return path.resolve("state");
  }

  /** Where the SavedModel of a trial goes. */
  public Path model(String trial) {
    return path.resolve("models").resolve(trial);
  }

  /** Where the event file of a trial goes. */
  public Path events(String trial) {
    return path.resolve("events").resolve(trial);
  }

  /** The file by which a worker takes a task. */
  Path claim(String task) {
    return claims().resolve(task);
  }

  /** Lets all tasks be taken again. */
  void forgetClaims() throws IOException {
    AtomicFiles.delete(claims());
    Files.createDirectories(claims());
  }

  private Path claims() {
    return state().resolve("claims");
  }

  /** Deletes what only an unfinished run needs. */
  public void forgetStages() throws IOException {
    AtomicFiles.delete(state().resolve(StageRunner.STAGES));
    AtomicFiles.delete(state().resolve(StageRunner.CHECKPOINTS));
    AtomicFiles.delete(claims());
  }

  private Path trialFile(String trial) {
    return state().resolve("trials").resolve(trial + ".json");
  }

  /** A finished trial. */
  public Optional<TrialResult> result(String trial) throws IOException {
    Path file = trialFile(trial);
    return Files.exists(file)
        ? Optional.of(JSON.readValue(file.toFile(), TrialResult.class))
        : Optional.empty();
  }

  /** Stores a finished trial. */
  public void store(TrialResult result) throws IOException {
    write(trialFile(result.row().trial()), JSON.writeValueAsString(result));
  }

  /** Writes {@code value} as JSON. */
  public static void writeJson(Path file, Object value) throws IOException {
    write(file, JSON.writeValueAsString(value) + "\n");
  }

  /** Writes a file beside and moves it, so that no reader sees half of it. */
  public static void write(Path file, String text) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(part, text, StandardCharsets.UTF_8);
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
