package io.github.lowrank.experiments;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.github.lowrank.train.Evaluation;

/** The arrows between the modules. */
@AnalyzeClasses(
    packages = "io.github.lowrank",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String OURS = "io.github.lowrank..";

  @ArchTest
  static final ArchRule DATASETS_SEE_NOTHING_OF_OURS =
      noClasses()
          .that()
          .resideInAPackage("io.github.lowrank.datasets..")
          .should()
          .dependOnClassesThat(
              resideInAPackage(OURS).and(not(resideInAPackage("io.github.lowrank.datasets.."))));

  private static ArchRule neverReaches(String room, String... others) {
    String[] packages = new String[others.length];
    for (int i = 0; i < others.length; i++) {
      packages[i] = "io.github.lowrank.experiments." + others[i] + "..";
    }
    return noClasses()
        .that()
        .resideInAPackage("io.github.lowrank.experiments." + room + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages);
  }

  @ArchTest
  static final ArchRule SPECIFICATIONS =
      neverReaches("spec", "record", "run", "report", "catalogue", "cli", "bench");

  @ArchTest static final ArchRule RUNS = neverReaches("run", "catalogue", "cli", "bench");

  @ArchTest static final ArchRule COMMAND_LINE = neverReaches("cli", "catalogue");

  @ArchTest
  static final ArchRule NOBODY_KNOWS_THE_ROOT =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.github.lowrank.experiments", "io.github.lowrank");

  @ArchTest
  static final ArchRule NO_CIRCLES =
      slices().matching("io.github.lowrank.experiments.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule RECORDS_KNOW_NO_OTHER_ROOM =
      noClasses()
          .that()
          .resideInAPackage("io.github.lowrank.experiments.record..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.github.lowrank.experiments..")
                  .and(not(resideInAPackage("io.github.lowrank.experiments.record.."))));

  @ArchTest
  static final ArchRule REPORTS_STAND_ON_RECORDS_ALONE =
      noClasses()
          .that()
          .resideInAPackage("io.github.lowrank.experiments.report..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.github.lowrank..")
                  .and(
                      not(
                          resideInAnyPackage(
                              "io.github.lowrank.experiments.report..",
                              "io.github.lowrank.experiments.record..",
                              "io.github.lowrank.io..")))
                  .and(not(equivalentTo(Evaluation.class))))
          .orShould()
          .dependOnClassesThat()
          .resideInAPackage("org.tensorflow..");
}
