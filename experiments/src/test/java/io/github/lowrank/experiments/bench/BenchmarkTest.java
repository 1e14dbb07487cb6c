package io.github.lowrank.experiments.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

class BenchmarkTest {
  @Test
  void takesTheMedianOfTheRoundsRatiosAndLeavesOutTheFirst() throws IOException {
    Deque<Double> slow = new ArrayDeque<>(List.of(100.0, 2.0, 9.0, 4.0));
    Deque<Double> fast = new ArrayDeque<>(List.of(1.0, 1.0, 3.0, 1.0));
    Benchmark.Outcome outcome = new Benchmark("b", "s", 3, slow::pop, fast::pop).run(3);
    assertThat(outcome.ratio()).isCloseTo(3, within(1e-12));
    assertThat(outcome.lowest()).isCloseTo(2, within(1e-12));
    assertThat(outcome.highest()).isCloseTo(4, within(1e-12));
    assertThat(outcome.slow()).isEqualTo(4);
    assertThat(outcome.fast()).isEqualTo(1);
    assertThat(outcome.verdict()).isEqualTo("pass");
  }

  @Test
  void saysWhatFailsAndWhatHasNoTarget() throws IOException {
    assertThat(new Benchmark("b", "s", 2, () -> 1, () -> 1).run(1).verdict()).isEqualTo("FAIL");
    assertThat(new Benchmark("b", "s", 0, () -> 1, () -> 2).run(1).verdict()).isEqualTo("measured");
    assertThat(new Benchmark("b", "MB", 1, () -> 1, () -> Double.NaN).run(1).verdict())
        .isEqualTo("not measured");
  }

  @Test
  @EnabledIf("io.github.lowrank.experiments.bench.Memory#available")
  void measuresMemoryInAProcessOfItsOwn() throws IOException {
    // 30,000 rows of 300 floats are 36 MB: more than a block of each thread, less than the bound.
    double megabytes = Memory.megabytes(Memory.Probe.STREAMED_FACTORIZATION, 30_000);
    assertThat(megabytes).isGreaterThan(0).isLessThan(300);
  }
}
