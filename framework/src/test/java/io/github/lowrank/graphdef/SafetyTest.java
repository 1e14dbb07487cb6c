package io.github.lowrank.graphdef;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.AssetFileDef;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorInfo;

class SafetyTest {
  private static final String OUTPUT =
      """
      signature_def { key: "serving_default" value {
        outputs { key: "y" value { name: "y:0" dtype: DT_FLOAT } } } }
      """;

  @TempDir Path folder;

  private static MetaGraphDef meta(String text) {
    MetaGraphDef.Builder meta = MetaGraphDef.newBuilder();
    try {
      TextFormat.merge(text + OUTPUT, meta);
    } catch (TextFormat.ParseException e) {
      throw new AssertionError(e);
    }
    meta.getMetaInfoDefBuilder().addTags("serve");
    return meta.build();
  }

  private static NodeDef string(String name, String value) throws InvalidProtocolBufferException {
    return Nodes.constant(
        name,
        org.tensorflow.proto.DataType.DT_STRING,
        org.tensorflow.proto.AttrValue.newBuilder()
            .setTensor(
                org.tensorflow.proto.TensorProto.newBuilder()
                    .setDtype(org.tensorflow.proto.DataType.DT_STRING)
                    .setTensorShape(Nodes.shape())
                    .addStringVal(ByteString.copyFromUtf8(value)))
            .build());
  }

  /** A model whose initialiser, and whose answer, copy a file. */
  private Path thief(Path from, Path to) throws IOException {
    MetaGraphDef.Builder meta =
        meta(
            """
                graph_def {
                  node { name: "read" op: "ReadFile" input: "from" }
                  node { name: "write" op: "WriteFile" input: "to" input: "read" }
                  node { name: "y" op: "Const" input: "^write"
                    attr { key: "dtype" value { type: DT_FLOAT } }
                    attr { key: "value" value { tensor { dtype: DT_FLOAT tensor_shape { }
                      float_val: 1 } } } } }
                """)
            .toBuilder();
    meta.getGraphDefBuilder().addNode(string("from", from.toString()));
    meta.getGraphDefBuilder().addNode(string("to", to.toString()));
    CollectionDef.Builder main = CollectionDef.newBuilder();
    main.getNodeListBuilder().addValue("write");
    meta.putCollectionDef("saved_model_main_op", main.build());
    Path model = folder.resolve("model");
    Files.createDirectories(model);
    Files.write(
        model.resolve(SavedModels.FILE),
        SavedModel.newBuilder()
            .setSavedModelSchemaVersion(1)
            .addMetaGraphs(meta)
            .build()
            .toByteArray());
    return model;
  }

