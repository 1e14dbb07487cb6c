package io.github.lowrank;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the framework's rooms. */
@AnalyzeClasses(
    packages = "io.github.lowrank",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String OURS = "io.github.lowrank..";

  private static ArchRule knowsOnly(String room, String... others) {
    String[] known = new String[others.length + 1];
    System.arraycopy(others, 0, known, 0, others.length);
    known[others.length] = room;
    for (int i = 0; i < known.length; i++) {
      known[i] = "io.github.lowrank." + known[i] + "..";
    }
    return noClasses()
        .that()
        .resideInAPackage("io.github.lowrank." + room + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(OURS)
                .and(
                    com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages(
                        known)));
  }

  @ArchTest
  static final ArchRule FRAMEWORK_KNOWS_NOTHING_OF_OURS =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.github.lowrank.datasets..", "io.github.lowrank.experiments..");

  @ArchTest
  static final ArchRule NO_CIRCLES =
      slices().matching("io.github.lowrank.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule NOBODY_KNOWS_THE_ROOT =
      noClasses().should().dependOnClassesThat().resideInAPackage("io.github.lowrank");

  @ArchTest
  static final ArchRule RAW_OPS_ON_VARIABLES_STAND_IN_OP =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.github.lowrank.op..")
          .should()
          .callMethodWhere(
              target(
                      nameMatching(
                          "readVariableOp|assign\\w*VariableOp|varHandleOp|resource\\w+|variable"))
                  .and(target(owner(resideInAPackage("org.tensorflow.op..")))));

  @ArchTest static final ArchRule FILES = knowsOnly("io");

  @ArchTest static final ArchRule GRAPHS = knowsOnly("graph", "linalg", "op", "text", "io");

  @ArchTest static final ArchRule LABELLING = knowsOnly("labelling", "linalg", "io");

  @ArchTest
  static final ArchRule THE_PREDICTOR_KNOWS_JAVA_ALONE =
      noClasses()
          .that()
          .resideInAPackage("io.github.lowrank.predictor..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages("io.github.lowrank.predictor..", "java..");

  @ArchTest static final ArchRule FUNCTIONS = knowsOnly("op.function");

  @ArchTest static final ArchRule OPS = knowsOnly("op");

  @ArchTest static final ArchRule MATRICES = knowsOnly("linalg", "op");

  @ArchTest
  static final ArchRule TABLES = knowsOnly("embedding", "linalg", "op", "onnx", "predictor");

  @ArchTest
  static final ArchRule MODELS =
      knowsOnly("model", "embedding", "linalg", "op", "onnx", "predictor");

  @ArchTest static final ArchRule DISTRIBUTED = knowsOnly("distributed", "linalg", "op", "io");

  @ArchTest static final ArchRule SCHEDULES = knowsOnly("schedule", "op");

  @ArchTest static final ArchRule OPTIMIZERS = knowsOnly("optimizer", "op");

  @ArchTest static final ArchRule PROTOCOL_BUFFERS = knowsOnly("graphdef", "linalg", "op", "io");

  @ArchTest static final ArchRule ONNX = knowsOnly("onnx", "linalg");

  @ArchTest
  static final ArchRule FACTORIZATIONS =
      knowsOnly("factorization", "text", "linalg", "op", "io", "embedding");

  @ArchTest static final ArchRule TEXTS = knowsOnly("text", "linalg", "op");

  @ArchTest
  static final ArchRule TRAINING =
      knowsOnly(
          "train", "model", "embedding", "linalg", "op", "schedule", "optimizer", "text", "io");

  @ArchTest
  static final ArchRule OUR_MODELS_AND_FOREIGN_ONES =
      noClasses()
          .that()
          .resideInAPackage("io.github.lowrank.foreign")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.github.lowrank.export");

  @ArchTest
  static final ArchRule FOREIGN_MODELS_AND_OURS =
      noClasses()
          .that()
          .resideInAPackage("io.github.lowrank.export")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.github.lowrank.foreign");
}
