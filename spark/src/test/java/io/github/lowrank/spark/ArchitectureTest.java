package io.github.lowrank.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of this module. */
@AnalyzeClasses(
    packages = "io.github.lowrank",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule NOBODY_KNOWS_SPARK =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.github.lowrank.spark..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.github.lowrank.spark..", "org.apache.spark..");

  @ArchTest
  static final ArchRule SPARK_KNOWS_NO_COMMAND_LINE =
      noClasses()
          .that()
          .resideInAPackage("io.github.lowrank.spark..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.github.lowrank.experiments.cli..", "io.github.lowrank.experiments.catalogue..");
}
