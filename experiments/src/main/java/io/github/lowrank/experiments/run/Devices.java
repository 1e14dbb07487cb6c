package io.github.lowrank.experiments.run;

import io.github.lowrank.op.Sessions;
import java.util.Locale;
import org.tensorflow.DeviceSpec;
import org.tensorflow.EagerSession;
import org.tensorflow.TensorFlow;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;

/** The devices that TensorFlow can use. */
public final class Devices {
  private Devices() {}

  /** Whether TensorFlow's CUDA build is on the class path. */
  public static boolean cudaBuild() {
    return System.getProperty("java.class.path", "").contains("-gpu.jar");
  }

  /** Whether TensorFlow can place an op on a GPU. */
  public static boolean gpu() {
    if (!cudaBuild()) {
      return false;
    }
    try (EagerSession session =
        EagerSession.options()
            .config(Sessions.config())
            .devicePlacementPolicy(EagerSession.DevicePlacementPolicy.EXPLICIT)
            .build()) {
      Ops tf = Ops.create(session);
      tf.withDevice(
              DeviceSpec.newBuilder().deviceType(DeviceSpec.DeviceType.GPU).deviceIndex(0).build())
          .math
          .add(tf.constant(1f), tf.constant(2f))
          .asTensor();
      return true;
    } catch (TensorFlowException | IllegalArgumentException e) {
      return false;
    }
  }

  /** One line that states what {@code --device gpu} looked for and did not find. */
  public static String missing() {
    return cudaBuild()
        ? "no GPU found: looked for /device:GPU:0 with TensorFlow %s (CUDA build: needs an NVIDIA driver, CUDA 12.5 and cuDNN 9.3)"
            .formatted(TensorFlow.version())
        : "no GPU found: looked for TensorFlow's CUDA build (classifier linux-x86_64-gpu) on the class path, found the CPU build for %s %s; start with ./lowrank, or build with -Pgpu"
            .formatted(
                System.getProperty("os.name").toLowerCase(Locale.ROOT),
                System.getProperty("os.arch"));
  }
}
