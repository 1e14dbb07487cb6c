package io.github.lowrank.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.lowrank.graphdef.SavedModels;
import io.github.lowrank.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;

/** Real models of other people's programs: read, compressed, run. */
class ForeignModelsTest {
  private static final Path DATA = Path.of(System.getProperty("lowrank.data", ""));

  @TempDir Path folder;

  /** A given model of data/foreign; the test is skipped where they are not. */
  private static Path given(String name) {
    Path model = DATA.resolve("foreign").resolve(name);
    assumeTrue(
        !System.getProperty("lowrank.data", "").isEmpty() && Files.isDirectory(model),
        "data/foreign/" + name + " is not here: name its folder by -Dlowrank.data=DIR");
    return model;
  }

  private static void sameAnswersBefore(Path model) throws IOException {
    try (ModelCompressor.Runnable runnable = ModelCompressor.runnable(model)) {
      assertThat(ForeignModels.compare(model, runnable.path()).largest()).isLessThan(1e-5);
    }
  }

  private static void sameForm(Path model, Path small) throws IOException {
    var before = ForeignModels.meta(model);
    var after = ForeignModels.meta(small);
    assertThat(after.getSignatureDefMap()).isEqualTo(before.getSignatureDefMap());
    assertThat(after.hasObjectGraphDef()).isEqualTo(before.hasObjectGraphDef());
    assertThat(after.getObjectGraphDef().getNodesCount())
        .isEqualTo(before.getObjectGraphDef().getNodesCount());
    assertThat(after.getCollectionDefMap()).isEqualTo(before.getCollectionDefMap());
    assertThat(
            after.getGraphDef().getLibrary().getFunctionList().stream()
                .map(f -> f.getSignature().getName()))
        .containsAll(
            before.getGraphDef().getLibrary().getFunctionList().stream()
                .map(f -> f.getSignature().getName())
                .toList());
  }

  @ParameterizedTest
  @CsvSource({
    "keras3-lstm-export, embedding_1/embeddings_1, 3000, 0.3, 0.9",
    "keras3-lstm-saved, embedding_1/embeddings, 3000, 0.3, 0.9",
    "keras3-pool-export, embedding/embeddings_1, 3000, 0.3, 0.9",
    "keras3-pool-saved, embedding/embeddings, 3000, 0.3, 0.9",
    "tf1-partitioned, net/embedding, 4000, 0.3, 0.2",
    "tf2-two-towers, item_table, 5000, 0.3, 0",
  })
  void givenModelsCompressBy90Percent(
      String name, String table, int rows, double size, double agreement) throws IOException {
    Path model = given(name);
    sameAnswersBefore(model);
    Path small = folder.resolve("small");
    CompressionRequest request = CompressionRequest.of(0.9).withMinBytes(100_000).stripped();
    ModelCompressor.Outcome outcome = ModelCompressor.compress(model, request, small);
    assertThat(outcome.table().name()).isEqualTo(table);
    assertThat(outcome.table().rows()).isEqualTo(rows);
    assertThat(outcome.tables()).hasSize(name.equals("tf2-two-towers") ? 2 : 1);
    sameForm(model, small);
    assertThat((double) outcome.bytesAfter() / outcome.bytesBefore()).isLessThan(size);
    assertThat(outcome.differences()).isNotEmpty().allSatisfy(d -> assertThat(d.note()).isEmpty());
    ForeignModels.Compared after = ForeignModels.compare(model, small);
    System.out.printf(
        Locale.ROOT,
        "%s: %,d to %,d bytes, same most likely class %.3f, relative difference %.4f%n",
        name,
        outcome.bytesBefore(),
        outcome.bytesAfter(),
        after.agreement(),
        after.relative());
    if (agreement > 0) {
      assertThat(after.agreement()).isGreaterThanOrEqualTo(agreement);
    }
  }

  @Test
  void theGivenLstmIsRetrained() throws IOException {
    Path model = given("keras3-lstm-export");
    Path data = DATA.resolve("sst2");
    assumeTrue(Files.isDirectory(data), "data/sst2 is not here");
    List<String> train = texts(data.resolve("stsa.binary.train"));
    List<String> test = texts(data.resolve("stsa.binary.test"));
    CompressionRequest request = CompressionRequest.of(0.9).comparedOn(test);
    ModelCompressor.Outcome plain =
        ModelCompressor.compress(model, request, folder.resolve("plain"));
    ModelCompressor.Outcome trained =
        ModelCompressor.compress(
            model,
            request.withRetraining(
                new CompressionRequest.Retraining(train, 300, 1, TrainingListener.NONE)),
            folder.resolve("trained"));
    System.out.printf(
        Locale.ROOT,
        "keras3-lstm-export on %d texts: same most likely class %.4f, retrained %.4f%n",
        test.size(),
        plain.differences().get(0).agreement(),
        trained.differences().get(0).agreement());
    assertThat(trained.differences().get(0).agreement()).isGreaterThan(0.95);
    assertThat(trained.differences().get(0).relative())
        .isLessThan(plain.differences().get(0).relative());
  }

