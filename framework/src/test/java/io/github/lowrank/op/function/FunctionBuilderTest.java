package io.github.lowrank.op.function;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.tensorflow.proto.DataType.DT_DOUBLE;
import static org.tensorflow.proto.DataType.DT_FLOAT;
import static org.tensorflow.proto.DataType.DT_INT32;
import static org.tensorflow.proto.DataType.DT_INT64;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;

class FunctionBuilderTest {
  private final FunctionBuilder f = new FunctionBuilder("Some");
  private final Value x = f.input("x", DT_FLOAT);
  private final Value ids = f.input("ids", DT_INT64);

  private NodeDef last() {
    return f.build().definition().getNodeDefList().stream().reduce((a, b) -> b).orElseThrow();
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void attributesAndTypesFollowFromTheInputs() {
    Value rows = f.gather("rows", x, ids, f.scalar("axis", 0));
    assertThat(rows).isEqualTo(new Value(f, "rows:output:0", DT_FLOAT));
    assertThat(last().getAttrOrThrow("Tparams").getType()).isEqualTo(DT_FLOAT);
    assertThat(last().getAttrOrThrow("Tindices").getType()).isEqualTo(DT_INT64);
    assertThat(last().getAttrOrThrow("Taxis").getType()).isEqualTo(DT_INT32);

    f.concat("joined", f.scalar("joined_axis", 0), x, rows, x);
    assertThat(last().getAttrOrThrow("N")).isEqualTo(AttrValue.newBuilder().setI(3).build());

    Node unique = f.node("Unique", "unique").in(x);
    assertThat(unique.output("idx").type()).as("the default of out_idx").isEqualTo(DT_INT32);
    Node split =
        f.node("Split", "halves").attr("num_split", a -> a.setI(2)).in(f.scalar("at", 0), x);
    assertThat(split.output("output", 1)).isEqualTo(new Value(f, "halves:output:1", DT_FLOAT));
    f.node("IdentityN", "both").in(x, ids);
    assertThat(last().getAttrOrThrow("T").getList().getTypeList())
        .containsExactly(DT_FLOAT, DT_INT64);
  }

  @Test
  void valuesStayInTheirFunction() {
    FunctionBuilder other = new FunctionBuilder("Other");
    String message = "x is a value of function Some, not of Other";
    refused(() -> other.op("Relu", "relu", x), message);
    refused(() -> other.output("y", x), message);
  }

  @Test
  void whatTheOpDoesNotKnowIsRefused() {
    assertThatThrownBy(() -> f.op("NoSuchOp", "y", x)).hasMessageContaining("NoSuchOp");
    refused(() -> f.op("AddV2", "y", x, ids), "DT_FLOAT");
    refused(() -> f.op("AddV2", "y", x), "1 inputs, not [x, y]");
    refused(() -> f.op("ConcatV2", "y"), "0 inputs, not [values, axis]");
    refused(() -> f.op("Pack", "y", x, ids), "DT_INT64");
    refused(() -> f.op("ReadFile", "y", x), "DT_FLOAT as filename");
    refused(() -> f.node("Relu", "y").attr("Tx", a -> a.setType(DT_DOUBLE)), "no attribute Tx");
    refused(() -> f.op("Cast", "y", x), "no value of attribute DstT");
    refused(() -> f.node("Relu", "y").in(x).output("z"), "no output z among [activations]");
    refused(() -> f.op("Relu", "x", x), "two values named x");
    refused(() -> f.input("weights"), "no input weights");
  }

  @Test
  void aSecondGradientIsRefused() {
    FunctionOp some = f.build().withGradient((tf, op, dy) -> List.of());
    assertThat(some.type()).isEqualTo("Some");
    assertThatThrownBy(() -> FunctionOp.registerGradient("Some", (tf, op, dy) -> List.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Some");
    assertThatThrownBy(() -> FunctionOp.registerGradient("Relu", (tf, op, dy) -> List.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Relu");
  }

  @Test
  void thisRoomKnowsNothingOfOurs() {
    String room = FunctionBuilder.class.getPackageName();
    noClasses()
        .that()
        .resideInAPackage(room)
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "are others of ours",
                (JavaClass c) ->
                    c.getPackageName().startsWith("io.github.lowrank")
                        && !c.getPackageName().equals(room)))
        .check(
            new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages(room));
  }
}
