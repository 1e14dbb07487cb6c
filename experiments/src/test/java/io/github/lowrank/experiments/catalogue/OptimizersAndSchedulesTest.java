package io.github.lowrank.experiments.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.experiments.spec.Experiment;
import io.github.lowrank.experiments.spec.Method;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What makes the comparison fair. */
class OptimizersAndSchedulesTest {
  static List<Experiment> all() {
    return OptimizersAndSchedules.experiments();
  }

  static List<Experiment> searched() {
    return all().stream().filter(e -> !e.name().startsWith("calr-untuned")).toList();
  }

  static List<Experiment> withTheDan() {
    return searched().stream().filter(e -> e.name().contains("-dan-")).toList();
  }

  private static List<Method> scheduled(Experiment e) {
    return e.methods().stream().filter(m -> m.parameters().containsKey("schedule")).toList();
  }

  @ParameterizedTest
  @MethodSource("searched")
  void everyPairBeginsWithAsManyRatesAndEveryOptimizerHasTheSameSchedules(Experiment experiment) {
    assertThat(experiment.methods().stream().map(m -> m.rates().size()).distinct()).hasSize(1);
    Map<Object, List<Object>> schedules =
        scheduled(experiment).stream()
            .filter(m -> !m.name().startsWith("schedule-free"))
            .collect(
                Collectors.groupingBy(
                    m -> m.parameters().get("optimizer"),
                    Collectors.mapping(m -> m.parameters().get("schedule"), Collectors.toList())));
    assertThat(schedules.values().stream().distinct()).hasSize(1);
    List<Object> names = schedules.values().iterator().next();
    assertThat(names)
        .doesNotHaveDuplicates()
        .contains("linear-to-zero", "warmup-stable-decay", "warmup-cosine", "calr")
        .contains("calr-authors");
    for (Method m : scheduled(experiment)) {
      assertThat(m.name())
          .isEqualTo(m.parameters().get("optimizer") + "-" + m.parameters().get("schedule"));
    }
  }

  /** Else its best of few on dev is compared with the others' best of many. */
  @ParameterizedTest
  @MethodSource("withTheDan")
  void withTheDanCalrHasAsManyConstantsAsThereAreOtherSchedules(Experiment experiment) {
    Map<Boolean, Long> counts =
        scheduled(experiment).stream()
            .filter(m -> m.name().startsWith("momentum"))
            .collect(
                Collectors.partitioningBy(m -> m.name().contains("calr"), Collectors.counting()));
    assertThat(counts.get(true)).isEqualTo(counts.get(false)).isEqualTo(9);
  }

  @ParameterizedTest
  @MethodSource("searched")
  void ratesOfASearchGoOnUntilTheBestIsInside(Experiment experiment) {
    assertThat(experiment.plan().laters()).hasSize(1);
    assertThat(experiment.plan().words()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("all")
  void retrainingsShareTheirFirstHalf(Experiment experiment) {
    if (experiment.name().startsWith("retraining")) {
      assertThat(
              experiment.methods().stream()
                  .map(m -> experiment.trial(m, 1, m.rates().get(0)).id(1))
                  .distinct())
          .hasSize(1);
    }
  }
}
