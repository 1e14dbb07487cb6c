package io.github.lowrank.experiments.catalogue;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.report.ConvergenceFigure;
import io.github.lowrank.experiments.run.DecentralizedRuns;
import io.github.lowrank.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** DGD+LOCAL, its remedies, and gossip of the Gram matrix. */
public final class DecentralizedFactorization {
  private DecentralizedFactorization() {}

  private interface Runs {
    void run(Consumer<String> rows) throws IOException;
  }

  private static void write(Path file, Runs runs) throws IOException {
    List<String> lines = new ArrayList<>();
    runs.run(
        line -> {
          lines.add(line);
          System.out.println(line);
        });
    AtomicFiles.write(file, String.join("\n", lines) + "\n");
  }

  /**
   * Writes rows and the demo's figure.
   *
   * @param args the data root and the folder of the results
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      System.err.println("expected the data root and the folder of the results");
      System.exit(2);
    }
    Path out = Path.of(args[1]);
    List<DecentralizedRuns.DemoRow> demo = DecentralizedRuns.demo();
    write(
        out.resolve("demo.tsv"),
        rows -> {
          rows.accept(DecentralizedRuns.DemoRow.HEADING);
          demo.forEach(row -> rows.accept(row.toString()));
        });
    List<DecentralizedRuns.DemoRow> first =
        demo.stream().filter(row -> row.network().equals("random-1")).toList();
    AtomicFiles.write(
        out.resolve("demo.svg"),
        ConvergenceFigure.svg(
            "DGD+LOCAL: J = 10, n = 50, m = 20, r = 10, step 0.001",
            first.stream().mapToDouble(DecentralizedRuns.DemoRow::round).toArray(),
            "squared error",
            first.stream().mapToDouble(DecentralizedRuns.DemoRow::error).toArray(),
            "disagreement",
            first.stream().mapToDouble(DecentralizedRuns.DemoRow::disagreement).toArray()));
    write(out.resolve("exact.tsv"), DecentralizedRuns::exact);
    write(out.resolve("drift.tsv"), DecentralizedRuns::drift);
    VectorSource sgns = VectorSource.sgns300d();
    Path vectors = new DataRoot(Path.of(args[0])).path(sgns.files().get(0));
    write(out.resolve("words.tsv"), rows -> DecentralizedRuns.words(vectors, rows));
    write(
        out.resolve("crossing.tsv"),
        rows -> {
          rows.accept(DecentralizedRuns.CROSSING_HEADING);
          DecentralizedRuns.crossing(1000, 100, List.of(10, 5), List.of(2000L, 2000L), rows);
          DecentralizedRuns.crossing(1000, 300, List.of(10, 15), List.of(2000L, 1000L), rows);
          DecentralizedRuns.crossing(1000, 1000, List.of(10, 50), List.of(1000L, 200L), rows);
          DecentralizedRuns.crossing(600, 5000, List.of(10, 250), List.of(3000L, 2L), rows);
        });
  }
}
