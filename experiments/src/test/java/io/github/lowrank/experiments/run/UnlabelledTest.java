package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.lowrank.datasets.Split;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class UnlabelledTest {
  private static final Split TRAIN =
      Split.of(List.of("one two  three\tfour five", "", "single"), new int[] {0, 1, 0});

  @Test
  void spansAreParts() throws IOException {
    Unlabelled cut = Unlabelled.of(TRAIN::read, 40, List.of("another text"));
    assertThat(cut.size()).isEqualTo(121);
    assertThat(cut.parts()[120]).isEqualTo(Split.UNKNOWN);
    assertThat(cut.texts().get(120)).isEqualTo("another text");
    for (int i = 0; i < 40; i++) {
      assertThat(cut.parts()[i]).isZero();
      assertThat("one two three four five").contains(cut.texts().get(i));
      assertThat(cut.texts().get(i)).isNotEmpty();
      assertThat(cut.texts().get(40 + i)).isEmpty();
      assertThat(cut.texts().get(80 + i)).isEqualTo("single");
    }
    assertThat(cut.texts().subList(0, 40)).contains("one", "five", "one two three four five");
  }

  @Test
  void areTheSameEachTime() throws IOException {
    assertThat(Unlabelled.of(TRAIN::read, 5, List.of()).texts())
        .isEqualTo(Unlabelled.of(TRAIN::read, 5, List.of()).texts());
    assertThat(Unlabelled.of(TRAIN::read, 0, List.of()).size()).isZero();
  }
}
