package io.github.lowrank.experiments.record;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VersionTest {
  @Test
  void theBuildFillsItIn() {
    assertThat(Version.get()).matches("\\d+\\.\\d+\\.\\d+(-.+)?");
  }
}
