package io.github.lowrank.op;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SessionsTest {
  @Test
  void thePropertyHidesEveryGpu() {
    assertThat(Sessions.config().getDeviceCountMap()).isEmpty();
    assertThat(Sessions.config().getGpuOptions().getAllowGrowth()).isTrue();
    try {
      System.setProperty(Sessions.DEVICE, "cpu");
      assertThat(Sessions.config().getDeviceCountMap()).containsEntry("GPU", 0);
    } finally {
      System.clearProperty(Sessions.DEVICE);
    }
  }
}
