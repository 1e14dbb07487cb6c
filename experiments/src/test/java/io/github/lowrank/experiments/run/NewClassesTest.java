package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.datasets.HoldOut;
import io.github.lowrank.datasets.LabelledFile;
import io.github.lowrank.datasets.OwnFiles;
import io.github.lowrank.datasets.VectorSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NewClassesTest {
  private static final int CLASSES = 6;

  @TempDir Path folder;

  /** Five words of a class's own twelve, with random vectors: so near ones share words. */
  private Path texts(String name, int each, long seed) throws IOException {
    Random random = new Random(seed);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < each * CLASSES; i++) {
      int label = i % CLASSES;
      lines.append("__label__c").append(label);
      for (int w = 0; w < 5; w++) {
        lines.append(' ').append((char) ('a' + label)).append((char) ('a' + random.nextInt(12)));
      }
      lines.append('\n');
    }
    return Files.writeString(folder.resolve(name), lines);
  }

  static List<Map<String, List<String>>> groups() {
    return List.of(
        Map.of(),
        Map.of("a", List.of("c0", "c3"), "b", List.of("c1", "c4"), "c", List.of("c2", "c5")));
  }

  @ParameterizedTest
  @MethodSource("groups")
  void everyArmIsScoredOnTheSameTextsAndTheSameSeedGivesTheSame(Map<String, List<String>> groups)
      throws IOException {
    NewClasses experiment =
        new NewClasses(
            new OwnFiles(
                texts("train.txt", 30, 1),
                Optional.empty(),
                HoldOut.share(0.2),
                Optional.of(texts("test.txt", 20, 2)),
                Optional.empty(),
                new LabelledFile.Columns(null, null, StandardCharsets.UTF_8),
                Integer.MAX_VALUE),
            VectorSource.none(),
            groups,
            groups.isEmpty() ? 2 : 1,
            List.of(1, 8),
            6,
            20,
            1);
    List<NewClasses.Row> rows = new ArrayList<>();
    List<NewClasses.Row> again = new ArrayList<>();
    experiment.run(new DataRoot(folder), RunListener.NONE, rows::add);
    experiment.run(new DataRoot(folder), RunListener.NONE, again::add);
    assertThat(rows).hasSize(2 * (8 + 2) + 3).isEqualTo(again);
    for (int i = 0; i < rows.size(); i++) {
      if (rows.get(i).arm().endsWith("before others go")) { // removing labels harms no other
        assertThat(rows.get(i + 1).among()).isGreaterThanOrEqualTo(rows.get(i).among());
      }
    }
    for (NewClasses.Row row : rows) {
      boolean whole = !row.arm().contains("2 %"); // of few words that is next to nothing
      if (row.shots() == 8 && whole) { // texts of a class share words with eight others of it
        assertThat(row.among()).as(row.toString()).isGreaterThan(0.9);
      }
      if (!Double.isNaN(row.all())) {
        // Two of six classes are new, each with as many test texts as any other.
        assertThat(row.all()).isCloseTo((2 * row.fresh() + 4 * row.old()) / 6, within(1e-9));
        assertThat(row.old()).as(row.toString()).isGreaterThan(whole ? 0.5 : 0.2);
      }
    }
  }
}
