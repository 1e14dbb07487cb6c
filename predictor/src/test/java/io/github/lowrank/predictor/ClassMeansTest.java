package io.github.lowrank.predictor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClassMeansTest {
  private final ClassMeans two =
      new ClassMeans(
          List.of("a", "b"), List.of(new float[] {1, 2}, new float[] {5, 6}), List.of(1, 3));

  private static float[] mean(ClassMeans means, String label) {
    return means.means().get(means.labels().indexOf(label));
  }

  @Test
  void addsToMeansAndTakesLabelsAway() {
    ClassMeans more =
        two.add("a", List.of(new float[] {3, 4})).add("c", List.of(new float[] {7, 7}));
    assertThat(more.labels()).containsExactly("a", "b", "c");
    assertThat(more.counts()).containsExactly(2, 3, 1);
    assertThat(mean(more, "a")).containsExactly(2, 3);
    assertThat(mean(more, "c")).containsExactly(7, 7);
    assertThat(more.prior()).containsExactly(2 / 6f, 3 / 6f, 1 / 6f);
    assertThat(more.remove("b").labels()).containsExactly("a", "c");
    assertThat(two.labels()).containsExactly("a", "b");
  }

  @Test
  void mergesByTheNumberOfTexts() {
    ClassMeans one = two.merge("a", "b");
    assertThat(one.labels()).containsExactly("b");
    assertThat(one.counts()).containsExactly(4);
    assertThat(mean(one, "b")).containsExactly(4, 5);
    ClassMeans renamed = two.merge("a", "z");
    assertThat(renamed.labels()).containsExactly("z", "b");
    assertThat(mean(renamed, "z")).containsExactly(1, 2);
  }

  @Test
  void refusesWhatIsNotThere() {
    assertThatThrownBy(() -> two.remove("x")).hasMessage("expected one of the 2 labels, found 'x'");
    assertThatThrownBy(() -> two.merge("x", "a")).hasMessageContaining("found 'x'");
    assertThatThrownBy(() -> two.merge("a", "a")).hasMessageContaining("'a' twice");
    assertThatThrownBy(() -> two.remove("a").remove("b")).hasMessageContaining("the only one");
    assertThatThrownBy(() -> two.merge("a", " ")).hasMessage("expected a label, found ' '");
    assertThatThrownBy(() -> two.add("", List.of(new float[2]))).hasMessageContaining("found ''");
    assertThatThrownBy(() -> two.add("a", List.of())).hasMessageContaining("found none");
    assertThatThrownBy(() -> two.add("a", List.of(new float[3]))).hasMessageContaining("found 3");
    assertThatThrownBy(
            () ->
                new ClassMeans(
                    List.of("a", "a"), List.of(new float[1], new float[1]), List.of(1, 1)))
        .hasMessageContaining("different labels");
  }

  @Test
  void lorentzPrototypesLieOnTheHyperboloid() {
    ClassMeans lifted =
        new ClassMeans(
            List.of("a"),
            List.of(
                new ClassMeans(
                        List.of("x"), List.of(Space.LORENTZ.lift(new float[] {1, 2})), List.of(1))
                    .add("x", List.of(Space.LORENTZ.lift(new float[] {-3, 1})))
                    .means()
                    .get(0)),
            List.of(2));
    float[][] p = lifted.prototypes(Space.LORENTZ);
    double product = -p[0][0] * p[0][0] + p[1][0] * p[1][0] + p[2][0] * p[2][0];
    assertThat(product).isCloseTo(-1, org.assertj.core.api.Assertions.within(1e-5));
  }
}
