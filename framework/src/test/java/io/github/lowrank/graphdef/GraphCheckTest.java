package io.github.lowrank.graphdef;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;

/** Graphs that do not hold together; with many of them TensorFlow 2.18 ends the process. */
class GraphCheckTest {
  @TempDir Path folder;

  /** A graph with all that the cases damage. */
  private static final String WHOLE =
      """
      graph_def {
        node { name: "x" op: "Placeholder"
          attr { key: "dtype" value { type: DT_FLOAT } }
          attr { key: "shape" value { shape { dim { size: -1 } dim { size: 3 } } } } }
        node { name: "perm" op: "Const"
          attr { key: "dtype" value { type: DT_INT32 } }
          attr { key: "value" value { tensor { dtype: DT_INT32
            tensor_shape { dim { size: 2 } } int_val: 1 int_val: 0 } } } }
        node { name: "axis" op: "Const"
          attr { key: "dtype" value { type: DT_INT32 } }
          attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 } } } }
        node { name: "y" op: "Transpose" input: "x" input: "perm"
          attr { key: "T" value { type: DT_FLOAT } }
          attr { key: "Tperm" value { type: DT_INT32 } } }
        node { name: "z" op: "GatherV2" input: "x" input: "perm" input: "axis"
          attr { key: "batch_dims" value { i: 0 } }
          attr { key: "Tparams" value { type: DT_FLOAT } }
          attr { key: "Tindices" value { type: DT_INT32 } }
          attr { key: "Taxis" value { type: DT_INT32 } } }
        node { name: "loop" op: "While" input: "axis"
          attr { key: "T" value { list { type: DT_INT32 } } }
          attr { key: "cond" value { func { name: "less" } } }
          attr { key: "body" value { func { name: "next" } } } }
        node { name: "file" op: "Placeholder"
          attr { key: "dtype" value { type: DT_STRING } } }
        node { name: "restore" op: "RestoreV2" input: "file" input: "file" input: "file"
          attr { key: "dtypes" value { list { type: DT_FLOAT } } } }
        library {
          function {
            signature { name: "next" input_arg { name: "i" type: DT_INT32 }
              output_arg { name: "o" type: DT_INT32 } }
            node_def { name: "n" op: "Identity" input: "i"
              attr { key: "T" value { type: DT_INT32 } } }
            ret { key: "o" value: "n:output:0" }
          }
          function {
            signature { name: "less" input_arg { name: "i" type: DT_INT32 }
              output_arg { name: "o" type: DT_BOOL } }
            node_def { name: "n" op: "Less" input: "i" input: "i"
              attr { key: "T" value { type: DT_INT32 } } }
            ret { key: "o" value: "n:z:0" }
          }
        }
      }
      signature_def { key: "serve" value {
        inputs { key: "x" value { name: "x:0" dtype: DT_FLOAT } }
        outputs { key: "y" value { name: "y:0" dtype: DT_FLOAT } } } }
      saver_def { filename_tensor_name: "file:0" restore_op_name: "restore" }
      """;

  private static MetaGraphDef meta(String text) {
    MetaGraphDef.Builder meta = MetaGraphDef.newBuilder();
    try {
      TextFormat.merge(text, meta);
    } catch (TextFormat.ParseException e) {
      throw new AssertionError(e);
    }
    meta.getMetaInfoDefBuilder().addTags("serve");
    return meta.build();
  }

