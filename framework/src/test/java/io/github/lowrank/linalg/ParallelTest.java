package io.github.lowrank.linalg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class ParallelTest {
  @Test
  void everyRowComesOnce() {
    AtomicIntegerArray times = new AtomicIntegerArray(1003);
    Parallel.blocks(
        1003,
        16,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            times.incrementAndGet(i);
          }
        });
    for (int i = 0; i < 1003; i++) {
      assertThat(times.get(i)).isEqualTo(1);
    }
    Parallel.blocks(0, 16, (from, to) -> assertThat(to).isNegative());
  }

  @Test
  void theFirstFailureIsThrownOn() {
    assertThatThrownBy(
            () ->
                Parallel.blocks(
                    1000,
                    1,
                    (from, to) -> {
                      if (from == 7) {
                        throw new OutOfMemoryError("a test");
                      }
                    }))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessage("a test");
  }
}
