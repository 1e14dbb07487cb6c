package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimTest {
  @TempDir Path folder;

  @Test
  void claimsComeBackFromTheirFile() throws IOException {
    Cell cell =
        new Cell(
            "trec",
            "dan",
            "r",
            "online 90 %",
            "baseline",
            20,
            500,
            -0.004,
            -0.009,
            0.001,
            0.01,
            Double.NaN,
            0.006,
            Double.NaN,
            Cell.NOT_SHOWN);
    Overall overall =
        new Overall(1, -0.004, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Cell.NOT_SHOWN);
    List<Claim> claims =
        List.of(
            new Claim(
                "1", "s", Claim.Kind.NON_INFERIORITY, 0.01, Claim.POINTS, List.of(cell), overall),
            new Claim("4", "t", Claim.Kind.SUPERIORITY, 0, Claim.POINTS, List.of(), overall));
    Claim.write(folder, claims);
    assertThat(Claim.read(folder)).isEqualTo(claims);
    assertThat(Files.readString(folder.resolve(Claim.FILE)))
        .startsWith("{\n  \"claims\" : [ {\n    \"id\" : \"1\"")
        .contains("\"adjusted\" : null")
        .doesNotContain("NaN", "carries");
  }

  @Test
  void anotherFileIsNamed() throws IOException {
    Files.writeString(folder.resolve(Claim.FILE), "{\"claims\": [{\"id\": \"1\"}]}");
    assertThatThrownBy(() -> Claim.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("claims.json: ")
        .hasMessageContaining("sentence");
  }
}
