package io.github.lowrank.experiments.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.datasets.Catalogue;
import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.VectorSource;
import io.github.lowrank.experiments.Terminal;
import io.github.lowrank.experiments.Terminal.Outcome;
import io.github.lowrank.experiments.Tiny;
import io.github.lowrank.experiments.catalogue.Experiments;
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
            experiment("claims-trec-dan"),
            experiment("claims-banking77-dan"),
            experiment("claims-sst2-dan")),
        args.toArray(String[]::new));
  }

  @Test
  void runsResumesAndJudgesClaims() throws IOException {
    Path out = folder.resolve("out");
    Outcome first = reproduce(out);
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.out())
        .contains(
            "1 of 2: claims-trec-dan", "2 of 2: claims-banking77-dan", "1. 90 % of the embedding")
        .doesNotContain("of 2: other", "claims-sst2-dan");
    for (String run : List.of("claims-trec-dan", "claims-banking77-dan")) {
      // Quick: what removes 90 % or nothing, in at least three bits, five seeds.
      assertThat(Row.read(out.resolve(run).resolve(Row.FILE))).hasSize(4 * 5);
      assertThat(out.resolve(run).resolve("report.html")).exists();
    }
    List<Claim> claims = Claim.read(out);
    assertThat(claims.stream().map(Claim::id)).containsExactly("1", "2", "3", "4", "5", "6");
    assertThat(claims.get(0).cells().stream().map(Cell::run))
        .containsExactly("claims-banking77-dan", "claims-trec-dan");
    assertThat(claims.get(1).cells().stream().map(Cell::rival)).contains("offline");
    assertThat(claims.get(2).cells()).isNotEmpty();
    assertThat(out.resolve("comparisons.md")).content().contains("1. 90 % of the embedding");

    Map<String, Object> found = Tiny.found(out.resolve("claims-trec-dan"));
    String rows = Files.readString(out.resolve("claims-trec-dan").resolve(Row.FILE));
    // Nothing to do; and something, where a run was stopped before its report.
    Files.delete(out.resolve("claims-banking77-dan/report.md"));
    Files.delete(out.resolve("claims-banking77-dan/trials.csv"));
    AtomicFiles.delete(out.resolve("claims.json"));
    Outcome second = reproduce(out);
    assertThat(second.code()).as(second.err()).isZero();
    assertThat(second.out())
        .contains("1 of 2: claims-trec-dan is done", "2 of 2: claims-banking77-dan\n");
    assertThat(out.resolve("claims-trec-dan").resolve(Row.FILE)).hasContent(rows);
    assertThat(Claim.read(out).get(0)).isEqualTo(claims.get(0));
    assertThat(Tiny.rows(out.resolve("claims-banking77-dan"))).hasSize(20);
    assertThat(Tiny.found(out.resolve("claims-trec-dan"))).isEqualTo(found);

    // Another profile's runs are others, finished or not.
    Outcome paper = reproduce(out, "--profile", "paper");
    assertThat(paper.code()).isEqualTo(2);
    assertThat(paper.err())
        .containsPattern(
            "claims-trec-dan +of another version: \\S*claims-trec-dan \\(other methods, seeds\\)")
        .contains("claims-banking77-dan", "move them away");
    assertThat(out.resolve("claims-sst2-dan")).doesNotExist();
    Files.delete(out.resolve("claims-trec-dan/report.md"));
    AtomicFiles.delete(out.resolve("claims-banking77-dan"));
    Outcome begun = reproduce(out, "--profile", "paper");
    assertThat(begun.code()).isEqualTo(2);
    assertThat(begun.err())
        .contains("claims-trec-dan holds a run of another configuration", "seeds was 5, now 6");
    assertThat(Tiny.found(out.resolve("claims-trec-dan"))).isEqualTo(found);
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
  void bothExperimentsOfQuickAreInTheCatalogue() {
    String out = folder.toString();
    assertThat(Terminal.run(Experiments.all(), "reproduce", "--out", out, "--dry-run").out())
        .containsPattern("claims-trec-dan +to run")
        .containsPattern("claims-banking77-dan +to run")
        .contains("0 of 2 are done");
  }

  @Test
  void saysWhatStandsThereAndRunsNothing() throws IOException {
    Path out = folder.resolve("out");
    Path run = out.resolve("deeper/claims-trec-dan");
    new ExperimentRun(
            ReproduceCommand.quick(experiment("claims-trec-dan")), new DataRoot(folder), run)
        .run();
    AtomicFiles.delete(run.resolve("state")); // as in results/
    assertThat(dryRun(out))
        .containsPattern("claims-trec-dan +done: \\S*deeper.claims-trec-dan\\n")
        .containsPattern("claims-banking77-dan +to run\\n")
        .contains("1 of 2 are done");

    String rows = Files.readString(run.resolve(Row.FILE));
    String two = rows.lines().limit(2).collect(Collectors.joining("\n", "", "\n"));
    write(run, Row.FILE, two);
    assertThat(dryRun(out)).contains("(1 of 20 rows)", "0 of 2 are done");
    Outcome refused = reproduce(out);
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).containsPattern("claims-trec-dan +incomplete: .* \\(1 of 20 rows\\)");
    assertThat(out.resolve("claims-banking77-dan")).doesNotExist();

    write(run, "provenance.json", "{}");
    assertThat(dryRun(out)).contains("(no experiment in provenance.json)");
    Files.delete(run.resolve("report.md"));
    assertThat(dryRun(out)).contains("(no report.md)");

    // Counted, it would count twice.
    write(run, Row.FILE, rows);
    write(out.resolve("claims-trec-dan"), Row.FILE, rows);
    Files.delete(run.resolve("correct.csv"));
    assertThat(dryRun(out))
        .containsPattern(
            "claims-trec-dan +there more than once \\(.*claims-trec-dan, .*claims-trec-dan\\)");
    Outcome twice = Terminal.run(List.of(), "report", out.toString());
    assertThat(twice.code()).isEqualTo(1);
    assertThat(twice.err())
        .contains("found claims-trec-dan in claims-trec-dan and in deeper/claims-trec-dan");
  }
}
