package io.github.lowrank.experiments.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.experiments.catalogue.Experiments;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ExperimentTest {
  static List<Experiment> all() {
    return Experiments.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void everyMethodHasTheSameBudget(Experiment experiment) {
    for (Method method : experiment.methods()) {
      double share = method.steps().stream().mapToDouble(Step::share).sum();
      double whole = method.name().equals("online-before-retraining") ? 0.5 : 1;
      assertThat(share).as(method.id()).isCloseTo(whole, within(1e-9));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void trialsAreUniqueAndBeginWithTheBaseline(Experiment experiment) {
    assertThat(experiment.methods().stream().map(Method::id)).doesNotHaveDuplicates();
    assertThat(experiment.methods().get(0).parameters()).doesNotContainKey("removed");
  }

  @Test
  void idsTellMethodsApart() {
    assertThat(Method.online(0.9).id()).isEqualTo("online-90");
    assertThat(Method.online(0.975).id()).isEqualTo("online-97.5");
    assertThat(Method.fixedPoint(4).id()).isEqualTo("fixed-point-4bit");
    assertThat(Method.baseline().id()).isEqualTo("baseline");
    assertThat(Method.online(0.9).withRemoved(0.5).parameters().get("removed")).isEqualTo(0.5);
    assertThat(Method.fixedPoint(4).withRemoved(0.5)).isEqualTo(Method.fixedPoint(4));
  }

  @Test
  void settingsChangeThePlan() {
    Experiment e =
        Experiments.all().get(0).set("steps=77").set("rates=1e-3,0.5").set("removed=0.5");
    assertThat(e.plan().steps()).isEqualTo(77);
    assertThat(e.plan().rates()).containsExactly(1e-3, 0.5);
    assertThat(e.methods().get(1).parameters().get("removed")).isEqualTo(0.5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "stepz=3 | expected key=value with one of the keys [steps, batch,",
        "steps | expected key=value",
        "steps=x | --set steps: expected a number, found 'x'",
        "steps=0 | must be at least 1",
        "removed=1 | the removed fraction R must be in (0, 1), but is 1.0",
        "removed=-2 | the removed fraction R must be in (0, 1), but is -2.0",
        "later=up | gentle-calr], found 'up'",
        "rates=0 | rates must be above 0"
      })
  void badSettingsAreExplained(String assignment, String message) {
    assertThatThrownBy(() -> Experiments.all().get(0).set(assignment))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
