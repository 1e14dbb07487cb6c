package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.embedding.Codewords.Join;
import io.github.lowrank.experiments.Tiny;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.spec.CodewordsToBytes;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.HashRows;
import io.github.lowrank.experiments.spec.LearnCodes;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.export.TextClassifier;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Methods of codewords, from the texts to the SavedModel. */
class CodewordMethodsTest {
  private static final double KEPT = 0.2;

  @TempDir Path folder;

  @Test
  void trainPackExportAndAnswer() throws IOException {
    Experiment tiny = Tiny.experiment(folder, "tiny");
    Experiment experiment =
        tiny.withSeeds(1)
            .withPlan(tiny.plan().at(1e-3))
            .withMethods(
                List.of(
                    Method.baseline(),
                    Method.concatenatedCodewords(KEPT, 2),
                    Method.concatenatedCodewordsAfter(KEPT, 2),
                    Method.summedCodewords(KEPT, 3),
                    Method.sharedRows(KEPT),
                    Method.hashedRows(KEPT, 2),
                    Method.learnedCodes(KEPT, 2)));
    Path run = folder.resolve("run");
    new ExperimentRun(experiment, new DataRoot(folder), run).run();
    List<Row> rows = Row.read(run.resolve(Row.FILE));
    assertThat(rows).hasSize(7);
    long whole = rows.get(0).size().embeddingBytes();
    for (Row row : rows.subList(1, 7)) {
      assertThat(row.size().embeddingBytes())
          .as(row.trial())
          .isLessThanOrEqualTo((long) (whole * KEPT))
          .isGreaterThan((long) (whole * KEPT / 4));
      assertThat(row.size().savedModelBytes()).isLessThan(rows.get(0).size().savedModelBytes());
      try (TextClassifier model = TextClassifier.load(run.resolve("models").resolve(row.trial()))) {
        assertThat(model.predict(List.of("dull1 dull2", "fun1 fun2"))).hasSize(2);
      }
    }
    assertThat(rows.stream().map(Row::trial))
        .contains(
            "concatenated-codewords-20kept-2bitcodes-8bit-seed1",
            "hashed-rows-20kept-2hashes-8bit-seed1");
  }

  @Test
  void valuesThatNoTableHasAreTold() {
    assertThatThrownBy(() -> new CodewordsToBytes(1, Join.SUMMED, 2, 8))
        .hasMessage("the kept share of the bytes must be in (0, 1), but is 1.0");
    assertThatThrownBy(() -> new LearnCodes(0.1, 13, 8))
        .hasMessage("code bits must be in 1 .. 12, but is 13");
    assertThatThrownBy(() -> new HashRows(0.1, 0, 8))
        .hasMessage("expected a hash or more per word, found 0");
  }
}
