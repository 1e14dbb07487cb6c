package io.github.lowrank.experiments.record;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.lowrank.io.Json;
import io.github.lowrank.op.Sessions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.tensorflow.TensorFlow;

/**
 * All that somebody needs to run the same again.
 *
 * @param version of this layout
 * @param command the command line, without paths of the machine
 * @param commit of the sources
 * @param lowrank version of the library
 * @param experiment the whole of it, as {@code lowrank run} takes it
 * @param settings that {@code --set} changed
 * @param search rates and their dev accuracy, by method; {@code rate} stands for all methods
 *     without rates of their own
 * @param sha256 checksums of all data files
 * @param tensorflow version
 * @param java version
 * @param os name and architecture
 * @param device cpu or gpu
 * @param threads of the process of the run
 * @param cores of the machine
 * @param started when
 * @param finished when
 * @param trials by name
 */
public record Provenance(
    int version,
    String command,
    String commit,
    String lowrank,
    JsonNode experiment,
    List<String> settings,
    JsonNode search,
    Map<String, String> sha256,
    String tensorflow,
    String java,
    String os,
    String device,
    int threads,
    int cores,
    String started,
    String finished,
    Map<String, Trial> trials) {
  /** The layout of today. */
  public static final int VERSION = 2;

  /** Name of the file in the folder of a run. */
  public static final String FILE = "provenance.json";

  /** System property by which the launcher tells the git commit. */
  public static final String COMMIT = "lowrank.commit";

  /**
   * What a row needs besides the experiment.
   *
   * @param id identity of the trial's specification
   * @param learningRate that the search found
   * @param seed of weights, batches and dropout
   * @param modelSha256 checksum of the SavedModel; empty if it was not recorded
   */
  public record Trial(String id, double learningRate, int seed, String modelSha256) {}

  public Provenance {
    if (version != VERSION) {
      throw new IllegalArgumentException(
          "expected version %d of a provenance, found version %d".formatted(VERSION, version));
    }
  }

  /** The record of a run that ends now, in this process. */
  public static Provenance of(
      List<String> arguments,
      JsonNode experiment,
      List<String> settings,
      JsonNode search,
      Map<String, String> checksums,
      String device,
      Instant started,
      Map<String, Trial> trials) {
    return new Provenance(
        VERSION,
        command(arguments),
        System.getProperty(COMMIT, "unknown"),
        Version.get(),
        experiment,
        settings,
        search,
        checksums,
        TensorFlow.version(),
        System.getProperty("java.version"),
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        device,
        Sessions.threads(),
        Runtime.getRuntime().availableProcessors(),
        started.truncatedTo(ChronoUnit.SECONDS).toString(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        trials);
  }

  /** The record of benchmarks. */
  public static Provenance ofBenchmark(List<String> arguments, boolean quick, Instant started) {
    return of(
        arguments,
        Json.mapper().createObjectNode().put("quick", quick),
        List.of(),
        Json.mapper().createObjectNode(),
        Map.of(),
        "cpu",
        started,
        Map.of());
  }

  /** Where data and results were says something of the machine and nothing of the result. */
  private static String command(List<String> arguments) {
    return ("lowrank " + String.join(" ", arguments))
        .replaceAll("--data[ =]\\S+", "--data DIR")
        .replaceAll("--out[ =]/\\S*/", "--out ");
  }

  /** The provenance of the run in {@code directory}, of any version; missing if there is none. */
  public static JsonNode tree(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    return Files.exists(file) ? Json.read(file, JsonNode.class) : Json.mapper().missingNode();
  }

  /**
   * The provenance of the run in {@code directory}.
   *
   * @throws IOException if there is none, or one of a former version, saying what to do then
   */
  public static Provenance read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    JsonNode stored = Json.read(file, JsonNode.class);
    if (stored.has("configuration")) {
      throw new IOException(
          "%s is of a former version: convert it by lowrank convert %s".formatted(file, directory));
    }
    return Json.parse(stored.toString(), file, Provenance.class);
  }
}
