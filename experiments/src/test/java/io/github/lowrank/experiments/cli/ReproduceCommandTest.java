package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.Terminal.Outcome;
import io.github.lowrank.experiments.Tiny;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.report.Cell;
import io.github.lowrank.experiments.report.Claim;
import io.github.lowrank.experiments.run.ExperimentRun;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Plan;
import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.model.Dan;
import io.github.lowrank.model.Softmax;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a grid of seconds: glosses of WordNet, no pretrained vectors. */
class ReproduceCommandTest {
  @TempDir Path folder;

  private static Experiment experiment(String name) {
    return new Experiment(
            name,
            "tiny",
            Catalogue.wordNetGlosses(),
            VectorSource.none(),
            Dan.ofPaper(),
            new Softmax(),
            List.of(
                Method.baseline(),
                Method.online(0.9),
                Method.online(0.5),
                Method.offline(0.9),
                Method.fixedPoint(4),
                Method.fixedPoint(2)),
            Plan.of(30, 10, List.of(3e-3)),
            6)
        .set("limit=300");
  }

  private Outcome reproduce(Path out, String... more) {
    List<String> args =
        new ArrayList<>(List.of("reproduce", "--out", out.toString(), "--jobs", "1"));
    args.addAll(List.of(more));
    return Terminal.run(
        List.of(
            experiment("other"),
            experiment("claims-a"),
            experiment("claims-b"),
            experiment("claims-c")),
        args.toArray(String[]::new));
  }

  @Test
  void runsResumesAndJudgesClaims() throws IOException {
    Path out = folder.resolve("out");
    Outcome first = reproduce(out);
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out())
        .contains("1 of 2: claims-a", "2 of 2: claims-b", "1. 90 % of the embedding")
        .doesNotContain("of 2: other", "claims-c");
    for (String run : List.of("claims-a", "claims-b")) {
      // Quick: what removes 90 % or nothing, in at least three bits, five seeds.
      assertThat(Row.read(out.resolve(run).resolve(Row.FILE))).hasSize(4 * 5);
      assertThat(out.resolve(run).resolve("report.html")).exists();
    }
    List<Claim> claims = Claim.read(out);
    assertThat(claims.stream().map(Claim::id)).containsExactly("1", "2", "3", "4", "5", "6");
    assertThat(claims.get(0).cells().stream().map(Cell::run))
        .containsExactly("claims-a", "claims-b");
    assertThat(claims.get(1).cells().stream().map(Cell::rival)).contains("offline");
    assertThat(claims.get(2).cells()).isNotEmpty();
    assertThat(out.resolve("comparisons.md")).content().contains("1. 90 % of the embedding");

    Map<String, Object> found = Tiny.found(out.resolve("claims-a"));
    String rows = Files.readString(out.resolve("claims-a").resolve(Row.FILE));
    // Nothing to do; and something, where a run was stopped before its report.
    Files.delete(out.resolve("claims-b/report.md"));
    Files.delete(out.resolve("claims-b/trials.csv"));
    AtomicFiles.delete(out.resolve("claims.json"));
    Outcome second = reproduce(out);
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.out()).contains("1 of 2: claims-a is done", "2 of 2: claims-b\n");
    assertThat(out.resolve("claims-a").resolve(Row.FILE)).hasContent(rows);
    assertThat(Claim.read(out).get(0)).isEqualTo(claims.get(0));
    assertThat(Tiny.rows(out.resolve("claims-b"))).hasSize(20);
    assertThat(Tiny.found(out.resolve("claims-a"))).isEqualTo(found);

    // Another profile's runs are others, finished or not.
    Outcome paper = reproduce(out, "--profile", "paper");
    assertThat(paper.code()).isEqualTo(2);
    assertThat(paper.err())
        .containsPattern("claims-a +of another version: \\S*claims-a \\(other methods, seeds\\)")
        .contains("claims-b", "move them away");
    assertThat(out.resolve("claims-c")).doesNotExist();
    Files.delete(out.resolve("claims-a/report.md"));
    AtomicFiles.delete(out.resolve("claims-b"));
    Outcome begun = reproduce(out, "--profile", "paper");
    assertThat(begun.code()).isEqualTo(2);
    assertThat(begun.err())
        .contains("claims-a holds a run of another configuration", "seeds was 5, now 6");
    assertThat(Tiny.found(out.resolve("claims-a"))).isEqualTo(found);
    Files.writeString(folder.resolve("file"), "");
    assertThat(reproduce(folder.resolve("file"), "--dry-run").code()).isEqualTo(2);
  }

  private static void write(Path run, String file, String content) throws IOException {
    Files.createDirectories(run);
    Files.writeString(run.resolve(file), content);
  }

  private String dryRun(Path out) {
    Outcome outcome = reproduce(out, "--dry-run");
    assertThat(outcome.code()).as(outcome.err()).isZero();
    return outcome.out();
  }

  @Test
  void saysWhatStandsThereAndRunsNothing() throws IOException {
    Path out = folder.resolve("out");
    Path run = out.resolve("deeper/claims-a");
    new ExperimentRun(ReproduceCommand.quick(experiment("claims-a")), new DataRoot(folder), run)
        .run();
    AtomicFiles.delete(run.resolve("state")); // as in results/
    assertThat(dryRun(out))
        .containsPattern("claims-a +done: \\S*deeper.claims-a\\n")
        .containsPattern("claims-b +to run\\n")
        .contains("1 of 2 are done");

    String rows = Files.readString(run.resolve(Row.FILE));
    String two = rows.lines().limit(2).collect(Collectors.joining("\n", "", "\n"));
    write(run, Row.FILE, two);
    assertThat(dryRun(out)).contains("(1 of 20 rows)", "0 of 2 are done");
    Outcome refused = reproduce(out);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).containsPattern("claims-a +incomplete: .* \\(1 of 20 rows\\)");
    assertThat(out.resolve("claims-b")).doesNotExist();

    write(run, "provenance.json", "{}");
    assertThat(dryRun(out)).contains("(no experiment in provenance.json)");
    Files.delete(run.resolve("report.md"));
    assertThat(dryRun(out)).contains("(no report.md)");

    // Counted, it would count twice.
    write(run, Row.FILE, rows);
    write(out.resolve("claims-a"), Row.FILE, rows);
    Files.delete(run.resolve("correct.csv"));
    assertThat(dryRun(out))
        .containsPattern("claims-a +there more than once \\(.*claims-a, .*claims-a\\)");
    Outcome twice = Terminal.run(List.of(), "report", out.toString());
    assertThat(twice.code()).isEqualTo(1);
    assertThat(twice.err()).contains("found claims-a in claims-a and in deeper/claims-a");
  }
}
