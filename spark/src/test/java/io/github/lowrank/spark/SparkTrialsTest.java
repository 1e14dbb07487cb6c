package io.github.lowrank.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.HoldOut;
import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.OwnFiles;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.run.Executor;
import io.github.lowrank.experiments.run.ExecutorSource;
import io.github.lowrank.experiments.run.ExperimentRun;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparkTrialsTest {
  @TempDir Path folder;

  private Path texts(String name, int count, long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder csv = new StringBuilder("text,label\n");
    for (int i = 0; i < count; i++) {
      int label = random.nextInt(2);
      for (int w = 0; w < 5; w++) {
        csv.append(random.nextInt(4) == 0 ? "both" : label == 0 ? "dull" : "fun")
            .append(random.nextInt(30))
            .append(' ');
      }
      csv.append(label == 0 ? ",bad\n" : ",good\n");
    }
    return Files.writeString(folder.resolve(name), csv);
  }

  private Experiment experiment() throws IOException {
    return new Experiment(
        "spark",
        "a few texts",
        new OwnFiles(
            texts("train.csv", 300, 1),
            Optional.empty(),
            HoldOut.share(0.2),
            Optional.of(texts("test.csv", 80, 2)),
            Optional.empty(),
            new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8),
            Integer.MAX_VALUE),
        VectorSource.none(),
        Dan.ofPaper(),
        new Softmax(),
        List.of(Method.baseline(), Method.online(0.9)),
        Plan.of(40, 10, List.of(1e-3, 3e-3)),
        2);
  }

  private Path run(Experiment experiment, Executor executor, String out) throws IOException {
    Path path = folder.resolve(out);
    new ExperimentRun(experiment, new DataRoot(folder), path).executor(executor).run();
    return path;
  }

  /** Rows but for times, and the checksums of the models. */
  private static List<String> found(Path run) throws IOException {
    List<String> found = new ArrayList<>();
    for (Row row : Row.read(run.resolve(Row.FILE))) {
      found.add(
          String.join(
              " ",
              row.id().toString(),
              row.label(),
              row.parameters().toString(),
              row.scores().toString(),
              row.size().toString(),
              "rate " + row.training().learningRate(),
              "steps " + row.training().steps()));
    }
    found.add(Files.readString(run.resolve("history.csv")));
    found.add(Files.readString(run.resolve("correct.csv")));
    try (Stream<Path> models = Files.list(run.resolve("models"))) {
      for (Path model : models.sorted().toList()) {
        found.add(model.getFileName() + " " + AtomicFiles.checksum(model));
      }
    }
    return found;
  }

  @Test
  void rowsAndModelsAreThoseOfALocalRun() throws IOException {
    Experiment experiment = experiment();
    List<String> expected = found(run(experiment, Executor.here(), "here"));
    assertThat(expected).hasSizeGreaterThan(6);
    assertThat(found(run(experiment, new SparkTrials("local[2]"), "spark"))).isEqualTo(expected);
  }

  @Test
  void isFoundAsAServiceAndTellsWhatFailed() throws IOException {
    ExecutorSource source =
        ServiceLoader.load(ExecutorSource.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(s -> s.name().equals("spark"))
            .findFirst()
            .orElseThrow();
    assertThat(source.executor(Optional.empty(), 3)).isEqualTo(new SparkTrials("local[3]"));
    Executor nowhere = source.executor(Optional.of("nowhere"), 1);
    Experiment experiment = experiment();
    assertThatThrownBy(() -> run(experiment, nowhere, "nowhere"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Spark did not start on nowhere")
        .hasMessageContaining("Could not parse Master URL");
  }
}
