package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class OcclusionTest {
  /** The share of the words that are "wet", and the rest. */
  private static float[] probabilities(String text) {
    List<String> words = text.isEmpty() ? List.of() : List.of(text.split(" "));
    float wet =
        words.isEmpty() ? 0 : words.stream().filter("wet"::equals).count() / (float) words.size();
    return new float[] {wet, 1 - wet};
  }

  private static List<Occlusion.Part> explain(String text) throws IOException {
    return Occlusion.explain(
        text,
        0,
        probabilities(text.strip())[0],
        texts -> texts.stream().map(OcclusionTest::probabilities).toList());
  }

  @Test
  void isWhatTheProbabilityLosesWithoutTheWord() throws IOException {
    List<Occlusion.Part> parts = explain(" wet and wet ");
    assertThat(parts).extracting(Occlusion.Part::word).containsExactly("wet", "and", "wet");
    assertThat(parts.get(0).contribution()).isEqualTo(2 / 3f - 1 / 2f);
    assertThat(parts.get(1).contribution()).isEqualTo(2 / 3f - 1);
    assertThat(Occlusion.strongest(parts, 2))
        .extracting(Occlusion.Part::word)
        .containsExactly("and", "wet");
    assertThat(explain("wet").get(0).contribution()).isEqualTo(1);
    assertThat(explain("  ")).isEmpty();
  }
}
