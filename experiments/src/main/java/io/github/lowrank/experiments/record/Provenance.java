package io.github.lowrank.experiments.record;

import io.github.lowrank.op.Sessions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.TensorFlow;

/** All that somebody needs to run the same again. */
public final class Provenance {
  /** System property by which the launcher tells the git commit. */
  public static final String COMMIT = "lowrank.commit";

  private Provenance() {}

  /**
   * The record of a run.
   *
   * @param arguments the command line
   * @param configuration of the experiment
   * @param settings that {@code --set} changed
   * @param checksums SHA-256 of all data files
   * @param rate the learning rate that the search chose
   * @param device cpu or gpu
   * @param started when
   */
  public static Map<String, Object> of(
      List<String> arguments,
      Map<String, String> configuration,
      List<String> settings,
      Map<String, String> checksums,
      double rate,
      String device,
      Instant started) {
    Map<String, Object> record = new LinkedHashMap<>();
    // Where data and results lay says something of the machine and nothing of the result.
    record.put(
        "command",
        ("lowrank " + String.join(" ", arguments))
            .replaceAll("--data[ =]\\S+", "--data DIR")
            .replaceAll("--out[ =]/\\S*/", "--out "));
    record.put("commit", System.getProperty(COMMIT, "unknown"));
    record.put("configuration", configuration);
    record.put("settings", settings);
    record.put("learning_rate", rate);
    record.put("sha256", checksums);
    record.put("tensorflow", TensorFlow.version());
    record.put("java", System.getProperty("java.version"));
    record.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    record.put("device", device);
    record.put("threads", Sessions.threads());
    record.put("cores", Runtime.getRuntime().availableProcessors());
    record.put("started", started.truncatedTo(ChronoUnit.SECONDS).toString());
    record.put("finished", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    return record;
  }
}
