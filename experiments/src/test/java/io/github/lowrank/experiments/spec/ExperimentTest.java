package io.github.lowrank.experiments.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.experiments.catalogue.Experiments;
import io.github.lowrank.experiments.catalogue.Quickstart;
import io.github.lowrank.io.Json;
import io.github.lowrank.optimizer.Optimizer;
import io.github.lowrank.schedule.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @Test
  void everyKeyCanBeSet() {
    Experiment e = Quickstart.experiment();
    assertThat(e.settings())
        .containsExactly(
            "steps",
            "batch",
            "evaluate-every",
            "optimizer",
            "first",
            "later",
            "rates",
            "max-length",
            "limit",
            "pairs",
            "spans",
            "laters",
            "words",
            "shrunk",
            "removed");
    assertThat(e.set("laters=constant,calr").plan().laters())
        .containsExactly(Shape.named("constant"), Shape.CALR);
    assertThat(e.set("words=2").plan().words()).isEqualTo(2);
    assertThat(e.set("shrunk=0.5").plan().shrunk()).isEqualTo(0.5);
    assertThat(e.set("steps=9").plan().steps()).isEqualTo(9);
    assertThat(e.set("batch=8").plan().batch()).isEqualTo(8);
    assertThat(e.set("evaluate-every=7").plan().evaluateEvery()).isEqualTo(7);
    assertThat(e.set("max-length=6").plan().maxLength()).isEqualTo(6);
    assertThat(e.set("limit=5").plan().limit()).isEqualTo(5);
    assertThat(e.set("pairs=2").plan().pairs()).isEqualTo(2);
    assertThat(e.set("pairs=2").set("pairs=3").plan().pairs()).isEqualTo(3);
    assertThat(e.set("rates=0.5").plan().rates()).containsExactly(0.5);
    assertThat(e.set("rates=1e-3,2E-3").plan().rates()).containsExactly(1e-3, 2e-3);
    Experiment removed = e.set("removed=0.5");
    assertThat(removed.methods().stream().map(Method::id))
        .contains("online-50", "offline-50", "fixed-point-4bit")
        .doesNotContain("online-90");
    assertThat(removed.plan()).isEqualTo(e.plan());
    // Nothing else changes.
    assertThat(e.set("batch=8").withPlan(e.plan())).isEqualTo(e);
    assertThat(e.set("batch=8").set("batch=50")).isEqualTo(e);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sgd",
        "momentum",
        "adagrad",
        "rmsprop",
        "adam",
        "schedule-free-sgd",
        "schedule-free-adamw"
      })
  void optimizersAreSetByNameAndAsJson(String name) {
    Experiment e = Quickstart.experiment();
    Optimizer named = e.set("optimizer=" + name).plan().optimizer();
    assertThat(named).isEqualTo(Optimizer.named(name));
    assertThat(e.set("optimizer=" + Json.canonical(named)).plan().optimizer()).isEqualTo(named);
  }

  @Test
  void schedulesAreSetByNameAndAsJson() {
    Experiment e = Quickstart.experiment();
    for (Shape shape : Shape.NAMED) {
      for (String key : List.of("first", "later")) {
        for (String value : List.of(shape.name(), Json.canonical(shape))) {
          Plan plan = e.set(key + "=" + value).plan();
          assertThat(key.equals("first") ? plan.first() : plan.later()).isEqualTo(shape);
          assertThat(key.equals("first") ? plan.later() : plan.first())
              .isEqualTo(key.equals("first") ? e.plan().later() : e.plan().first());
        }
      }
    }
  }

  @Test
  void constantsOfTheUsersOwnAreSetAsJson() {
    Plan plan =
        Quickstart.experiment()
            .set("optimizer={\"type\":\"adam\",\"beta1\":0.5,\"beta2\":0.75,\"epsilon\":0.25}")
            .plan();
    assertThat(plan.optimizer()).isEqualTo(new Optimizer.Adam(0.5f, 0.75f, 0.25f));
  }

  @Test
  void twoMethodsOfOneIdAreRefused() {
    Experiment e = Quickstart.experiment();
    assertThatThrownBy(
            () ->
                e.withMethods(
                    List.of(Method.online(0.9), Method.onlinePaperSplit(0.9).named("online"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("two methods are called online-90: give one of them another name");
    // They may become so by a setting.
    Experiment two = e.withMethods(List.of(Method.online(0.9), Method.online(0.8)));
    assertThatThrownBy(() -> two.set("removed=0.5"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "--set removed=0.5: two methods are called online-50: give one of them another name");
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
        "rates=0 | rates must be above 0",
        "rates=a | --set rates: expected a number, found 'a'",
        "optimizer=adamw | rmsprop",
        "optimizer={\"type\":\"adamw\"} | expected a kind of Optimizer, found 'adamw'",
        "first={\"type\": | expected more, found the end",
        "batch=99999999999 | --set batch=99999999999"
      })
  void badSettingsAreExplained(String assignment, String message) {
    assertThatThrownBy(() -> Experiments.all().get(0).set(assignment))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
