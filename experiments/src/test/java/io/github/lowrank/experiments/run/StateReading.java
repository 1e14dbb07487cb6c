package io.github.lowrank.experiments.run;

import io.github.lowrank.experiments.record.TrialResult;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.io.ArrayFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The files of a run's state, and one of each. */
public final class StateReading {
  private StateReading() {}

  /** Writes a state, a score and an experiment. */
  public static List<byte[]> seeds(Path folder, Experiment experiment, Object table)
      throws IOException {
    Path state = folder.resolve("state");
    ArrayFile.write(
        state,
        Map.of(
            "numbers",
            Map.of("table", table, "weights", Map.of()),
            "devAccuracy",
            0.5,
            "trainings",
            1,
            "steps",
            2,
            "seconds",
            0.1,
            "history",
            List.of(),
            "measured",
            Map.of()));
    Path score = folder.resolve("score");
    ArrayFile.write(score, 0.75);
    Path whole = folder.resolve("experiment");
    ArrayFile.write(whole, experiment);
    return List.of(Files.readAllBytes(state), Files.readAllBytes(score), Files.readAllBytes(whole));
  }

  /** Reads a file as each of them. */
  public static void read(Path file) throws IOException {
    ArrayFile.Contents contents = ArrayFile.read(file);
    IOException last = null;
    for (Class<?> type :
        List.of(StoredState.class, Double.class, Experiment.class, TrialResult.class)) {
      try {
        contents.get(0, type);
      } catch (IOException e) {
        last = e;
      }
    }
    if (last != null) {
      throw last;
    }
  }
}
