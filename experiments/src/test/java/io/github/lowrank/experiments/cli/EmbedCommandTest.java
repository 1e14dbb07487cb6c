package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.Terminal.Outcome;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.text.VectorFile;
import io.github.lowrank.text.Vocabulary;
import io.github.lowrank.text.WordVectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbedCommandTest {
  private static final int NODES = 80;

  @TempDir Path folder;
  private Path graph;
  private Path labels;
  private Path out;

  /** Two communities, and a label for each. */
  @BeforeEach
  void write() throws IOException {
    Random random = new Random(1);
    List<String> edges = new ArrayList<>();
    List<String> classes = new ArrayList<>();
    for (int i = 0; i < NODES; i++) {
      classes.add("n%d %s".formatted(i, i % 2 == 0 ? "even" : "odd"));
      for (int k = 0; k < 8; k++) {
        int other = 2 * random.nextInt(NODES / 2) + (random.nextInt(20) == 0 ? 1 - i % 2 : i % 2);
        edges.add("n%d\tn%d".formatted(i, other));
      }
    }
    graph = Files.write(folder.resolve("edges.txt"), edges);
    labels = Files.write(folder.resolve("labels.txt"), classes);
    out = folder.resolve("out");
  }

  private Outcome embed(String... more) {
    List<String> all = new ArrayList<>(List.of("embed", "--out", out.toString()));
    all.addAll(List.of(more));
    return Terminal.run(List.of(), all.toArray(String[]::new));
  }

  @Test
  void writesVectorsThatCanBeReadAndScores() throws IOException {
    Outcome outcome =
        embed("--graph", graph.toString(), "--labels", labels.toString(), "--dim", "8");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("80 nodes", "2 classes", "link_auc_both_directions");
    Vocabulary words = Vocabulary.of(List.<String[]>of(new String[] {"n0", "n7"}));
    for (String name : List.of("nodes", "contexts")) {
      WordVectors text = VectorFile.read(out.resolve(name + ".txt"), Optional.empty(), words);
      WordVectors binary = VectorFile.read(out.resolve(name + ".bin"), Optional.empty(), words);
      assertThat(text.dimension()).isEqualTo(8);
      assertThat(text.vector("n7")).containsExactly(binary.vector("n7"));
    }
    assertThat(Files.readString(out.resolve("card.md"))).contains("micro_f1_at_50_percent");
    double f1 =
        Double.parseDouble(
            outcome.out().replaceAll("(?s).*micro_f1_at_50_percent\\s+([\\d.]+).*", "$1"));
    assertThat(f1).isGreaterThan(0.8);
    assertThat(Files.readString(out.resolve("proximity.json")))
        .contains("\"stopping_probabilities\"");
  }

  @Test
  void theNumberOfThreadsChangesNoByte() throws IOException {
    String[] common = {
      "--graph", graph.toString(), "--dim", "8", "--proximity", "poisson:1", "--no-scores"
    };
    assertThat(embed(with(common, "--threads", "1")).code()).isZero();
    String one = AtomicFiles.checksum(out);
    AtomicFiles.delete(out);
    assertThat(embed(with(common, "--threads", "3")).code()).isZero();
    assertThat(AtomicFiles.checksum(out)).isEqualTo(one);
  }

  private static String[] with(String[] some, String... more) {
    List<String> all = new ArrayList<>(List.of(some));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  private void refused(int code, String part, String... arguments) {
    Outcome outcome = embed(arguments);
    assertThat(outcome.code()).isEqualTo(code);
    assertThat(outcome.err()).contains(part).doesNotContain("\tat ");
    assertThat(out).doesNotExist();
  }

  @Test
  void aProximityIsLearnedForClasses() throws IOException {
    String[] common = {
      "--graph", graph.toString(), "--labels", labels.toString(), "--dim", "8", "--loss", "classes"
    };
    // A tenth of 80 nodes is too few to choose by.
    refused(1, "expected at least 20 nodes with labels to choose by, found 8", common);
    Outcome all = embed(with(common, "--no-scores"));
    assertThat(all.code()).as(all.err()).isZero();
    assertThat(all.err()).contains("micro-F1 on held-out labels", "learning from");
    assertThat(all.out()).doesNotContain("micro_f1");
    assertThat(Files.readString(out.resolve("card.json")))
        .contains("\"chosen_by\"", "micro-F1 on held-out labels, of all nodes with labels");
    assertThat(Files.readString(out.resolve("card.md"))).contains("Not scored");
  }

  @Test
  void whatLooksWrongIsTold() throws IOException {
    List<String> numbers = new ArrayList<>(List.of("source target"));
    for (String line : Files.readAllLines(graph)) {
      numbers.add(line.replace("n", ""));
    }
    Path headed = Files.write(folder.resolve("headed.txt"), numbers);
    Outcome outcome =
        embed(
            "--graph",
            headed.toString(),
            "--dim",
            "8",
            "--proximity",
            "ppr:.15",
            "--no-scores",
            "--delta",
            "0.15");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("82 nodes");
    assertThat(outcome.err())
        .contains("the first line, 'source target', is taken as an edge")
        .contains("nodes have vectors of zeros");
  }

  @Test
  void mistakesAreToldAndLeaveNothingBehind() throws IOException {
    Path bad = Files.writeString(folder.resolve("bad.txt"), "a b\nc\n");
    refused(1, "bad.txt, line 2: expected two nodes", "--graph", bad.toString());
    refused(2, "--dim: expected at most the 80 nodes", "--graph", graph.toString(), "--dim", "99");
    refused(2, "expected best, learned", "--graph", graph.toString(), "--proximity", "katz");
    refused(2, "poisson: expected", "--graph", graph.toString(), "--proximity", "poisson:0");
    refused(2, "--delta: expected", "--graph", graph.toString(), "--delta", "0");
    refused(2, "--label-lines: expected", "--graph", graph.toString(), "--label-lines", "nodes");
    refused(
        2,
        "--delta: expected a number below the largest proximity of two nodes, found 0.999",
        "--graph",
        graph.toString(),
        "--dim",
        "8",
        "--delta",
        "0.999");
    refused(2, "--loss classes: expected --labels", "--graph", graph.toString(), "--loss=classes");
    refused(
        2,
        "--loss: expected --proximity learned or best",
        "--graph",
        graph.toString(),
        "--loss=links",
        "--proximity=ppr:.15");
    refused(2, "--threads: expected", "--graph", graph.toString(), "--threads", "99999");
    Path one = Files.writeString(folder.resolve("one.txt"), "a b\n");
    refused(1, "--no-scores does without", "--graph", one.toString(), "--dim", "1");
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("bad.txt", "one.txt", "edges.txt", "labels.txt");
    }
  }
}