  private static List<String> texts(Path file) throws IOException {
    return Files.readAllLines(file).stream().map(line -> line.substring(2)).toList();
  }

  /** Name, table, lookups, largest relative difference at half the numbers. */
  @ParameterizedTest
  @CsvSource({
    "convolution, words/embeddings_1, 1",
    "bidirectional-gru, words/embeddings, 1",
    "attention, words/embeddings, 1",
    "optimizer-slots, words/embeddings, 1",
    "half-keras, words/embeddings_1, 1",
    "mixed-keras, words/embeddings_1, 1",
    "half, table_0, 2",
    "bfloat, table_0, 2",
    "sparse, table_0, 6",
    "gather-nd, table_0, 2",
    "tied, table_0, 2",
    "loop, table_0, 4",
    "two-tables, table_1, 2",
    "shared-function, table_1, 2",
    "mod, table_2, 6",
    "div-resource, embedding, 3",
    "mod-resource, embedding, 3",
    "mod-reference, embedding, 3",
    "v1-sparse, embedding, 2",
    "v1-loop, embedding, 1",
    "text-gru, words/embeddings, 1",
    "scaled, table_2, 2",
    "tied-transposed, table_0, 4",
    "open-shape, open, 2",
    "small-table-beside, table_0, 2",
    "two-graphs, embedding, 1",
    "file-and-choice, table, 3",
    "text-sparse, table, 1",
    "v1-text-loop, embedding, 1",
  })
  void smallModelsKeepTheirAnswers(String name, String table, int lookups) throws IOException {
    Path model = ForeignModels.unpack(name, folder);
    sameAnswersBefore(model);
    SavedModels.check(model, SavedModels.metaGraph(model), false);
    boolean noise = name.contains("text") || name.equals("file-and-choice");
    for (int bits : List.of(32, 8)) {
      Path small = folder.resolve("small" + bits);
      CompressionRequest request = CompressionRequest.of(0.5).withMinBytes(1000).withBits(bits);
      ModelCompressor.Outcome outcome = ModelCompressor.compress(model, request, small);
      assertThat(outcome.table().name()).isEqualTo(table);
      assertThat(outcome.table().lookups()).isEqualTo(lookups);
      assertThat(outcome.table().parts())
          .isEqualTo(name.startsWith("mod") || name.startsWith("div") ? 3 : 1);
      sameForm(model, small);
      assertThat(outcome.differences()).isNotEmpty().allMatch(d -> d.note().isEmpty());
      ForeignModels.Compared after = ForeignModels.compare(model, small);
      assertThat(after.relative()).isBetween(1e-6, noise ? 0.3 : 0.06);
      // Of products, also by the transposed table, the factors are used one after the other.
      assertThat(outcome.notes().stream().anyMatch(note -> note.contains("the whole table (")))
          .isEqualTo(name.equals("scaled"));
    }
  }

  /** What TensorFlow wrote, changed as somebody would who wants to read another file. */
  @Test
  void assetsCannotBeTurnedIntoOtherFiles() throws IOException {
    Path model = ForeignModels.unpack("file-and-choice", folder);
    SavedModel whole = SavedModels.parse(model);
    SavedModel.Builder elsewhere = whole.toBuilder();
    elsewhere.getMetaGraphsBuilder(0).getAssetFileDefBuilder(0).setFilename("../../secret.txt");
    SavedModel.Builder late = whole.toBuilder();
    for (NodeDef.Builder node :
        late.getMetaGraphsBuilder(0).getGraphDefBuilder().getNodeBuilderList()) {
      if (node.getName().equals("StatefulPartitionedCall")) { // which answers
        node.addInput("^StatefulPartitionedCall_1"); // which fills the table
      }
    }
    Path out = folder.resolve("out");
    for (SavedModel.Builder changed : List.of(elsewhere, late)) {
      Files.write(model.resolve(SavedModels.FILE), changed.build().toByteArray());
      assertThatThrownBy(() -> ModelCompressor.compress(model, CompressionRequest.of(0.5), out))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(
              changed == late
                  ? "InitializeTableFromTextFileV2 in __inference__initializer_1409: a signature runs it"
                  : "expected the name of a file in the folder assets, found '../../secret.txt'");
      assertThat(out).doesNotExist();
    }
  }

  @Test
  void constantsOfFrozenGraphsAreTables() throws IOException {
    Path model = ForeignModels.unpack("frozen", folder);
    sameAnswersBefore(model);
    Path small = folder.resolve("small");
    ModelCompressor.compress(model, CompressionRequest.of(0.5), small);
    assertThat(ForeignModels.compare(model, small).relative()).isBetween(1e-6, 0.06);
    assertThat(small.resolve("variables/variables.index")).doesNotExist();
  }

