package io.github.lowrank.experiments;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the modules. */
@AnalyzeClasses(
    packages = "io.github.lowrank",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule DATASETS_KNOW_NOTHING_OF_OURS =
      noClasses()
          .that()
          .resideInAPackage("io.github.lowrank.datasets..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.github.lowrank.experiments..",
              "io.github.lowrank.op..",
              "io.github.lowrank.embedding..",
              "io.github.lowrank.model..",
              "io.github.lowrank.text..",
              "io.github.lowrank.train..",
              "io.github.lowrank.export..");

  @ArchTest
  static final ArchRule NO_CIRCLES =
      slices().matching("io.github.lowrank.experiments.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule REPORTS_READ_ROWS =
      noClasses()
          .that()
          .resideInAPackage("io.github.lowrank.experiments.report")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.github.lowrank.op..", "io.github.lowrank.model..");
}
