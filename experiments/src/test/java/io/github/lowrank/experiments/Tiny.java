package io.github.lowrank.experiments;

import io.github.lowrank.datasets.HoldOut;
import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.OwnFiles;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.record.Row;
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
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** An experiment of a second: a few texts of its own, two seeds, a search, three methods. */
public final class Tiny {
  private Tiny() {}

  private static Path texts(Path file, int count, long seed) throws IOException {
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
    return Files.writeString(file, csv);
  }

  /** An experiment whose texts are written to {@code folder}. */
  public static Experiment experiment(Path folder, String name) throws IOException {
    return new Experiment(
        name,
        "a few texts",
        new OwnFiles(
            texts(folder.resolve("train.csv"), 300, 1),
            Optional.empty(),
            HoldOut.share(0.2),
            Optional.of(texts(folder.resolve("test.csv"), 80, 2)),
            Optional.empty(),
            new LabelledFile.Columns("text", "label", StandardCharsets.UTF_8),
            Integer.MAX_VALUE),
        VectorSource.none(),
        Dan.ofPaper(),
        new Softmax(),
        List.of(Method.baseline(), Method.online(0.9), Method.fixedPoint(4)),
        Plan.of(40, 10, List.of(1e-3, 3e-3)),
        2);
  }

  /** All that a run found, but times: rows by trial. */
  public static List<String> rows(Path run) throws IOException {
    List<String> rows = new ArrayList<>();
    for (Row row : Row.read(run.resolve(Row.FILE))) {
      rows.add(
          String.join(
              " ",
              row.id().toString(),
              row.method(),
              row.label(),
              row.parameters().toString(),
              row.scores().toString(),
              row.size().toString(),
              "rate " + row.training().learningRate(),
              "steps " + row.training().steps(),
              "to 99 % " + row.training().stepsTo99()));
    }
    return rows;
  }

  /** All that a run leaves and that no time changes: rows, files, checksums of its models. */
  public static Map<String, Object> found(Path run) throws IOException {
    Map<String, Object> found = new TreeMap<>();
    found.put("rows", rows(run));
    for (String file : List.of("history.csv", "correct.csv")) {
      found.put(file, Files.readString(run.resolve(file)));
    }
    for (String folder : List.of("models", "events")) {
      try (Stream<Path> files = Files.list(run.resolve(folder))) {
        for (Path model : files.toList()) {
          found.put(folder + "/" + model.getFileName(), AtomicFiles.checksum(model));
        }
      }
    }
    return found;
  }
}
