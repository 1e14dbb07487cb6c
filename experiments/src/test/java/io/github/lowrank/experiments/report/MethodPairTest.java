package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.lowrank.experiments.record.Bits;
import io.github.lowrank.experiments.record.Row;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MethodPairTest {
  @TempDir Path folder;

  @BeforeEach
  void copyRows() throws IOException {
    for (String run : new String[] {"first", "second"}) {
      Files.createDirectory(folder.resolve(run));
      for (String file : new String[] {Row.FILE, Bits.FILE}) {
        try (InputStream in =
            MethodPairTest.class.getResourceAsStream("/report/claims-toy-dan/" + file)) {
          Files.copy(in, folder.resolve(run).resolve(file));
        }
      }
    }
  }

  private String text(String method, String rival) throws IOException {
    return MethodPair.read(folder.resolve(method), folder.resolve(rival)).text();
  }

  /** The numbers are those of the two-way layout in numpy. */
  @Test
  void methodsOfOneRunAndOfTwoAreComparedByTextsAndSeeds() throws IOException {
    assertThat(text("first/online-90", "first/baseline"))
        .contains(
            "online 90 %, first: 80.67",
            "baseline, first: 81.00",
            "difference: -0.33 ± 2.44 points (common seeds: 3; random: seeds and 100 test texts); p = 0.77 without correction");
    assertThat(text("first/offline-90", "second/baseline"))
        .contains("baseline, second: 81.00", "difference: -3.67 ± 3.53 points");
  }

  @Test
  void onlySeedsOfBothCount() throws IOException {
    Path rows = folder.resolve("second").resolve(Row.FILE);
    Files.writeString(
        rows,
        Files.readAllLines(rows).stream()
            .filter(line -> !line.startsWith("baseline-seed3"))
            .collect(Collectors.joining("\n")));
    assertThat(text("first/online-90", "second/baseline"))
        .contains("(seeds: 2)", "common seeds: 2;");
  }

  @Test
  void withoutAnswersSeedsAloneAreRandom() throws IOException {
    Files.delete(folder.resolve("first").resolve(Bits.FILE));
    // Of -0.01, 0 and 0 by Student's t: 4.302653 * 0.0057735 / sqrt(3).
    assertThat(text("first/online-90", "first/baseline"))
        .contains(
            "-0.33 ± 1.43 points (common seeds: 3; random: seeds alone, for want of correct.csv)")
        .doesNotContain("p = ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> text("first/online-90", "second/baseline"))
        .withMessageContainingAll("toy (without correct.csv)", "toy (100 texts)");
  }

  @Test
  void withoutACommonSeedThereIsNoDifference() throws IOException {
    for (String file : new String[] {Row.FILE, Bits.FILE}) {
      Path lines = folder.resolve("second").resolve(file);
      Files.writeString(
          lines,
          Files.readAllLines(lines).stream()
              .filter(line -> line.startsWith("trial") || line.contains("-seed1,"))
              .map(line -> line.replace("-seed1,", "-seed9,").replace(",32,1,", ",32,9,"))
              .filter(line -> !line.contains("fixed-point"))
              .collect(Collectors.joining("\n")));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> text("first/online-90", "second/baseline"))
        .withMessageContaining("expected a seed that both have");
  }

  @Test
  void whatCannotBeComparedIsRefused() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> text("first/online-91", "first/baseline"))
        .withMessageContainingAll("first has no method 'online-91'", "baseline, online-90");
    Files.createDirectory(folder.resolve("first/figures"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> text("first", "first/baseline"))
        .withMessageContaining("expected RUN/METHOD, found a folder");
    Path provenance = folder.resolve("first/provenance.json");
    Files.writeString(provenance, "{\"sha256\": {\"toy/test\": \"1\"}}");
    Files.writeString(
        folder.resolve("second/provenance.json"), "{\"sha256\": {\"toy/test\": \"2\"}}");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> text("first/online-90", "second/baseline"))
        .withMessageContaining("expected the same data, found two versions of toy/test");
    Path rows = folder.resolve("second").resolve(Row.FILE);
    Files.writeString(rows, Files.readString(rows).replace(",toy,", ",other,"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> text("first/online-90", "second/baseline"))
        .withMessageContainingAll(
            "expected one data set and its test texts", "toy (100 texts", "other (100");
  }
}
