package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.experiments.record.Row;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Renders the rows in {@code resources/report} and compares with what stands beside them. */
class ComparisonsTest {
  @TempDir Path folder;

  private static String resource(String name) throws IOException {
    try (InputStream in = ComparisonsTest.class.getResourceAsStream("/report/" + name)) {
      assertThat(in).as(name).isNotNull();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @BeforeEach
  void copyRows() throws IOException {
    for (String file :
        new String[] {
          "claims-toy-dan/trials.csv", "claims-toy-dan/correct.csv", "schedules-toy-dan/trials.csv"
        }) {
      Path copy = folder.resolve(file);
      Files.createDirectories(copy.getParent());
      Files.writeString(copy, resource(file));
    }
  }

  @Test
  void comparisonsAreThoseOfTheRows() throws IOException {
    Comparisons.render(folder);
    assertThat(folder.resolve("comparisons.md")).hasContent(resource("comparisons.md"));
    assertThat(Files.readString(folder.resolve("comparisons.html")))
        .contains("<table>")
        .doesNotContain("<script", "src=");
    List<Claim> claims = Claim.read(folder);
    assertThat(claims.stream().map(Claim::id)).containsExactly("1", "2", "3", "4", "5", "6");
    Cell cell = claims.get(0).cells().get(0);
    assertThat(cell.effect()).isCloseTo(-1 / 300.0, within(1e-12));
    // Without correct.csv there is a mean and no more.
    assertThat(claims.get(3).cells())
        .hasSize(2)
        .allMatch(c -> Double.isNaN(c.low()) && c.verdict().equals(Cell.NOT_SHOWN));
    assertThat(claims.get(4).cells()).isEmpty();
  }

  @Test
  void reportIsThatOfTheRows() throws IOException {
    Report.render(folder.resolve("claims-toy-dan"));
    assertThat(folder.resolve("claims-toy-dan/report.md")).hasContent(resource("report.md"));
  }

  @Test
  void rowsThatTheirAnswersContradictAreRefused() throws IOException {
    Path rows = folder.resolve("claims-toy-dan/trials.csv");
    String accuracy = Row.read(rows).get(0).testAccuracy() + "";
    Files.writeString(rows, Files.readString(rows).replaceFirst("," + accuracy + ",", ",0.5,"));
    assertThatThrownBy(() -> Comparisons.render(folder))
        .hasMessageContainingAll("trials.csv: expected test accuracy " + accuracy, "found 0.5");
    assertThat(folder.resolve("comparisons.md")).doesNotExist();
  }

  @Test
  void aRunThatLostItsRowsIsNamed() throws IOException {
    Path lost = folder.resolve("schedules-toy-dan");
    Files.move(lost.resolve("trials.csv"), lost.resolve("provenance.json"));
    assertThatThrownBy(() -> Comparisons.render(folder))
        .hasMessageContaining("schedules-toy-dan/trials.csv");
  }

  @Test
  void runsWithoutATestCountNowhereBesideTestedOnes() throws IOException {
    Path other = Files.createDirectories(folder.resolve("claims-other-dan"));
    String rows = Files.readString(folder.resolve("claims-toy-dan/trials.csv"));
    Files.writeString(other.resolve("trials.csv"), rows.replace(",toy,", ",other,"));
    Comparisons.render(folder);
    Claim claim = Claim.read(folder).get(0);
    assertThat(claim.overall().datasets()).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("comparisons.md")))
        .contains(
            "Of 1 cells", "Without a test, for want of seeds or of correct.csv: claims-other-dan");
  }

  @Test
  void aFolderWithoutRunsIsNamed() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> Comparisons.render(empty))
        .hasMessageContaining("empty: expected folders of runs whose names begin with claims-");
  }
}
