package io.github.lowrank;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
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
  static final ArchRule RAW_VARIABLE_OPS_STAND_IN_OP =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.github.lowrank.op")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("org.tensorflow.op.core.VarHandleOp");

  @ArchTest
  static final ArchRule GROUND_FLOOR =
      classes()
          .that()
          .resideInAPackage("io.github.lowrank.op")
          .should()
          .onlyDependOnClassesThat()
          .resideOutsideOfPackages(
              "io.github.lowrank.embedding..",
              "io.github.lowrank.model..",
              "io.github.lowrank.schedule..",
              "io.github.lowrank.optimizer..",
              "io.github.lowrank.train..",
              "io.github.lowrank.text..",
              "io.github.lowrank.export..",
              "io.github.lowrank.cost..");

  @ArchTest
  static final ArchRule TRAINING_KNOWS_NO_CONSOLE =
      noClasses()
          .that()
          .resideInAPackage("io.github.lowrank.train")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("me.tongfei..");
}
