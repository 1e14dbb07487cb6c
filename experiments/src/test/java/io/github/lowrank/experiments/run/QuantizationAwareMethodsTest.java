package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.datasets.DataRoot;
import io.github.lowrank.experiments.Tiny;
import io.github.lowrank.experiments.record.Row;
import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.FactorizeToBytes;
import io.github.lowrank.experiments.spec.FactorizeWeights;
import io.github.lowrank.experiments.spec.FakeQuantize;
import io.github.lowrank.experiments.spec.FakeQuantizeWeights;
import io.github.lowrank.experiments.spec.Method;
import io.github.lowrank.experiments.spec.Pack;
import io.github.lowrank.experiments.spec.Train;
import io.github.lowrank.export.TextClassifier;
import io.github.lowrank.io.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Methods that quantize while they train, from the texts to the SavedModel. */
class QuantizationAwareMethodsTest {
  @TempDir Path folder;

  private static double weightBytes(Row row) {
    return row.number("weight_bytes").orElseThrow();
  }

  @Test
  void trainPackExportAndAnswer() throws IOException {
    Experiment tiny = Tiny.experiment(folder, "tiny");
    Experiment experiment =
        tiny.withSeeds(1)
            .withPlan(tiny.plan().at(1e-3))
            .withMethods(
                List.of(
                    Method.baseline(),
                    Method.onlineToBytes(0.1),
                    Method.onlineRounded(0.1, 4),
                    Method.onlineQuantizationAware(0.1, 4),
                    Method.onlineQuantizationAware(0.1, 1),
                    Method.rounded(2),
                    Method.quantizationAware(2),
                    Method.offlineToBytes(0.1),
                    Method.offlineQuantizationAware(0.1, 4),
                    Method.offlineRowsToBytes(0.1),
                    Method.factorizedFromScratch(0.1),
                    Method.factorizedFromScratch(0.1, 4),
                    Method.tensorTrainOnline(0.1),
                    Method.tensorTrainOffline(0.1),
                    Method.tensorTrainFromScratch(0.1),
                    Method.baseline().taught(),
                    Method.onlineQuantizationAware(0.1, 4).taught(),
                    Method.offlineQuantizationAware(0.1, 4).taught(),
                    Method.whole(0.1, 4, 4).taught(),
                    new Method(
                        "factors",
                        new Train(0.5),
                        new FactorizeWeights(0.5),
                        new FakeQuantizeWeights(4),
                        new FactorizeToBytes(0.1, 4, true),
                        new FakeQuantize(4),
                        new Train(0.5),
                        new Pack()),
                    Method.ranked(3, 4)));
    // The same methods, read from a file.
    assertThat(Json.parse(Json.pretty(experiment), "methods", Experiment.class))
        .isEqualTo(experiment);
    Path run = folder.resolve("run");
    new ExperimentRun(experiment, new DataRoot(folder), run).run();
    List<Row> rows = Row.read(run.resolve(Row.FILE));
    assertThat(rows).hasSize(21);
    long whole = rows.get(0).size().embeddingBytes();
    for (Row row : rows) {
      long bytes = row.size().embeddingBytes();
      switch (row.method()) {
        case "baseline", "baseline-taught" -> assertThat(bytes).isEqualTo(whole);
        // Folded with the layer after it, a table is smaller than the method was allowed.
        case "rounded", "quantization-aware" ->
            // 75 bytes a row, one scale and minimum, and one scale per column
            assertThat(bytes).isEqualTo(whole / 1200 * 75 + 8 + 1200);
        case "whole-taught", "factors" ->
            assertThat(weightBytes(row)).isLessThanOrEqualTo(weightBytes(rows.get(0)) / 10);
        case "rank-3" -> assertThat(row.number("rank")).hasValue(3);
        default -> assertThat(bytes).as(row.trial()).isLessThanOrEqualTo(whole / 10);
      }
      if (!row.trial().startsWith("baseline")) {
        assertThat(row.size().savedModelBytes()).isLessThan(rows.get(0).size().savedModelBytes());
      }
      try (TextClassifier model = TextClassifier.load(run.resolve("models").resolve(row.trial()))) {
        assertThat(model.predict(List.of("dull1 dull2", "fun1 fun2"))).hasSize(2);
      }
    }
    assertThat(rows.stream().map(Row::trial))
        .contains(
            "online-bytes-10kept-seed1",
            "online-quantization-aware-10kept-4bit-seed1",
            "quantization-aware-2bit-seed1");
  }
}
