package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
          "grid-toy-dan/trials.csv", "grid-toy-dan/correct.csv", "schedules-toy-dan/trials.csv"
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
        .contains("<svg", "Omitted, of 5 data sets")
        .doesNotContain("<script", "src=");
    JsonNode claims = new ObjectMapper().readTree(folder.resolve("claims.json").toFile());
    // -0.33 +- 1.43 points reaches below -1; 3.33 +- 1.43 points lie above 0.
    assertThat(claims.get(0).get("verdict").asText()).isEqualTo("not shown");
    assertThat(claims.get(1).get("claim").asText()).startsWith("2a. better than offline");
    assertThat(claims.get(1).get("verdict").asText()).isEqualTo("holds");
    JsonNode summary = new ObjectMapper().readTree(folder.resolve("summary.json").toFile());
    assertThat(summary).hasSize(4 + 5);
    assertThat(summary.get(1).get("label").asText()).isEqualTo("online 90 %");
    assertThat(summary.get(1).get("method").asText()).isEqualTo("online");
    assertThat(summary.get(1).get("difference_to_first").get("mean").asDouble())
        .isCloseTo(-1 / 300.0, org.assertj.core.api.Assertions.within(1e-12));
  }

  @Test
  void reportIsThatOfTheRows() throws IOException {
    Report.render(folder.resolve("grid-toy-dan"));
    assertThat(folder.resolve("grid-toy-dan/report.md")).hasContent(resource("report.md"));
  }

  @Test
  void aFolderWithoutRunsIsNamed() throws IOException {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    assertThatThrownBy(() -> Comparisons.render(empty))
        .hasMessageContaining("empty: expected folders with trials.csv, found none");
  }
}
