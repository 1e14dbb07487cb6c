package io.github.lowrank.experiments.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.junit.jupiter.api.Test;

class DevicesTest {
  private static final String CLASS_PATH = "java.class.path";

  @Test
  void withoutTheCudaBuildThatIsWhatIsMissing() {
    assumeFalse(Devices.cudaBuild(), "TensorFlow's CUDA build is on the class path");
    assertThat(Devices.gpu()).isFalse();
    assertThat(Devices.missing())
        .startsWith(
            "no GPU found: looked for TensorFlow's CUDA build (classifier linux-x86_64-gpu)")
        .contains("found the CPU build for " + System.getProperty("os.name").toLowerCase())
        .contains("-Pgpu")
        .doesNotContain("\n");
  }

  @Test
  void withTheCudaBuildADeviceIsLookedFor() {
    assumeFalse(Devices.gpu(), "there is a GPU");
    String classPath = System.getProperty(CLASS_PATH);
    try {
      System.setProperty(CLASS_PATH, classPath + ":/lib/tensorflow-linux-x86_64-gpu.jar");
      assertThat(Devices.cudaBuild()).isTrue();
      // The CPU build answers as the CUDA build does where there is no GPU.
      assertThat(Devices.gpu()).isFalse();
      assertThat(Devices.missing())
          .startsWith("no GPU found: looked for /device:GPU:0 with TensorFlow 2.")
          .contains("NVIDIA driver")
          .doesNotContain("\n");
    } finally {
      System.setProperty(CLASS_PATH, classPath);
    }
  }
}
