package io.github.lowrank.experiments.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LabelReportTest {
  @Test
  void countsByHand() {
    LabelReport.Counter counter = new LabelReport.Counter(List.of("a", "b", "c", "d"), 0.5);
    counter.count(new float[] {0.9f, 0.6f, 0.1f, 0.2f}, List.of("a", "b")); // exactly right
    counter.count(new float[] {0.7f, 0.1f, 0.4f, 0.2f}, List.of("c", "new")); // a wrong, c missed
    counter.count(new float[] {0.1f, 0.2f, 0.3f, 0.4f}, List.of()); // exactly right
    LabelReport report = counter.report();
    Map<String, Object> facts = report.facts();
    assertThat((double) facts.get("precision_at_1")).isCloseTo(1 / 2.0, within(1e-9));
    assertThat((double) facts.get("recall_at_1")).isCloseTo(1 / 4.0, within(1e-9));
    assertThat((double) facts.get("precision_at_3")).isCloseTo(3 / 6.0, within(1e-9));
    assertThat((double) facts.get("recall_at_3")).isCloseTo(3 / 4.0, within(1e-9));
    assertThat((double) facts.get("precision_at_5")).isCloseTo(3 / 8.0, within(1e-9));
    assertThat((double) facts.get("precision")).isCloseTo(2 / 3.0, within(1e-9));
    assertThat((double) facts.get("recall")).isCloseTo(2 / 4.0, within(1e-9));
    assertThat((double) facts.get("f1")).isCloseTo(4 / 7.0, within(1e-9));
    // a: 2 / 3, b: 1, c: 0; nobody speaks of d.
    assertThat((double) facts.get("macro_f1")).isCloseTo(5 / 9.0, within(1e-9));
    assertThat((double) facts.get("exact")).isCloseTo(2 / 3.0, within(1e-9));
    assertThat(report.accuracy()).isCloseTo(1 / 2.0, within(1e-9));
    assertThat(report.headline()).contains("P@1 50.0 %", "threshold 0.500", "3 texts, 4 labels");
    assertThat(report.table().text()).contains("(unknown label)");
  }

  @Test
  void fewLabelsAreEnough() {
    LabelReport.Counter counter = new LabelReport.Counter(List.of("a", "b"), 0.5);
    counter.count(new float[] {0.9f, 0.6f}, List.of("a", "b"));
    assertThat(counter.report().facts())
        .containsEntry("precision_at_3", 1.0)
        .containsEntry("recall_at_5", 1.0);
  }
}