  @Test
  void aWholeGraphPasses() {
    assertThatCode(() -> GraphCheck.check("m", meta(WHOLE))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "op: \"RestoreV2\" input: \"file\" input: \"file\" input: \"file\" | op: \"RestoreV2\" | node restore (RestoreV2), inputs: expected (string, string, string), found ()",
        "input: \"x\" input: \"perm\" attr | input: \"x\" attr | node y (Transpose), inputs: expected (float, int32), found (float)",
        "input: \"perm\" attr | input: \"x\" attr | node y (Transpose), inputs: expected (float, int32), found (float, float)",
        "input: \"perm\" attr | input: \"nothing\" attr | node y (Transpose): expected inputs that exist, found 'nothing'",
        "input: \"perm\" attr | input: \"perm:7\" attr | node y (Transpose): expected inputs that exist, found 'perm:7'",
        "input: \"perm\" attr | input: \"perm\" input: \"^nothing\" attr | node y (Transpose): expected inputs that exist, found '^nothing'",
        "attr { key: \"T\" value { type: DT_FLOAT } } |  | node y (Transpose): expected an attribute T of the kind type, found none",
        "attr { key: \"T\" value { type: DT_FLOAT } } | attr { key: \"T\" value { i: 1 } } | node y (Transpose): expected an attribute T of the kind type, found the kind I",
        "key: \"Tperm\" value { type: DT_INT32 } | key: \"Tperm\" value { type: DT_STRING } | expected an attribute Tperm that the op allows",
        "tensor { dtype: DT_INT32 tensor_shape { } | tensor { dtype: DT_STRING tensor_shape { } | node axis (Const): expected a value of the type DT_INT32, found DT_STRING",
        "tensor_shape { dim { size: 2 } } | tensor_shape { } | node y (Transpose), input perm: expected 1 dimensions, found 0",
        "dim { size: 3 } | dim { size: 4611686018427387904 } | node x (Placeholder), attribute shape: expected sizes",
        "dim { size: 2 } | dim { size: -2 } | node perm (Const), attribute value: expected sizes",
        "int_val: 1 int_val: 0 | tensor_content: \"abc\" | node perm (Const), attribute value: expected 8 bytes, found 3",
        "value { i: 0 } | value { i: 7 } | node z (GatherV2): expected batch_dims of at most its axis, found 7",
        "name: \"axis\" | name: \"perm\" | node perm (Const): expected a name of its own, found 'perm'",
        "func { name: \"next\" } | func { name: \"nothing\" } | node loop (While): expected functions that exist, found 'nothing'",
        "func { name: \"next\" } | func { name: \"less\" } | node loop (While), function less, results: expected (int32), found (bool)",
        "input_arg { name: \"i\" type: DT_INT32 } | input_arg { name: \"i\" type: DT_INT32 } input_arg { name: \"j\" type: DT_INT32 } | node loop (While), function next: expected (int32), found (int32, int32)",
        "value: \"n:output:0\" | value: \"n:nothing:0\" | function next, result o: expected inputs that exist, found 'n:nothing:0'",
        "name: \"n\" op: \"Identity\" input: \"i\" | name: \"n\" op: \"next\" input: \"i\" | function next",
        "name: \"less\" input_arg | name: \"next\" input_arg | functions: expected names of their own, found 'next'",
        "name: \"next\" input_arg | name: \"Less\" input_arg | functions: expected names of their own, found 'Less'",
        "name: \"y:0\" | name: \"nothing:0\" | signature serve, y: expected inputs that exist, found 'nothing:0'",
        "name: \"y:0\" | name: \"axis:0\" | signature serve, y: expected a tensor of the type DT_FLOAT, found axis:0 of the type DT_INT32",
        "restore_op_name: \"restore\" | restore_op_name: \"nothing\" | saver: expected a node that exists, found 'nothing'",
        "filename_tensor_name: \"file:0\" | filename_tensor_name: \"x:0\" | saver: expected strings, found 'x:0'"
      })
  void whatDoesNotHoldTogetherIsNamed(String what, String instead, String message) {
    String text = WHOLE.replaceAll("\\s+", " ");
    int at = text.indexOf(what);
    String damaged =
        text.substring(0, at)
            + (instead == null ? "" : instead)
            + text.substring(at + what.length());
    assertThatThrownBy(() -> GraphCheck.check("m", meta(damaged)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("m is damaged: ")
        .hasMessageContaining(message);
  }

  @Test
  void onlyLoopsOfTensorFlow1GoRound() {
    String circle =
        """
        graph_def {
          node { name: "a" op: "%s" input: "b" %s attr { key: "T" value { type: DT_INT32 } } %s }
          node { name: "b" op: "%s" input: "a" attr { key: "T" value { type: DT_INT32 } } }
        }
        """;
    String number = "attr { key: \"N\" value { i: 2 } }";
    assertThatCode(
            () ->
                GraphCheck.check(
                    "m", meta(circle.formatted("Merge", "input: \"b\"", number, "NextIteration"))))
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () -> GraphCheck.check("m", meta(circle.formatted("Abs", "", "", "Identity"))))
        .hasMessageContaining("node a (Abs): expected no circle");
  }

  @Test
  void nothingDamagedIsLoadedWhetherTrustedOrNot() throws IOException {
    String damaged = WHOLE.replace("input: \"file\" input: \"file\" input: \"file\"", "");
    Files.write(
        folder.resolve(SavedModels.FILE),
        SavedModel.newBuilder().addMetaGraphs(meta(damaged)).build().toByteArray());
    assertThatThrownBy(() -> SavedModels.load(folder))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("node restore (RestoreV2), inputs");
    assertThatThrownBy(() -> SavedModels.load(folder, meta(damaged), true))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("node restore (RestoreV2), inputs");
  }
}
