package io.github.lowrank.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TensorBundleTest {
  @TempDir Path folder;

  @Test
  void keepsEveryBit() throws IOException {
    Path bundle = folder.resolve("b");
    float[] floats = {1.5f, -0f, Float.MIN_VALUE, Float.NaN};
    new TensorBundle().put("f", new float[] {9}, 1).save(bundle);
    new TensorBundle()
        .put("f", floats, 2, 2)
        .put("d", new double[] {Math.PI}, 1)
        .put("l", new long[] {Long.MIN_VALUE, 7}, 2)
        .put("b", new byte[] {-1, 0, 127}, 3)
        .save(bundle);
    TensorBundle.Loaded loaded = TensorBundle.load(bundle);
    assertThat(loaded.floats("f")).containsExactly(floats);
    assertThat(loaded.doubles("d")).containsExactly(Math.PI);
    assertThat(loaded.longs("l")).containsExactly(Long.MIN_VALUE, 7);
    assertThat(loaded.bytes("b")).containsExactly(-1, 0, 127);
    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(bundle);
    }
  }

  @Test
  void namesWhatIsMissing() {
    assertThatThrownBy(() -> TensorBundle.load(folder.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none holds no checkpoint");
  }
}
