package io.github.lowrank.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.Eval;
import io.github.lowrank.op.CalrSchedule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.types.TFloat32;

class ScheduleTest {
  static List<Schedule> all() {
    return List.of(
        Schedule.constant(1e-3),
        Schedule.exponentialDecay(1e-2, 0.5, 100),
        Schedule.triangular(1e-4, 1e-2, 50),
        Schedule.triangular2(1e-4, 1e-2, 50),
        Schedule.expRange(1e-4, 1e-2, 50, 0.999),
        Schedule.sgdr(1e-5, 1e-2, 70),
        Schedule.oneCycle(1e-2, 300, 0.3),
        Schedule.calr(1e-6, 1e-3, 0.1, 20, 90),
        Schedule.linear(1e-2, 1e-4, 300),
        Schedule.cosine(1e-2, 1e-4, 300),
        Schedule.linear(1e-4, 1e-2, 50).then(50, Schedule.sgdr(1e-5, 1e-2, 70)).times(0.5));
  }

  static List<Schedule> named() {
    return Shape.NAMED.stream().map(shape -> shape.schedule(1e-2, 300)).toList();
  }

  @ParameterizedTest
  @MethodSource({"all", "named"})
  void graphComputesTheSameRate(Schedule schedule) {
    List<Long> steps = new ArrayList<>();
    for (long t = 0; t < 400; t += 7) {
      steps.add(t);
    }
    steps.add(1_000_000_007L);
    List<float[]> rates =
        Eval.floats(
            b -> {
              List<Operand<TFloat32>> out = new ArrayList<>();
              for (long t : steps) {
                out.add(schedule.build(b.tf, b.tf.constant(t)));
              }
              return out;
            });
    for (int i = 0; i < steps.size(); i++) {
      double expected = schedule.rate(steps.get(i));
      assertThat((double) rates.get(i)[0])
          .as("%s at %d", schedule, steps.get(i))
          .isCloseTo(expected, within(1e-6 * Math.max(expected, 1e-6) + 1e-12));
    }
  }

  @Test
  void calrByHand() {
    // hi = 1, lo = 0.01, decay 0.1: n = 2 annealings, half cycle 2, period 4.
    Schedule calr = Schedule.calr(0.01, 1, 0.1, 2, 4);
    double[] expected = {
      0.01, 0.505, 1, 0.505, // bound 1
      0.01, 0.055, 0.1, 0.055, // bound 0.1
      0.01, 0.505, 1 // warm restart
    };
    for (int t = 0; t < expected.length; t++) {
      assertThat(calr.rate(t)).as("t = %d", t).isCloseTo(expected[t], within(1e-12));
    }
    assertThat(((Schedule.Calr) Schedule.calr(1e-8, 1e-3, 0.1, 1000, 138)).annealings())
        .isEqualTo(5);
  }

  @Test
  void otherSchedulesByHand() {
    assertThat(Schedule.triangular2(0, 1, 10).rate(30)).isCloseTo(0.5, within(1e-12));
    assertThat(Schedule.sgdr(0, 1, 10).rate(5)).isCloseTo(0.5, within(1e-12));
    assertThat(Schedule.sgdr(0, 1, 10).rate(10)).isCloseTo(1, within(1e-12));
    assertThat(Schedule.exponentialDecay(1, 0.25, 10).rate(5)).isCloseTo(0.5, within(1e-12));
    assertThat(Schedule.oneCycle(1, 100, 0.25).rate(25)).isCloseTo(1, within(1e-12));
    assertThat(Schedule.oneCycle(1, 100, 0.25).rate(1000)).isCloseTo(1e-4, within(1e-12));
    assertThat(Schedule.expRange(0, 1, 10, 0.5).rate(10)).isCloseTo(1 / 1024.0, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(longs = {99, 100, 101})
  void lastCosineEndsLow(long steps) {
    assertThat(Shape.named("sgdr").schedule(1, steps).rate(steps - 1)).isLessThan(0.05);
  }

  @Test
  void warmedUpShapesByHand() {
    Schedule decay = Shape.named("warmup-stable-decay").schedule(1, 100);
    long[] steps = {0, 4, 9, 10, 79, 80, 85, 99};
    double[] expected = {0.1, 0.5, 1, 1, 1, 1, 0.75, 0.05};
    Schedule cosine = Shape.named("warmup-cosine").schedule(2, 100);
    for (int i = 0; i < steps.length; i++) {
      assertThat(decay.rate(steps[i])).as("t = %s", steps[i]).isCloseTo(expected[i], within(1e-9));
    }
    assertThat(decay.rate(1000)).isZero();
    assertThat(cosine.rate(0)).isCloseTo(0.2, within(1e-12));
    assertThat(cosine.rate(9)).isCloseTo(2, within(1e-12));
    assertThat(cosine.rate(10)).isCloseTo(2, within(1e-12));
    assertThat(cosine.rate(55)).isCloseTo(1, within(1e-12));
    assertThat(cosine.rate(70)).isCloseTo(0.5, within(1e-12)); // cos(2 pi / 3) = -1 / 2
    assertThat(cosine.rate(1000)).isCloseTo(0, within(1e-12));
    Schedule constant = Shape.named("warmup-constant").schedule(1, 100);
    assertThat(constant.rate(4)).isCloseTo(0.5, within(1e-12));
    assertThat(constant.rate(99)).isEqualTo(1);
    for (Shape shape : Shape.NAMED) {
      assertThat(shape.schedule(1, 1).rate(0)).as(shape.name()).isPositive();
    }
  }

  @Test
  void calrIsAnOpOfTheGraph() {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      var unused = Schedule.calr(1e-6, 1e-3, 0.1, 20, 90).build(tf, tf.constant(3L));
      assertThat(graph.toGraphDef().getNodeList().stream().map(NodeDef::getOp))
          .contains(CalrSchedule.OP);
      assertThat(unused.shape().numDimensions()).isZero();
    }
  }

  @Test
  void refusesNonsense() {
    assertThatThrownBy(() -> Schedule.constant(0)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> Schedule.triangular(1, 0.5, 10))
        .hasMessageContaining("lower is 1.0 and upper 0.5");
    assertThatThrownBy(() -> Schedule.calr(0.1, 1, 1.5, 10, 10))
        .hasMessageContaining("decay must be in (0, 1), but is 1.5");
    assertThatThrownBy(() -> Schedule.oneCycle(1, 10, 1)).hasMessageContaining("warm-up");
  }
}