  @Test
  void aModelThatCopiesFilesIsNotLoaded() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "x");
    Path stolen = folder.resolve("stolen");
    Path model = thief(secret, stolen);
    assertThatThrownBy(() -> SavedModels.load(model))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("ReadFile (read), WriteFile (write)")
        .hasMessageContaining("--trust-model");
    assertThat(stolen).doesNotExist();
    SavedModels.load(model, SavedModels.metaGraph(model), true).close();
    assertThat(stolen).hasContent("x");
  }

  @Test
  void opsInFunctionsAreSeenToo() {
    MetaGraphDef meta =
        meta(
            """
            graph_def { library { function { signature { name: "f" }
              node_def { name: "call" op: "EagerPyFunc" }
              node_def { name: "more" op: "EagerPyFunc" } } } }
            """);
    assertThat(Safety.describe(Safety.problems(meta)))
        .isEqualTo("EagerPyFunc (call in f and 1 more)");
  }

  @Test
  void onlyTheModelsOwnCheckpointIsRestored() {
    String restore =
        """
        saver_def { filename_tensor_name: "file:0" restore_op_name: "restore" }
        graph_def {
          node { name: "file" op: "Placeholder" }
          node { name: "other" op: "Placeholder" }
          node { name: "names" op: "Const" }
          node { name: "restore" op: "RestoreV2" %s } }
        """;
    String inputs = "input: \"%s\" input: \"names\" input: \"names\"";
    assertThat(Safety.problems(meta(restore.formatted(inputs.formatted("file"))))).isEmpty();
    assertThat(Safety.problems(meta(restore.formatted(inputs.formatted("other")))))
        .hasEntrySatisfying(
            "RestoreV2",
            places ->
                assertThat(places)
                    .containsExactly("restore: it reads another file than the model's checkpoint"));
    // Without inputs TensorFlow would end the process.
    assertThat(Safety.problems(meta(restore.formatted(""))))
        .hasEntrySatisfying(
            "RestoreV2", places -> assertThat(places).containsExactly("restore: it has 0 inputs"));
  }

  @Test
  void whatNothingRunsMayRestoreAndSaveElsewhere() {
    String left =
        """
        saver_def { filename_tensor_name: "file:0" restore_op_name: "restore" }
        graph_def {
          node { name: "file" op: "Placeholder" }
          node { name: "other" op: "Placeholder" }
          node { name: "names" op: "Const" }
          node { name: "restore" op: "NoOp" }
          node { name: "begin" op: "RestoreV2" input: "other" input: "names" input: "names" }
          node { name: "save" op: "SaveV2" input: "other" input: "names" input: "names" }
          node { name: "y" op: "Const" %s } }
        """;
    assertThat(Safety.problems(meta(left.formatted("")))).isEmpty();
    assertThat(Safety.problems(meta(left.formatted("input: \"^begin\" input: \"^save\""))))
        .containsOnlyKeys("RestoreV2", "SaveV2");
  }

  @Test
  void assetsMayStandInACollectionOrInAVariable() {
    String table =
        """
        asset_file_def { tensor_info { name: "file:0" } filename: "words.txt" }
        graph_def {
          node { name: "file" op: "Placeholder" }
          node { name: "other" op: "Placeholder" }
          node { name: "name" op: "VarHandleOp" }
          node { name: "set" op: "AssignVariableOp" input: "name" input: "%s" }
          node { name: "value" op: "ReadVariableOp" input: "name" }
          node { name: "table" op: "HashTableV2" }
          node { name: "fill" op: "InitializeTableFromTextFileV2" input: "table" input: "value" }
          node { name: "y" op: "Const" } }
        """;
    assertThat(Safety.problems(meta(table.formatted("file")))).isEmpty();
    assertThat(Safety.problems(meta(table.formatted("other"))))
        .containsOnlyKeys("InitializeTableFromTextFileV2");
    MetaGraphDef.Builder listed = meta(table.formatted("file")).toBuilder();
    CollectionDef.Builder assets = CollectionDef.newBuilder();
    assets
        .getAnyListBuilder()
        .addValue(Any.newBuilder().setValue(listed.getAssetFileDef(0).toByteString()));
    listed.clearAssetFileDef();
    assertThat(Safety.problems(listed.build())).containsOnlyKeys("InitializeTableFromTextFileV2");
    listed.putCollectionDef("saved_model_assets", assets.build());
    assertThat(Safety.problems(listed.build())).isEmpty();
  }

  /** TensorFlow gives the names of these files while it loads a model, and then never again. */
  @Test
  void answersReadNoFileWhateverItIsCalled() {
    String answer =
        """
        saver_def { filename_tensor_name: "file:0" restore_op_name: "restore" }
        asset_file_def { tensor_info { name: "words:0" } filename: "words.txt" }
        collection_def { key: "saved_model_main_op" value { node_list { value: "begin" } } }
        graph_def {
          node { name: "file" op: "Const" }
          node { name: "words" op: "Const" }
          node { name: "names" op: "Const" }
          node { name: "table" op: "HashTableV2" }
          node { name: "restore" op: "RestoreV2" input: "file" input: "names" input: "names" }
          node { name: "fill" op: "InitializeTableFromTextFileV2" input: "table" input: "words" }
          node { name: "begin" op: "NoOp" input: "^%s" }
          node { name: "y" op: "Const" %s }
          node { name: "rows" op: "Const" %s }
          node { name: "lookup" op: "GatherV2" input: "y" input: "rows" } }
        """;
    assertThat(Safety.problems(meta(answer.formatted("fill", "", "")))).isEmpty();
    assertThat(Safety.problems(meta(answer.formatted("restore", "", ""))))
        .containsOnlyKeys("RestoreV2");
    String both = "input: \"^restore\" input: \"^fill\"";
    for (String run :
        List.of(answer.formatted("fill", both, ""), answer.formatted("fill", "", both))) {
      assertThat(Safety.problems(meta(run)))
          .containsOnlyKeys("RestoreV2", "InitializeTableFromTextFileV2");
    }
  }

  /** A folder of assets with "/../../" behind it would be anywhere. */
  @Test
  void namesOfFilesAreNotPutTogether() {
    String joined =
        """
        asset_file_def { tensor_info { name: "file:0" } filename: "words" }
        graph_def {
          node { name: "file" op: "Const" }
          node { name: "rest" op: "Const" }
          node { name: "name" op: "%s" input: "file" input: "rest" }
          node { name: "table" op: "HashTableV2" }
          node { name: "fill" op: "InitializeTableFromTextFileV2" input: "table" input: "name" }
          node { name: "y" op: "Const" } }
        """;
    assertThat(Safety.problems(meta(joined.formatted("Identity")))).isEmpty();
    assertThat(Safety.problems(meta(joined.formatted("StringJoin"))))
        .containsOnlyKeys("InitializeTableFromTextFileV2");
  }

  @Test
  @Timeout(10)
  void nestedListsOfNamesAreFollowedOnce() {
    StringBuilder packs =
        new StringBuilder("node { name: \"p0\" op: \"Identity\" input: \"file\" }");
    for (int i = 1; i < 60; i++) {
      packs.append(
          "node { name: \"p%d\" op: \"Pack\" input: \"p%d\" input: \"p%d\" }"
              .formatted(i, i - 1, i - 1));
    }
    assertThat(
            Safety.problems(
                meta(
                    """
                    saver_def { filename_tensor_name: "file:0" restore_op_name: "restore" }
                    graph_def {
                      node { name: "file" op: "Placeholder" }
                      node { name: "names" op: "Const" }
                      %s
                      node { name: "restore" op: "RestoreV2" input: "p59" input: "names" input: "names" } }
                    """
                        .formatted(packs))))
        .isEmpty();
  }

  @Test
  void anAnswerMustNotSave() {
    String save =
        """
        saver_def { filename_tensor_name: "file:0" }
        graph_def {
          node { name: "file" op: "PlaceholderWithDefault" input: "names" }
          node { name: "names" op: "Const" }
          node { name: "save" op: "SaveV2" input: "file" input: "names" input: "names" }
          node { name: "y" op: "Const" %s } }
        """;
    assertThat(Safety.problems(meta(save.formatted("")))).isEmpty();
    assertThat(Safety.problems(meta(save.formatted("input: \"^save\""))))
        .hasEntrySatisfying(
            "SaveV2",
            places -> assertThat(places).containsExactly("save: loading or a signature runs it"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"../secret", "/etc/passwd", "a/../../secret", "..\\\\secret", ""})
  void assetsAreInTheirFolder(String name) throws IOException {
    Path model = thief(folder.resolve("a"), folder.resolve("b"));
    SavedModel whole = SavedModels.parse(model);
    AssetFileDef asset =
        AssetFileDef.newBuilder()
            .setFilename(name)
            .setTensorInfo(TensorInfo.newBuilder().setName("from:0").setDtype(DataType.DT_STRING))
            .build();
    CollectionDef.Builder listed = CollectionDef.newBuilder();
    listed.getAnyListBuilder().addValue(Any.newBuilder().setValue(asset.toByteString()));
    SavedModel.Builder direct = whole.toBuilder();
    direct.getMetaGraphsBuilder(0).addAssetFileDef(asset);
    SavedModel.Builder collected = whole.toBuilder();
    collected.getMetaGraphsBuilder(0).putCollectionDef("saved_model_assets", listed.build());
    for (SavedModel.Builder saved : List.of(direct, collected)) {
      Files.write(model.resolve(SavedModels.FILE), saved.build().toByteArray());
      assertThatThrownBy(() -> SavedModels.parse(model))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(
              "saved_model.pb: expected the name of a file in the folder assets, found '" + name);
    }
  }

  /** TensorFlow would take the first of them: so do the checks. */
  @Test
  void tagsThatOccurTwiceHideNoGraph() throws IOException {
    Path model = thief(folder.resolve("a"), folder.resolve("stolen"));
    SavedModel.Builder saved = SavedModels.parse(model).toBuilder();
    saved.getMetaGraphsBuilder(0).getMetaInfoDefBuilder().addTags("serve");
    saved.addMetaGraphs(meta("graph_def { node { name: \"y\" op: \"NoOp\" } }"));
    saved.getMetaGraphsBuilder(1).clearSignatureDef();
    Files.write(model.resolve(SavedModels.FILE), saved.build().toByteArray());
    assertThatThrownBy(() -> SavedModels.load(model))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("WriteFile (write)");
    assertThat(folder.resolve("stolen")).doesNotExist();
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  @Timeout(20)
  void pipesAreNoPartOfAModel() throws Exception {
    Path model = thief(folder.resolve("a"), folder.resolve("b"));
    Path pipe = Files.createDirectories(model.resolve("assets")).resolve("words.txt");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> SavedModels.parse(model))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("words.txt is neither a file nor a folder");
  }

  @Test
  void linksLeadNowhereElse() throws IOException {
    Path model = thief(folder.resolve("a"), folder.resolve("b"));
    Path secret = Files.writeString(folder.resolve("secret"), "x");
    Files.createDirectories(model.resolve("assets"));
    Files.createSymbolicLink(model.resolve("assets/words.txt"), secret);
    assertThatThrownBy(() -> SavedModels.parse(model))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("words.txt is a link that leads out of the model");
    Files.delete(model.resolve("assets/words.txt"));
    Files.createSymbolicLink(model.resolve("more"), model.resolve("assets"));
    assertThatThrownBy(() -> SavedModels.parse(model))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("more is a link: expected the folder itself");
  }
}
