package io.github.lowrank.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.DataType;

class CheckpointFileTest {
  @TempDir Path folder;

  @Test
  void aCopyHoldsTheSame() throws IOException {
    for (String name : new String[] {"attention", "mod-resource", "half"}) {
      CheckpointFile file = CheckpointFile.of(ForeignModels.unpack(name, folder)).orElseThrow();
      Path copied = folder.resolve(name + "-copy");
      file.copy(copied.resolve("variables/variables"), Map.of());
      CheckpointFile copy = CheckpointFile.of(copied).orElseThrow();
      assertThat(copy.keys()).isEqualTo(file.keys()).isNotEmpty();
      for (String key : file.keys()) {
        if (file.entry(key).getShape().getDimCount() == 2) {
          assertThat(copy.matrix(key).values()).isEqualTo(file.matrix(key).values());
        }
      }
    }
  }

  @Test
  void partsOfAPartitionedVariableAreRows() throws IOException {
    CheckpointFile file =
        CheckpointFile.of(ForeignModels.unpack("div-resource", folder)).orElseThrow();
    assertThat(file.entry("embedding").getSlicesCount()).isEqualTo(3);
    float[] rows = file.matrix("embedding").values();
    assertThat(rows).hasSize(60 * 12);
    byte[] bytes = Numbers.write(DataType.DT_FLOAT, rows);
    Path copied = folder.resolve("copy");
    file.copy(
        copied.resolve("variables/variables"),
        Map.of("embedding", new CheckpointFile.Replacement(60, 12, bytes)));
    assertThat(CheckpointFile.of(copied).orElseThrow().matrix("embedding").values())
        .isEqualTo(rows);
    assertThatThrownBy(() -> file.matrix("nothing"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected the key nothing, found none");
  }

  /** Lengths and places that lead out of the file, or to more memory than there is. */
  @Test
  void numbersOfADamagedIndexAreNotBelieved() throws IOException {
    Path model = ForeignModels.unpack("half", folder);
    Path index = model.resolve("variables/variables.index");
    byte[] whole = Files.readAllBytes(index);
    for (int i = 0; i < whole.length; i++) {
      for (int mask : new int[] {0x01, 0x7f, 0x80, 0xff}) {
        byte[] changed = whole.clone();
        changed[i] ^= (byte) mask;
        Files.write(index, changed);
        try {
          CheckpointFile file = CheckpointFile.of(model).orElseThrow();
          for (String key : file.keys()) {
            refusesOrReads(() -> file.matrix(key));
            refusesOrReads(() -> file.string(key));
          }
        } catch (IOException e) {
          assertThat(e).hasMessageContaining("variables");
        }
      }
    }
  }

  private static void refusesOrReads(ThrowingCallable reading) {
    Throwable thrown = catchThrowable(reading);
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(IOException.class);
    }
  }

  @Test
  void otherFilesAreNoIndex() throws IOException {
    Path index = folder.resolve("variables/variables.index");
    Files.createDirectories(index.getParent());
    Files.write(index, new byte[100]);
    assertThatThrownBy(() -> CheckpointFile.of(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected the index of a checkpoint, found other bytes");
  }

  @Test
  void narrowNumbersAreRounded() throws IOException {
    float[] values = {0, -0f, 1, -1.5f, 0.1f, 65504, 1e-7f, 3e-5f, 70000, Float.NaN, 2049};
    float[] halves = new float[values.length];
    Numbers.read(DataType.DT_HALF, Numbers.write(DataType.DT_HALF, values), halves, 0);
    assertThat(halves)
        .containsExactly(
            0f,
            -0f,
            1f,
            -1.5f,
            0.099975586f,
            65504f,
            1.1920929e-7f,
            2.9981136e-5f,
            Float.POSITIVE_INFINITY,
            Float.NaN,
            2048f);
    float[] brains = new float[values.length];
    Numbers.read(DataType.DT_BFLOAT16, Numbers.write(DataType.DT_BFLOAT16, values), brains, 0);
    assertThat(brains[4]).isEqualTo(0.100097656f);
    assertThat(brains[2]).isEqualTo(1f);
  }
}