  @Test
  void codesAloneNeedNoFactorization() throws IOException {
    Path model = ForeignModels.unpack("mod-resource", folder);
    Path small = folder.resolve("small");
    ModelCompressor.Outcome outcome =
        ModelCompressor.compress(model, CompressionRequest.of(0).withBits(8), small);
    assertThat(outcome.rank()).isEqualTo(12);
    assertThat(ForeignModels.compare(model, small).relative()).isBetween(1e-6, 0.01);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text-gru",
        "text-attention",
        "text-convolution",
        "text-variable-length",
        "text-sparse",
        "file-and-choice"
      })
  void factorsAreRetrainedWhereverTheLookupStands(String name) throws IOException {
    Path model = ForeignModels.unpack(name, folder);
    List<String> texts = texts(1);
    CompressionRequest request = CompressionRequest.of(0.8).comparedOn(texts);
    double plain =
        ModelCompressor.compress(model, request, folder.resolve("plain"))
            .differences()
            .get(0)
            .relative();
    double trained =
        ModelCompressor.compress(
                model,
                request.withRetraining(
                    new CompressionRequest.Retraining(texts, 60, 1, TrainingListener.NONE)),
                folder.resolve("trained"))
            .differences()
            .get(0)
            .relative();
    assertThat(trained).isLessThan(plain);
  }

  /** Texts of numbered words; with a larger power, the first ones are frequent. */
  private static List<String> texts(int power) {
    Random random = new Random(3);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      StringBuilder text = new StringBuilder();
      for (int w = 0; w < 3 + random.nextInt(6); w++) {
        text.append(" w").append((int) (58 * Math.pow(random.nextDouble(), power)));
      }
      texts.add(text.substring(1));
    }
    return texts;
  }

  @Test
  void withoutAGradientFrequentWordsCountMore() throws IOException {
    Path model = ForeignModels.unpack("v1-text-loop", folder);
    List<String> texts = texts(4);
    CompressionRequest request = CompressionRequest.of(0.8).comparedOn(texts);
    ModelCompressor.Outcome plain =
        ModelCompressor.compress(model, request, folder.resolve("plain"));
    ModelCompressor.Outcome weighted =
        ModelCompressor.compress(
            model,
            request.withRetraining(
                new CompressionRequest.Retraining(texts, 60, 1, TrainingListener.NONE)),
            folder.resolve("weighted"));
    assertThat(weighted.notes())
        .anyMatch(n -> n.contains("no gradient of loops of TensorFlow 1"))
        .anyMatch(n -> n.contains("a row counts as often as the texts look it up"));
    assertThat(weighted.differences().get(0).relative())
        .isLessThan(0.9 * plain.differences().get(0).relative());
  }

  @Test
  void allGraphsOverOneCheckpointStayRunnable() throws IOException {
    Path model = ForeignModels.unpack("two-graphs", folder);
    Path small = folder.resolve("small");
    ModelCompressor.compress(model, CompressionRequest.of(0.5), small);
    for (String tag : List.of("train", "serve")) {
      try (SavedModelBundle bundle = SavedModelBundle.load(small.toString(), tag)) {
        assertThat(bundle.metaGraphDef().getMetaInfoDef().getTagsList()).containsExactly(tag);
      }
    }
  }

  @Test
  void whatAnOptimizerKeepsStaysOrIsEmptied() throws IOException {
    Path model = ForeignModels.unpack("optimizer-slots", folder);
    ModelCompressor.Outcome kept =
        ModelCompressor.compress(model, CompressionRequest.of(0.5), folder.resolve("kept"));
    assertThat(kept.notes()).anyMatch(n -> n.contains("--strip empties them"));
    ModelCompressor.Outcome stripped =
        ModelCompressor.compress(
            model, CompressionRequest.of(0.5).stripped(), folder.resolve("stripped"));
    assertThat(stripped.notes()).anyMatch(n -> n.contains("were emptied"));
    assertThat(kept.bytesAfter() - stripped.bytesAfter()).isGreaterThan(5000);
    assertThat(ForeignModels.compare(model, folder.resolve("stripped")).relative())
        .isLessThan(0.06);
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1-training-reference", "v1-training-resource"})
  void graphsThatStillTrainAreStripped(String name) throws IOException {
    Path model = ForeignModels.unpack(name, folder);
    assertThat(ModelCompressor.tables(model).get(0).obstacle())
        .contains("trains it: --strip leaves training out");
    Path small = folder.resolve("small");
    ModelCompressor.Outcome outcome =
        ModelCompressor.compress(model, CompressionRequest.of(0.5).stripped(), small);
    assertThat(outcome.notes()).contains("4 matrices of an optimizer (6,048 bytes) were emptied");
    assertThat(ForeignModels.compare(model, small).relative()).isBetween(1e-6, 0.06);
  }
}
